"""A running system whose processes are killed at random moments and started again at once."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from queue import Empty, Queue
from threading import Event, Thread
from typing import Any, Final, Protocol

import psutil

from gateway.embedded.kafka import Broker
from gateway.embedded.ports import LOOPBACK, free_port
from gateway.embedded.postgres import OWNER, Postgres
from gateway.embedded.sign_in import responds
from tests.support.kill_programs import Job, command, recipient
from tests.support.running_hub import RunningHub, eventually

WORKERS, RELAYS = 3, 2
LOOK_SECONDS: Final = 0.02
MOST_STARTS: Final = 5
# As PostgreSQL calls those of its processes that serve this project's programs.
CLIENT: Final = f"postgres: {OWNER} "
# Killed by the supervisor's own doing; whatever else ends a process is a finding.
KILLED: Final = -signal.SIGKILL
# How often each kind is chosen: what starts in a moment often, the engines some tens of times.
WEIGHTS: Final[Mapping[str, float]] = {
    "api": 28,
    "relay": 22,
    "recipient": 18,
    "backend": 12,
    "postgres": 11,
    "broker": 9,
}


class Victim(Protocol):
    """Something that can be killed, and comes back by itself."""

    kind: str

    def kill(self) -> bool:
        """End it as a crash would; False when it does not run just now."""
        ...


class Forked:
    """A program in a fork; `look` starts it again when it has ended."""

    def __init__(self, kind: str, target: Callable[..., None], *given: object) -> None:
        self.kind, self._target, self._given = kind, target, given
        self._process: Any = None
        self.ended_by_itself: list[int] = []

    def look(self) -> None:
        if self._process is not None and self._process.exitcode is None:
            return
        if self._process is not None and self._process.exitcode != KILLED:
            self.ended_by_itself.append(self._process.exitcode)
        process = get_context("forkserver").Process(
            target=self._target, args=self._given, daemon=True
        )
        process.start()
        self._process = process

    def kill(self) -> bool:
        process = self._process
        if process is None or process.exitcode is not None:
            return False
        process.kill()
        return True


class Engine:
    """PostgreSQL or the broker; its own thread starts it again, on which its leash hangs."""

    def __init__(self, kind: str, engine: Postgres | Broker) -> None:
        self.kind, self._engine = kind, engine
        self.killed_at: list[float] = []
        self._orders: Queue[float] = Queue()
        self._up, self._stop = Event(), Event()
        self.failure: Exception | None = None
        self._up.set()
        self._thread = Thread(target=self._run)
        self._thread.start()

    def kill(self, *, away: float | None = None) -> bool:
        if not self._up.is_set():
            return False
        self._up.clear()
        self._orders.put(random.random() / 2 if away is None else away)
        return True

    def wait_up(self) -> None:
        assert self._up.wait(120), f"{self.kind} did not come back: {self.failure}"

    def stop(self) -> None:
        """End the thread; the engine it started ends with it."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            with suppress(Empty):
                away = self._orders.get(timeout=0.1)
                try:
                    self._engine.kill()
                    self.killed_at.append(time.time())
                    self._stop.wait(away)
                    self._start()
                    self._up.set()
                except Exception as error:  # noqa: BLE001 -- told by who waits for it
                    self.failure = error

    def _start(self) -> None:
        # What a killed backend takes down while its server starts ends the first try.
        for left in range(MOST_STARTS, 0, -1):
            try:
                self._engine.start()
            except Exception:
                if left == 1:
                    raise
                self._engine.kill()
                self._stop.wait(1)
            else:
                return


@dataclass
class Backend:
    """A process of PostgreSQL that serves a client; all others begin anew because of it."""

    postgres: Postgres
    dice: random.Random
    kind: str = "backend"

    def kill(self) -> bool:
        with suppress(psutil.Error, OSError):
            pid = self.postgres.child.pid
            family = psutil.Process(pid).children() if pid else []
            serving = [one for one in family if CLIENT in " ".join(one.cmdline())]
            if serving:
                self.dice.choice(serving).send_signal(signal.SIGKILL)
                return True
        return False


@dataclass
class KillSystem:
    """What runs, what may be killed, and what was."""

    running: RunningHub
    addresses: Sequence[str]
    jobs: Sequence[Job]
    programs: Sequence[Forked]
    postgres: Engine
    broker: Engine
    backend: Backend
    kills: Counter[str] = field(default_factory=Counter[str])
    log: Path = Path()

    @property
    def victims(self) -> Sequence[Victim]:
        return (*self.programs, self.postgres, self.broker, self.backend)

    def wait_until_serving(self) -> None:
        """Wait until every process of the API answers."""
        for address in self.addresses:
            port = int(address.rpartition(":")[2])
            eventually(partial(responds, port, "/readyz"), seconds=60)

    def kill_at_random(
        self, count: int, dice: random.Random, *, seconds: float, most: int = 3
    ) -> None:
        """Kill so many, several at once or one after the other, over about so many seconds."""
        pause = seconds / count * (1 + most)
        while (left := count - self.kills.total()) > 0:
            for _ in range(min(left, dice.randint(1, most))):
                self._kill_one(dice)
            time.sleep(dice.random() * pause)

    def _kill_one(self, dice: random.Random) -> None:
        while True:
            (kind,) = dice.choices([*WEIGHTS], [*WEIGHTS.values()])
            victim = dice.choice([one for one in self.victims if one.kind == kind])
            if victim.kill():
                self.kills[kind] += 1
                return

    def ended_by_themselves(self) -> Mapping[str, list[int]]:
        """Return the exit codes of programs that ended though nobody killed them."""
        found: dict[str, list[int]] = {}
        for one in self.programs:
            found.setdefault(one.kind, []).extend(one.ended_by_itself)
        return {kind: codes for kind, codes in found.items() if codes}


@contextmanager
def killable(running: RunningHub, feeds: frozenset[str], readers: Sequence[str],
             dice: random.Random) -> Iterator[KillSystem]:  # fmt: skip
    """Run a hub's programs as several processes each, and its recipients, under a supervisor."""
    stack = running.stack
    assert stack.postgres is not None
    assert stack.broker is not None
    stack.hub.stop()
    stack.relay.stop()
    system = _build(running, feeds, readers, dice)
    over = Event()
    supervisor = Thread(target=_supervise, args=(system.programs, over))
    supervisor.start()
    try:
        yield system
    finally:
        over.set()
        supervisor.join()
        for one in system.programs:
            one.kill()
        system.postgres.stop()
        system.broker.stop()


def _build(
    running: RunningHub, feeds: frozenset[str], readers: Sequence[str], dice: random.Random
) -> KillSystem:
    stack = running.stack
    assert stack.postgres is not None
    assert stack.broker is not None
    folder = stack.folder.path
    log = folder / "killed.log"
    ports = [stack.hub_port, *(free_port() for _ in range(WORKERS - 1))]
    addresses = [f"http://{LOOPBACK}:{port}" for port in ports]
    jobs = [
        _job(running, partner, hub=addresses[turn % WORKERS], feed=partner in feeds)
        for turn, partner in enumerate(readers)
    ]
    _load_once()
    environment = dict(stack.environment)
    serve = ("serve", "--host", LOOPBACK, "--port")
    programs = [
        *(Forked("api", command, (*serve, str(port)), environment, log) for port in ports),
        *(Forked("relay", command, ("relay",), environment, log) for _ in range(RELAYS)),
        *(Forked("recipient", recipient, job, log) for job in jobs),
    ]
    return KillSystem(
        running=running,
        addresses=addresses,
        jobs=jobs,
        programs=programs,
        postgres=Engine("postgres", stack.postgres),
        broker=Engine("broker", stack.broker),
        backend=Backend(stack.postgres, dice),
        log=log,
    )


def _job(running: RunningHub, partner: str, *, hub: str, feed: bool) -> Job:
    folder = running.stack.folder.path / f"recipient-{partner}"
    folder.mkdir()
    return Job(
        partner=partner,
        key=running.keys[partner],
        hub=hub,
        bootstrap=running.bootstrap,
        database=running.stack.addresses.database_url.replace("postgresql+psycopg", "postgresql"),
        folder=folder,
        feed=feed,
    )


def _load_once() -> None:
    # The process that forks loads by name; it looks where this one looks.
    os.environ.setdefault("PYTHONPATH", str(Path.cwd()))
    get_context("forkserver").set_forkserver_preload(["tests.support.kill_programs"])


def _supervise(programs: Sequence[Forked], over: Event) -> None:
    while not over.wait(LOOK_SECONDS):
        for one in programs:
            one.look()
