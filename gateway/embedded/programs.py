"""Runs a program of the machine once and waits for it; the arguments are always this package's."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An unprivileged account of the machine to run a program as."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a program ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The last line of what went wrong."""
        lines = (self.err or self.out).strip().splitlines()
        return lines[-1] if lines else "no reason given"


def run_once(
    argv: Sequence[str],
    *,
    folder: Path | None = None,
    env: Mapping[str, str] | None = None,
    account: Account | None = None,
    seconds: float = 120.0,
) -> Outcome:
    """Run the program to its end; a program that is too slow is killed and fails."""
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and no word of it comes from outside
            list(argv),
            cwd=folder,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    except OSError as fault:
        return Outcome(code=127, out="", err=type(fault).__name__)
    except subprocess.TimeoutExpired:
        return Outcome(code=124, out="", err=f"no answer after {seconds:.0f} s")
    return Outcome(code=done.returncode, out=done.stdout, err=done.stderr)
