"""The image: built from locks only, and what its recipe names exists."""

import re
from collections.abc import Iterator

from tests.architecture.project import PACKAGES, ROOT

RECIPE = ROOT / "deploy" / "Dockerfile"


def copied(recipe: str) -> Iterator[str]:
    """Yield what is copied from the project."""
    for words in re.findall(r"^COPY (?!--from)(.+)$", recipe, flags=re.MULTILINE):
        yield from words.split()[:-1]


def loose_installs(recipe: str) -> list[str]:
    """Return the calls of pip that would take what no lock names."""
    calls = re.findall(r"pip (?:install|wheel) [^\n\\&]+", recipe)
    return [call for call in calls if "--require-hashes" not in call and "--no-deps" not in call]


def test_image_is_made_of_what_exists() -> None:
    sources = set(copied(RECIPE.read_text(encoding="utf-8")))
    assert set(PACKAGES) <= sources
    assert {source for source in sources if not (ROOT / source).exists()} == set()


def test_build_sees_exactly_what_the_image_is_made_of() -> None:
    allowed = RECIPE.with_name("Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    shown = {line.removeprefix("!") for line in allowed if line.startswith("!")}
    assert shown == set(copied(RECIPE.read_text(encoding="utf-8")))


def test_image_takes_nothing_that_is_not_locked() -> None:
    assert loose_installs(RECIPE.read_text(encoding="utf-8")) == []


def test_a_loose_install_would_be_found() -> None:
    assert loose_installs("RUN pip install requests && pip install --no-deps .") == [
        "pip install requests "
    ]


def test_image_and_chart_run_as_the_same_number() -> None:
    [user] = re.findall(r"^USER (\d+):\d+$", RECIPE.read_text("utf-8"), flags=re.MULTILINE)
    pod = ROOT / "deploy" / "helm" / "deelregie" / "templates" / "_helpers.tpl"
    assert f"runAsUser: {user}\n" in pod.read_text(encoding="utf-8")
