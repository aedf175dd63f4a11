"""Judges mutants: in place where exchanging a function will do, and else with a fresh import."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.mutation import afresh
from tests.mutation.forks import Verdict
from tests.mutation.in_place import InPlace
from tests.mutation.mutants import Mutant
from tests.mutation.suites import OPTIONS, all_tests

_EVERY = 250


def judged(mutants: Sequence[Mutant], workers: int) -> Iterator[tuple[Mutant, Verdict]]:
    """Give the verdict on every mutant, and say now and then how far it is."""
    sys.stdout.write(f"{len(mutants)} mutants of the engine\n")
    done, left = _in_place(mutants, workers)
    sys.stdout.write(f"{len(done)} judged in the running engine, {len(left)} need a fresh one\n")
    sys.stdout.flush()
    yield from done
    for number, one in enumerate(afresh.judge(left, workers), start=1):
        yield one
        if number % _EVERY == 0:
            sys.stdout.write(f"{number} of {len(left)}\n")
            sys.stdout.flush()


def _in_place(
    mutants: Sequence[Mutant], workers: int
) -> tuple[list[tuple[Mutant, Verdict]], list[Mutant]]:
    """Run pytest in a process of its own, so that this one stays fresh."""
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder) / "judged.json"
        child = os.fork()
        if not child:
            os._exit(_collect_and_judge(mutants, workers, notes))
        _, status = os.waitpid(child, 0)
        if status:
            sys.exit("The tests must pass before a mutant can fail them: run them first.")
        found = json.loads(notes.read_text("utf-8"))
    done = [(mutants[number], Verdict(verdict)) for number, verdict in found["judged"]]
    return done, [mutants[number] for number in found["left"]]


def _collect_and_judge(mutants: Sequence[Mutant], workers: int, notes: Path) -> int:
    plugin = InPlace(mutants, workers)
    ended = pytest.main([*OPTIONS, *all_tests()], plugins=[plugin])
    notes.write_text(json.dumps({"judged": plugin.judged, "left": plugin.left}), "utf-8")
    return 0 if ended in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED} else 1
