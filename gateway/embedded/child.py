"""One program under supervision: started on a leash, logged to a file, stopped with its family."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from gateway.embedded.failure import EngineError
from gateway.embedded.log_tail import safe_tail
from gateway.embedded.programs import Account

LEASH = Path(__file__).with_name("leash.py")
POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run, where, and how it wants to be asked to stop."""

    name: str
    argv: tuple[str, ...]
    folder: Path
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGTERM
    patience: float = 20.0


class Child:
    """A supervised program that can be started, stopped, killed and started again.

    Start it from a thread that outlives the program: the kernel's leash hangs on the thread.
    """

    def __init__(self, command: Command) -> None:
        self.command = command
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        """The program's name in tables and messages."""
        return self.command.name

    @property
    def alive(self) -> bool:
        """Whether the program runs now."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The process id while the program runs."""
        return self._process.pid if self._process is not None and self.alive else None

    @property
    def exit_code(self) -> int | None:
        """The exit code of a program that ended; negative is the signal that ended it."""
        return None if self._process is None else self._process.poll()

    @property
    def memory(self) -> int:
        """Resident memory in bytes, of the program and its children."""
        return sum(_resident(process) for process in self._family())

    def start(self) -> None:
        """Start the program; its output is appended to its log file."""
        if self.alive:
            return
        self.command.log.touch(mode=0o600)
        with self.command.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - as in programs.py
                _leashed(self.command),
                cwd=self.command.folder,
                env=_environment(self.command.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self) -> None:
        """Ask the program to stop, wait for it and its children, and force what lingers."""
        self._end(self.command.stop_signal, self.command.patience)

    def kill(self) -> None:
        """End the program at once, as a crash would (SIGKILL), and leave no child of it behind."""
        self._end(signal.SIGKILL, patience=5.0)

    def wait_until(self, ready: Callable[[], bool], *, seconds: float = 60.0) -> None:
        """Wait until the program is ready; fail with its last log lines when it ends first."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.alive:
                raise EngineError(self.obituary())
            if time.monotonic() > deadline:
                late = f"{self.name} was not ready after {seconds:.0f} s; see {self.command.log}"
                raise EngineError(late)
            time.sleep(POLL_SECONDS)

    def obituary(self) -> str:
        """Say how the program ended, with log lines that hold no personal data."""
        lines = "\n".join(f"    {line}" for line in safe_tail(self.command.log))
        return f"{self.name} ended with exit code {self.exit_code}; see {self.command.log}\n{lines}"

    def _family(self) -> list[psutil.Process]:
        if self._process is None:
            return []
        if not self.alive:
            return _session_of(self._process.pid)
        try:
            parent = psutil.Process(self._process.pid)
            return [parent, *parent.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _end(self, first: signal.Signals, patience: float) -> None:
        if self._process is None:
            return
        family = self._family()
        self._process.send_signal(first)
        try:
            self._process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        orphans = [process for process in family if process.pid != self._process.pid]
        _end_orphans(orphans, patience=0.5)


def leave_none(processes: list[psutil.Process], *, patience: float) -> None:
    """Ask processes of an earlier run to stop and force those that do not."""
    for process in processes:
        # PostgreSQL takes SIGTERM as "when the last client has left".
        gentle = signal.SIGINT if _name(process) == "postgres" else signal.SIGTERM
        _signal(process, gentle)
    _end_orphans(processes, patience=patience)


def _session_of(leader: int) -> list[psutil.Process]:
    """Return what still runs of a program that was ended by somebody else."""
    return [process for process in psutil.process_iter() if _session(process.pid) == leader]


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return 0


def _end_orphans(orphans: list[psutil.Process], *, patience: float) -> None:
    _gone, lingering = psutil.wait_procs(orphans, timeout=patience)
    for process in lingering:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(lingering, timeout=5.0)


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return ""


def _resident(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0


def _leashed(command: Command) -> list[str]:
    account = f"{command.account.uid}:{command.account.gid}" if command.account else "-"
    signal_number = str(int(command.orphan_signal))
    leash = [sys.executable, "-I", "-S", str(LEASH), signal_number, str(os.getpid()), account]
    return [*leash, *command.argv]


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, **extra}
