"""Judges mutants: in place where exchanging a function will do, and else with a fresh import."""

import os
import sys
from collections.abc import Sequence

import pytest

from tests.mutation import afresh
from tests.mutation.in_place import InPlace
from tests.mutation.mutants import Mutant
from tests.mutation.results import remember
from tests.mutation.suites import OPTIONS, all_tests

_EVERY = 250


def judge(mutants: Sequence[Mutant], workers: int) -> None:
    """Write the verdict on every mutant in the journal, and say now and then how far it is."""
    _say(f"{len(mutants)} mutants to judge")
    left = _in_place(mutants, workers)
    _say(f"{len(mutants) - len(left)} judged in the running engine, {len(left)} need a fresh one")
    for number, (mutant, verdict) in enumerate(afresh.judged(left, workers), start=1):
        remember(mutant.key, verdict)
        if number % _EVERY == 0:
            _say(f"{number} of {len(left)}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _in_place(mutants: Sequence[Mutant], workers: int) -> list[Mutant]:
    """Run pytest in a process of its own, so that this one stays fresh; give what is left."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        plugin = InPlace(mutants, workers)
        ended = pytest.main([*OPTIONS, *all_tests()], plugins=[plugin])
        os.write(writing, bytes(plugin.judged))
        os._exit(ended)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        judged = pipe.read()
    _, status = os.waitpid(child, 0)
    if status:
        sys.exit("The tests must pass before a mutant can fail them: run them first.")
    return [one for one, done in zip(mutants, judged, strict=True) if not done]
