"""The tests that a mutant has to face: the units of the engine and the written stories.

Fast, and the same every time. The theorems are left out: what only chance would find counts as
alive.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

from tests.mutation.calling import Calling

OPTIONS: Final = (
    # Plain asserts fail as well as explained ones, and nobody reads the explanation here.
    *("-q", "-s", "-x", "--noconftest", "--timeout=0", "--assert=plain"),
    *("-p", "no:cacheprovider", "-p", "no:xdist"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
Tests = tuple[str, ...]
_UNITS: Final = Path("tests/unit/consent")
_STORIES: Final = Path("tests/unit/scenarios")
_SHARED: Final = frozenset({"moments.py"})
# The page of rules is written from these, and its test is the quickest of all.
_ON_THE_PAGE: Final = frozenset({"rules.py", "rule.py", "reasons.py"})
# Asked before all others, because they fail most often for a change of that file.
_FIRST: Final = {
    **dict.fromkeys(_ON_THE_PAGE, "legal_register"),
    "edition.py": "rules_edition",
    "explain.py": "sentences",
    "gates.py": "who_asks",
    "lifecycle.py": "lifecycle",
    "model.py": "model",
    "moments.py": "moments",
    "outline.py": "outline",
    "provision_codes.py": "provisions_codes",
    "provision_matching.py": "provisions_doubts",
    "provision_model.py": "provisions_doubts",
    "vocabulary.py": "vocabulary",
}


def all_tests() -> Tests:
    """Everything a mutant may have to face."""
    return tuple(one for stage in (*_of_rules(), *_of_provisions()) for one in stage)


def stages(path: str) -> tuple[Tests, ...]:
    """Give the tests for a change in this file; each stage is asked if those before it passed."""
    name = Path(path).name
    first = _named([_UNITS / f"test_{_FIRST[name]}.py"]) if name in _FIRST else ()
    if name in _SHARED:
        return (first, *_of_rules(), *_of_provisions())
    return (first, *(_of_provisions() if "provision" in name else _of_rules()))


def _of_rules() -> tuple[Tests, ...]:
    units = [one for one in _units() if "provision" not in one.name and "scenario" not in one.name]
    stories = [one for one in _units() if "scenario" in one.name]
    stories += [one for one in _STORIES.glob("test_*.py") if "fhir" not in one.name]
    return _named(units), _named(stories)


def _of_provisions() -> tuple[Tests, ...]:
    units = [one for one in _units() if "provision" in one.name]
    stories = [one for one in _STORIES.glob("test_*.py") if "fhir" in one.name]
    return _named(units), _named(stories)


def _units() -> Iterable[Path]:
    return _UNITS.glob("test_*.py")


def _named(files: Iterable[Path]) -> Tests:
    return tuple(sorted(one.as_posix() for one in files))


def passes(tests: Tests) -> bool:
    """Whether all of these tests pass in this process; where there are none, nothing fails."""
    return not tests or pytest.main([*OPTIONS, *tests], plugins=[Calling()]) == pytest.ExitCode.OK
