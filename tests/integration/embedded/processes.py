"""What still runs of the processes that a test started."""

import time
from pathlib import Path

import psutil


def running_in(folder: Path) -> list[str]:
    """Return the command lines of the processes that work in the folder or name it."""
    return [" ".join(_words(each))[:200] for each in psutil.process_iter() if _is_in(each, folder)]


def nothing_runs_in(folder: Path, *, seconds: float = 20.0) -> bool:
    """Wait until no process works in the folder any more."""
    deadline = time.monotonic() + seconds
    while running_in(folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def gone(pids: list[int], *, seconds: float = 20.0) -> bool:
    """Wait until none of the processes runs any more."""
    deadline = time.monotonic() + seconds
    while any(_runs(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _is_in(process: psutil.Process, folder: Path) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        works_there = Path(process.cwd()).is_relative_to(folder)
    except psutil.Error:
        return False
    return works_there or any(str(folder) in word for word in _words(process))


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
