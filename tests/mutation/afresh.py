"""Mutants that need the engine to be imported anew: tables, and what runs while importing."""

import gc
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

import pytest

from tests.mutation.forks import Job, Verdict, side_by_side
from tests.mutation.mutants import Mutant
from tests.mutation.suites import OPTIONS, all_tests, passes, stages

_OURS: Final = frozenset({"adapters", "consent", "gateway", "schemas"})
_SECONDS: Final = 120.0


class _Changed(SourceFileLoader):
    """Loads a changed text in the place of the file's own."""

    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._source, self.get_filename(fullname), "exec")


class _Finder:
    """Finds one module changed, and leaves all others to the rest of Python."""

    def __init__(self, mutant: Mutant) -> None:
        self._name = mutant.path.removesuffix(".py").replace("/", ".")
        self._loader = _Changed(self._name, str(Path(mutant.path).resolve()), mutant.source)

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return spec_from_file_location(name, loader=self._loader) if name == self._name else None


def judged(mutants: Iterable[Mutant], workers: int) -> Iterator[tuple[Mutant, Verdict]]:
    """Import everything afresh for each mutant, and ask the tests until one fails."""
    _warm()
    jobs = (Job(one, partial(_survives, one), _SECONDS) for one in mutants)
    yield from side_by_side(jobs, workers)


def _warm() -> None:
    """Import what all of them need, and forget what may have been changed by a mutant."""
    pytest.main([*OPTIONS, "-qqq", "--collect-only", *all_tests()])
    for name in [one for one in sys.modules if _is_ours(one)]:
        del sys.modules[name]
    gc.freeze()


def _is_ours(name: str) -> bool:
    top = name.partition(".")[0]
    return top in _OURS or (top == "tests" and not name.startswith("tests.mutation"))


def _survives(mutant: Mutant) -> bool:
    sys.meta_path.insert(0, _Finder(mutant))
    return all(passes(stage) for stage in stages(mutant.path))
