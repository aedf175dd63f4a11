"""Reads the project as text and syntax trees, for the tests that guard how it is written."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("gateway", "adapters", "consent", "schemas")
# Migrations are a record of what was done; their length is not a matter of style.
MIGRATIONS = "gateway/store/migrations/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One Python file: its path from the root, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        """Return the top-level package the file belongs to."""
        return self.path.partition("/")[0]


def module(text: str, path: str = "consent/example.py") -> Module:
    """Return a module that exists only in a test."""
    return Module(path=path, text=text, tree=ast.parse(text))


@cache
def modules() -> tuple[Module, ...]:
    """Return every Python file of the four packages."""
    files = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
    return tuple(
        module(file.read_text(encoding="utf-8"), file.relative_to(ROOT).as_posix())
        for file in files
    )


@cache
def files() -> tuple[str, ...]:
    """Return every file of the project: what git tracks or would track."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "-c", "-o", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode == 0:
        listed = sorted(listing.stdout.decode().split("\0"))
        return tuple(path for path in listed if path and (ROOT / path).is_file())
    return tuple(sorted(_walk()))


def _walk() -> Iterator[str]:
    """List a copy without git: everything but hidden folders at the root and what Python made."""
    for entry in ROOT.iterdir():
        if entry.is_file():
            yield entry.name
        elif not entry.name.startswith(".") or entry.name == ".ci":
            for file in entry.rglob("*"):
                if file.is_file() and "__pycache__" not in file.parts:
                    yield file.relative_to(ROOT).as_posix()


def text_of(path: str) -> str | None:
    """Return a file's text, or None when it is no text."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def document(path: str) -> str:
    """Return a document that must exist."""
    file = ROOT / path
    assert file.is_file(), f"{path} is missing: write it, this test reads it"
    return file.read_text(encoding="utf-8")


def table_rows(text: str) -> Iterator[dict[str, str]]:
    """Yield each row of each Markdown table as {column title in lower case: cell}."""
    titles: list[str] = []
    for line in text.splitlines():
        if not line.lstrip().startswith("|"):
            titles = []
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").replace(r"\|", "¦").split("|")]
        if not titles:
            titles = [cell.lower() for cell in cells]
        elif not all(set(cell) <= set(":- ") for cell in cells):
            yield dict(zip(titles, cells, strict=False))
