"""Mutants of functions, put into the running engine: a hundred times faster than importing anew.

All tests are collected once. Each mutant is a fork in which one function gets other code; whoever
holds that function, a table or another module, then calls the mutant.
"""

import gc
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from types import CodeType, FrameType, FunctionType
from typing import Any, Final, NamedTuple

import pytest

from tests.mutation.calling import passes
from tests.mutation.forks import Job, Verdict, side_by_side
from tests.mutation.mutants import Mutant
from tests.mutation.results import remember

Place = tuple[str, str]
"""A file and the qualified name of a function in it."""
_AT_LEAST: Final = 5.0
_TIMES: Final = 10.0


class Swap(NamedTuple):
    """The function that a mutant changes, and the code that function gets."""

    place: Place
    code: CodeType


class Test(NamedTuple):
    """How long a test takes, and its number in the session."""

    seconds: float
    number: int


class InPlace:
    """A plugin of pytest that judges mutants where tests would be run."""

    def __init__(self, mutants: Sequence[Mutant], workers: int) -> None:
        self._mutants = mutants
        self._workers = workers
        self._early: set[Place] = set()
        self.judged = [False] * len(mutants)
        """Whether exchanging a function could make the mutant; the others need a fresh import."""

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Iterator[None]:
        """Note what runs while importing: its results are kept, so exchanging it is too late."""
        self._early = set()
        watch(self._early)
        try:
            return (yield)
        finally:
            sys.setprofile(None)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Judge every mutant that is a function's, with the tests that reach that function."""
        functions = {place: one for place, one in _functions().items() if place not in self._early}
        tests = _reached(session)
        swaps: dict[int, Swap] = {}
        for number, mutant in enumerate(self._mutants):
            swap = swap_of(mutant)
            if swap is not None and swap.place in functions:
                swaps[number] = swap
                self.judged[number] = True
        gc.freeze()
        jobs = (
            _job(number, swap.code, functions[swap.place], tests.get(swap.place, []), session)
            for number, swap in swaps.items()
        )
        for number, verdict in side_by_side(jobs, self._workers):
            remember(self._mutants[number].key, verdict)
        return True


def watch(places: set[Place]) -> None:
    """Note every function of the engine that is called from now on."""
    root = str(Path("consent").resolve())

    def note(frame: FrameType, event: str, _value: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(root):
            places.add((code.co_filename, outermost(code.co_qualname)))

    sys.setprofile(note)


def outermost(name: str) -> str:
    """Give the function or method that holds a nested one."""
    return name.partition(".<locals>")[0]


def _functions() -> dict[Place, FunctionType]:
    """Find the engine's functions and methods; one that exists twice is left out."""
    root = str(Path("consent").resolve())
    found: dict[Place, list[FunctionType]] = {}
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename.startswith(root):
            place = (one.__code__.co_filename, one.__code__.co_qualname)
            found.setdefault(place, []).append(one)
    return {place: ones[0] for place, ones in found.items() if len(ones) == 1}


def _reached(session: pytest.Session) -> dict[Place, list[Test]]:
    """Run every test once, in a fork, and give the tests that reach each function."""
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder) / "reached.json"
        [(_, verdict)] = side_by_side([Job(None, partial(_note, session, notes), 900.0)], 1)
        if verdict is not Verdict.SURVIVED:
            message = "the tests fail without any mutant"
            raise pytest.UsageError(message)
        found: dict[Place, list[Test]] = {}
        for number, (seconds, places) in enumerate(json.loads(notes.read_text("utf-8"))):
            for file, name in places:
                found.setdefault((file, name), []).append(Test(seconds, number))
    return found


def _note(session: pytest.Session, notes: Path) -> bool:
    found = []
    for item in session.items:
        places: set[Place] = set()
        watch(places)
        began = perf_counter()
        passed = passes(item)
        sys.setprofile(None)
        if not passed:
            return False
        found.append((perf_counter() - began, sorted(places)))
    notes.write_text(json.dumps(found), "utf-8")
    return True


def swap_of(mutant: Mutant) -> Swap | None:
    """Give the code of the one function that a mutant changes; None when it changes more."""
    file = str(Path(mutant.path).resolve())
    old = compile(Path(mutant.path).read_text("utf-8"), file, "exec")
    new = compile(mutant.source, file, "exec")
    names = {outermost(name) for name in _changed(old, new)}
    found = [code for code in _codes(new) if code.co_qualname in names]
    if len(names) != 1 or len(found) != 1 or not found[0].co_flags & 0x02:
        return None
    return Swap((file, found[0].co_qualname), found[0])


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for one in _nested(code):
        yield from _codes(one)


def _nested(code: CodeType) -> list[CodeType]:
    return [one for one in code.co_consts if isinstance(one, CodeType)]


def _changed(old: CodeType, new: CodeType) -> Iterator[str]:
    """Name the functions whose own instructions differ; "<module>" is one of them."""
    one, other = _nested(old), _nested(new)
    if _shape(old) != _shape(new) or len(one) != len(other):
        yield old.co_qualname
        return
    for before, after in zip(one, other, strict=True):
        yield from _changed(before, after)


def _shape(code: CodeType) -> tuple[Any, ...]:
    consts = [
        "code" if isinstance(one, CodeType) else (type(one), repr(one)) for one in code.co_consts
    ]
    return (
        code.co_name,
        code.co_code,
        code.co_names,
        code.co_varnames,
        code.co_freevars,
        code.co_flags,
        consts,
        code.co_exceptiontable,
    )


def _job(
    number: int,
    code: CodeType,
    function: FunctionType,
    tests: Sequence[Test],
    session: pytest.Session,
) -> Job[int]:
    """Ask the tests that reach the function, the quickest first."""
    items = [session.items[test.number] for test in sorted(tests)]
    seconds = _AT_LEAST + _TIMES * sum(test.seconds for test in tests)
    return Job(number, partial(_survives, code, function, items), seconds)


def _survives(code: CodeType, function: FunctionType, items: Sequence[pytest.Item]) -> bool:
    function.__code__ = code
    return all(passes(item) for item in items)
