"""The documents name places that exist, and the root stays as small as it was drawn."""

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch

import pytest

from tests.architecture.project import ROOT, document, files, text_of

DOCUMENTS = ("docs/architecture.md", "docs/how-to/install-on-kubernetes.md")
LONGEST_ARCHITECTURE = 250
# Folders that are made on the machine that runs the project, never kept.
MADE = (".venv/", ".deelregie/", ".cache/")
ALLOWED_AT_ROOT = (
    "adapters/",
    "consent/",
    "deploy/",
    "docs/",
    "gateway/",
    "schemas/",
    "tests/",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "LICENSES/",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "pyproject.toml",
    "publiccode.yml",
    "requirements*.lock",
    ".*",
)
WORKPLACES = re.compile(r"(?:^|[\s\"'`(=:,\[])/(?:farm|home|root|work)/\w")


def named_paths(text: str) -> Iterator[str]:
    """Yield what a Markdown text names as a path of this project."""
    roots = tuple(entry.name + "/" for entry in ROOT.iterdir() if entry.is_dir())
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    for quoted in re.findall(r"`([^`\n]+)`", prose):
        for word in quoted.split():
            if word.startswith(roots) and not word.startswith(MADE):
                yield word.rstrip(".,;:")


def links(text: str) -> Iterator[str]:
    """Yield each link to another file."""
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" not in target and not target.startswith(("#", "mailto:")):
            yield target.partition("#")[0]


def exists(path: str, known: Iterable[str]) -> bool:
    """Say whether a path exists; `<source>`, `NNNN`, `*` and `…` stand for any name."""
    pattern = re.sub(r"<[^>]*>|NNNN|…|\*+", "*", path.partition("::")[0]).rstrip("/")
    choices = re.search(r"\{([^}]*)\}", pattern)
    if choices:
        options = [pattern.replace(choices[0], one.strip()) for one in choices[1].split(",")]
        return all(exists(option, known) for option in options)
    return any(fnmatch(file, pattern) or fnmatch(file, f"{pattern}/*") for file in known)


@pytest.mark.parametrize("page", DOCUMENTS)
def test_document_names_only_paths_that_exist(page: str) -> None:
    missing = [path for path in named_paths(document(page)) if not exists(path, files())]
    assert missing == []


def test_links_between_documents_lead_somewhere() -> None:
    dead = [
        f"{page}: {target}"
        for page in files()
        if page.endswith(".md") and not page.startswith("schemas/")
        for target in links(text_of(page) or "")
        if not (ROOT / page).parent.joinpath(target).exists()
    ]
    assert dead == []


def test_a_path_that_does_not_exist_would_be_found() -> None:
    text = "`tests/nowhere.py` and `tests/{architecture,nowhere}` but `tests/<kind>/project.py`"
    known = ("tests/architecture/project.py",)
    assert [path for path in named_paths(text) if not exists(path, known)] == [
        "tests/nowhere.py",
        "tests/{architecture,nowhere}",
    ]
    assert list(links("[a](b.md#c) [d](https://example.org) [e](#f)")) == ["b.md"]


def test_architecture_stays_short_enough_to_read() -> None:
    assert len(document("docs/architecture.md").splitlines()) <= LONGEST_ARCHITECTURE


def strays(paths: Iterable[str]) -> set[str]:
    """Return what lies at the root and has no place there."""
    tops = {path.partition("/")[0] + ("/" if "/" in path else "") for path in paths}
    return {top for top in tops if not any(fnmatch(top, name) for name in ALLOWED_AT_ROOT)}


def test_root_holds_only_what_belongs_there() -> None:
    assert strays(files()) == set()


def test_a_stray_at_the_root_would_be_found() -> None:
    found = strays(("utils/x.py", "notes.txt", ".ci/run", "requirements-dev.lock", "tests/a.py"))
    assert found == {"utils/", "notes.txt"}


def workplaces(text: str) -> list[str]:
    """Return the lines that name a folder of one particular machine."""
    return [line for line in text.splitlines() if WORKPLACES.search(line)]


def test_no_file_names_a_folder_of_one_machine() -> None:
    found = {path: lines for path in files() if (lines := workplaces(text_of(path) or ""))}
    assert found == {}


def test_a_folder_of_one_machine_would_be_found() -> None:
    for folder in ("farm", "home", "root", "work"):
        assert workplaces(f'x = "/{folder}/main/x.py"')
    for before in ("https://example.org", "."):
        assert not workplaces(f"{before}/{folder}/x and /root")
