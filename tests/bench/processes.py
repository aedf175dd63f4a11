"""The other processes of a measurement: the load generator and the bare application."""

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TypeAlias

from gateway.embedded.child import Child, Command
from gateway.embedded.ports import LOOPBACK, answers, free_port
from tests.bench.bare import DATABASE, RECORDING
from tests.bench.load import Load, Plan
from tests.bench.measured import cpu_seconds
from tests.bench.recording import Recording
from tests.support.running_hub import RunningHub

ROOT = Path(__file__).parents[2]
Runner: TypeAlias = Callable[[Plan], Load]


@dataclass(frozen=True, slots=True)
class Served:
    """An application while it runs."""

    name: str
    port: int
    child: Child

    def cpu(self) -> dict[str, float]:
        """Return the processor seconds it took until now."""
        return {self.name: cpu_seconds(self.child)}


@contextmanager
def bare_app(
    recording: Recording, folder: Path, *, database: str, workers: int = 1
) -> Iterator[Served]:
    """Serve the bare application as the hub is served."""
    kept = folder / "recording.pickle"
    recording.save(kept)
    app = ("uvicorn", "tests.bench.bare:make_app", "--factory")
    quiet = ("--no-access-log", "--log-level", "warning", "--no-server-header")
    env = {RECORDING: str(kept), DATABASE: database}
    with _served("bare", (*app, *quiet), folder, env=env, workers=workers) as bare:
        yield bare


@contextmanager
def another_hub(environment: Mapping[str, str], folder: Path, *, workers: int) -> Iterator[Served]:
    """Serve the same hub with so many processes behind one address."""
    words = ("gateway.cli", "serve")
    with _served("hub", words, folder, env=environment, workers=workers) as hub:
        yield hub


@contextmanager
def _served(
    name: str, words: Sequence[str], folder: Path, *, env: Mapping[str, str], workers: int
) -> Iterator[Served]:
    port = free_port()
    where = ("--host", LOOPBACK, "--port", str(port), "--workers", str(workers))
    child = Child(
        Command(
            name=name,
            argv=(sys.executable, "-m", *words, *where),
            folder=folder,
            log=folder / f"{name}.log",
            env={**env, "PYTHONPATH": str(ROOT)},
        )
    )
    child.start()
    try:
        child.wait_until(lambda: answers(port))
        yield Served(name, port, child)
    finally:
        child.stop()


@dataclass(frozen=True, slots=True)
class Recipient:
    """`deelregie receive` while it runs, as a partner runs it."""

    partner: str
    child: Child
    output: Path

    def cpu(self) -> dict[str, float]:
        """Return the processor seconds it took until now."""
        return {f"recipient {self.partner}": cpu_seconds(self.child)}

    def told(self) -> int:
        """Return how many messages it has read and printed; it fails if one was not opened."""
        lines = self.output.read_bytes().splitlines()
        assert not any(b'"state":"read"' not in line[:400] for line in lines[-50:])
        return len(lines)


@contextmanager
def recipient(system: RunningHub, partner: str, folder: Path) -> Iterator[Recipient]:
    """Run the program that partners are given, with a file for the ids that it dealt with."""
    key, log = folder / f"{partner}.jwk.json", folder / f"{partner}.lines"
    key.write_text(json.dumps(system.keys[partner]))
    where = ("--hub", system.base_url, "--bootstrap", system.bootstrap, "--key", str(key))
    words = ("receive", partner, "--json", "--state", str(folder / partner), *where)
    child = Child(
        Command(
            name=f"receive-{partner}",
            argv=(sys.executable, "-m", "gateway.cli", *words),
            folder=folder,
            log=log,
            env={"PYTHONPATH": str(ROOT)},
        )
    )
    child.start()
    try:
        yield Recipient(partner, child, log)
    finally:
        child.stop()


def port_of(address: str) -> int:
    """Return the port in an address."""
    return int(address.rpartition(":")[2])


@dataclass
class Meter:
    """Sends load and adds up what it cost each process."""

    cpu: Callable[[], dict[str, float]]
    runner: Runner
    loads: list[Load] = field(default_factory=list)
    spent: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def __call__(self, plan: Plan) -> float:
        """Carry out a plan; return answers per second."""
        before = self.cpu()
        load = self.runner(plan)
        self.loads.append(load)
        self.spent["load generator"] += load.client_cpu
        for name, seconds in self.cpu().items():
            self.spent[name] += seconds - before[name]
        return load.per_second

    @property
    def answered(self) -> int:
        return sum(one.answered for one in self.loads)

    def each(self, *names: str) -> dict[str, float]:
        """Return the processor milliseconds of some processes for every answer."""
        return {
            f"processor ms each, {name}": 1000 * self.spent[name] / self.answered for name in names
        }

    def latencies(self) -> dict[str, float]:
        """Return how long the client waited, and how often the answer was another one."""
        return {
            "p50 ms": median(one.p50_ms for one in self.loads),
            "p99 ms": median(one.p99_ms for one in self.loads),
            "wrong answers": sum(one.wrong for one in self.loads),
        }


def explained(ours: Meter, bare: Meter) -> dict[str, float]:
    """Return what explains a rate: waiting, and the processor time of everything involved."""
    return {
        **ours.latencies(),
        **ours.each("hub", "postgres", "load generator"),
        **bare.each("bare"),
    }
