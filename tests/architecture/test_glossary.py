"""Flemish stays where law has no exact English word, and then docs/glossary.md explains it."""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from tests.architecture.project import Module, document, module, modules, table_rows

PAGE = "docs/glossary.md"


def word_list(file: str) -> frozenset[str]:
    """Read a list of words; a line that starts with # says what it holds."""
    lines = Path(__file__).with_name(file).read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


FLEMISH = word_list("flemish.txt")
GENERIC = word_list("generic.txt")
SOURCE_SPELLING = "adapters/*/payload.py"


def identifiers(code: Module) -> Iterator[str]:
    """Yield every name that the file introduces or uses, and its own."""
    yield PurePosixPath(code.path).stem
    yield PurePosixPath(code.path).parent.name
    for node in ast.walk(code.tree):
        for field in ("id", "attr", "arg", "name", "asname"):
            if isinstance(name := getattr(node, field, None), str):
                yield name


def words(name: str) -> str:
    """Return a name as words between underscores: `HuisVanHetKind` is `_huis_van_het_kind_`."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", name)
    return "_" + "_".join(part.lower() for part in parts) + "_"


def used(code: Module, terms: frozenset[str]) -> set[str]:
    """Return the terms that occur as whole words in the file's names."""
    names = {words(name) for name in identifiers(code)}
    return {term for term in terms if any(f"_{term}_" in name for name in names)}


def explained(page: str) -> set[str]:
    """Return the terms in the first column of the page's tables."""
    cells = [next(iter(row.values()), "") for row in table_rows(page)]
    terms = [term for cell in cells for term in cell.replace("`", "").split(",")]
    return {term.strip().lower().replace(" ", "_") for term in terms}


def test_every_flemish_name_is_explained() -> None:
    found = {term: code.path for code in modules() for term in used(code, FLEMISH)}
    missing = {term: found[term] for term in sorted(set(found) - explained(document(PAGE)))}
    assert missing == {}, f"{PAGE} explains each in a table whose first column is the term"


def test_generic_things_have_english_names() -> None:
    found = {
        f"{code.path}: {term}"
        for code in modules()
        if not fnmatch(code.path, SOURCE_SPELLING)
        for term in used(code, GENERIC)
    }
    assert found == set(), f"the source's spelling lives only in {SOURCE_SPELLING}"


def test_flemish_words_would_be_found() -> None:
    code = module("def find_insz(HuisVanHetKind):\n    return HuisVanHetKind.voogd\n")
    assert used(code, FLEMISH) == {"insz", "huis_van_het_kind"}
    assert used(code, GENERIC) == {"voogd"}
    assert used(module("inszone = classes = 1\n"), FLEMISH) == set()


def test_only_terms_in_the_first_column_are_explained() -> None:
    page = "| Term | Meaning |\n|---|---|\n| `insz`, `bis` | vaph |\n| Huis van het Kind | |\n"
    assert explained(page) == {"insz", "bis", "huis_van_het_kind"}
