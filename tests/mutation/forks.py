"""Runs jobs in forks of this process, a few at a time, each with a limit of time and memory."""

import os
import resource
import signal
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")
MEMORY = 4 * 1024**3
"""Bytes a fork may use: a change can make a loop that never ends."""


class Verdict(StrEnum):
    """What became of a mutant; a test that fails and a test that never ends both kill it."""

    KILLED = "killed"
    TIMEOUT = "timeout"
    SURVIVED = "survived"


class Job(NamedTuple, Generic[T]):
    """Something to do in a fork: `passes` says whether all tests passed, within `seconds`."""

    about: T
    passes: Callable[[], bool]
    seconds: float


def side_by_side(jobs: Iterable[Job[T]], workers: int) -> Iterator[tuple[T, Verdict]]:
    """Run the jobs, so many at once, and say of each what became of it."""
    running: dict[int, T] = {}
    for job in jobs:
        if len(running) == workers:
            yield _first_done(running)
        running[fork(job)] = job.about
    while running:
        yield _first_done(running)


def fork(job: Job[T]) -> int:
    """Start a job; the process ends with 0 when its tests passed, and with 1 when one failed."""
    child = os.fork()
    if child:
        return child
    try:
        _confine(job.seconds)
        os._exit(0 if job.passes() else 1)
    finally:
        os._exit(1)


def _confine(seconds: float) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # Its default action ends the process, whatever the process is busy with.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _first_done(running: dict[int, T]) -> tuple[T, Verdict]:
    process, status = os.wait()
    return running.pop(process), _verdict(status)


def _verdict(status: int) -> Verdict:
    if os.WIFSIGNALED(status):
        late = os.WTERMSIG(status) == signal.SIGALRM
        return Verdict.TIMEOUT if late else Verdict.KILLED
    return Verdict.KILLED if os.WEXITSTATUS(status) else Verdict.SURVIVED
