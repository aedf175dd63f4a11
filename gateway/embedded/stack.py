"""The whole of deelregie on one machine: engines, sign-in, hub and relay as processes."""

import atexit
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from gateway.embedded.child import Child, Command
from gateway.embedded.data_folder import DataFolder
from gateway.embedded.failure import EngineError
from gateway.embedded.kafka import Backend, Broker, make_broker
from gateway.embedded.keys import keep_keys
from gateway.embedded.log_tail import safe_tail
from gateway.embedded.ports import LOOPBACK
from gateway.embedded.postgres import Postgres
from gateway.embedded.programs import run_once
from gateway.embedded.sign_in import SignIn, python_path, responds
from gateway.embedded.steps import SilentSteps, Steps

DATABASE_URL = "DEELREGIE_DATABASE_URL"
KAFKA_BOOTSTRAP = "DEELREGIE_KAFKA_BOOTSTRAP"
HUB_SECONDS = 60.0
MIGRATE_SECONDS = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where everything is."""

    hub: str
    sign_in: str
    database_url: str
    kafka_bootstrap: str
    data: Path
    logs: Path


class Stack:
    """The running system; each part can be killed and started again on its own."""

    def __init__(self, folder: DataFolder, *, kafka: str, workers: int, steps: Steps) -> None:
        self.folder = folder
        self.workers = workers
        self.steps = steps
        self.postgres = _own_postgres(folder)
        self.broker = _own_broker(folder, kafka, steps)
        self.sign_in = SignIn(
            folder.path, port=folder.port("sign-in"), log=folder.logs / "sign-in.log"
        )
        self.hub_port = folder.port("hub")
        self.environment: Mapping[str, str] = {}
        self._hub: Child | None = None
        self._relay: Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def addresses(self) -> Addresses:
        """Where everything is, while the stack runs."""
        return Addresses(
            hub=self.environment["DEELREGIE_ISSUER"],
            sign_in=self.sign_in.issuer,
            database_url=self.environment[DATABASE_URL],
            kafka_bootstrap=self.environment[KAFKA_BOOTSTRAP],
            data=self.folder.path,
            logs=self.folder.logs,
        )

    @property
    def hub(self) -> Child:
        """The hub's process (pages and partner API)."""
        return _started(self._hub, "hub")

    @property
    def relay(self) -> Child:
        """The relay's process (everything in the background)."""
        return _started(self._relay, "relay")

    @property
    def children(self) -> Mapping[str, Child]:
        """The processes of this stack by name, in the order in which they were started."""
        parts = {
            "postgres": self.postgres.child if self.postgres else None,
            "kafka": self.broker.child if self.broker else None,
            "sign-in": self.sign_in.child,
            "hub": self._hub,
            "relay": self._relay,
        }
        return {name: child for name, child in parts.items() if child is not None}

    def start(self) -> None:
        """Start every part in order; a part that fails takes the earlier ones down with it."""
        atexit.register(self.stop)
        try:
            self._start_engines()
            self._start_processes()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop everything in reverse order; safe to call twice; nothing is left running."""
        atexit.unregister(self.stop)
        for child in (self._relay, self._hub):
            if child is not None:
                child.stop()
        for engine in (self.sign_in, self.broker, self.postgres):
            if engine is not None:
                engine.stop()
        self.folder.close()

    def run(self, *words: str, seconds: float = MIGRATE_SECONDS) -> str:
        """Run one `deelregie` command against this stack and return what it printed."""
        done = run_once(
            _deelregie(*words),
            folder=self.folder.path,
            env={**python_path(), **self.environment},
            seconds=seconds,
        )
        log = self.folder.logs / f"{words[0]}.log"
        log.write_text(done.out + done.err, encoding="utf-8")
        if done.code != 0:
            shown = "\n".join(f"    {line}" for line in safe_tail(log))
            raise EngineError(f"`deelregie {words[0]}` failed; see {log}\n{shown}")
        return done.out

    def memory(self) -> Mapping[str, int]:
        """Return the resident memory of each process with its children, in bytes."""
        return {name: child.memory for name, child in self.children.items()}

    def dead(self) -> Child | None:
        """Return a process that ended by itself, if there is one."""
        return next((child for child in self.children.values() if not child.alive), None)

    def wait_ready(self) -> None:
        """Wait until the hub says that it can serve."""
        self.hub.wait_until(lambda: responds(self.hub_port, "/readyz"), seconds=HUB_SECONDS)

    def _start_engines(self) -> None:
        data_exists = self.postgres is not None and (self.postgres.data / "PG_VERSION").exists()
        keys = keep_keys(self.folder.path, data_exists=data_exists)
        if self.broker is not None:
            self.steps.say(f"the Kafka broker starts ({self.broker.backend})")
            self.broker.launch()
        if self.postgres is not None:
            self.steps.say("PostgreSQL starts" if data_exists else "PostgreSQL is set up")
            self.postgres.start()
        self.environment = {**keys, **self._addresses_for_settings()}

    def _start_processes(self) -> None:
        # Starting costs mostly imports, so what does not need each other starts side by side.
        self.steps.say("the test sign-in provider starts")
        self.sign_in.child.start()
        self.steps.say("the database is brought up to date")
        self.run("migrate")
        if self.broker is not None:
            self.broker.wait_ready()
        self.steps.say("the hub starts")
        address = ("--host", LOOPBACK, "--port", str(self.hub_port))
        self._hub = self._process("hub", "serve", *address, "--workers", str(self.workers))
        self._relay = self._process("relay", "relay")
        self._hub.start()
        self._relay.start()
        self.folder.remember(self.children)
        self.sign_in.wait_ready()
        self.wait_ready()
        if not self.relay.alive:
            raise EngineError(self.relay.obituary())

    def _addresses_for_settings(self) -> Mapping[str, str]:
        database = self.postgres.url() if self.postgres else os.environ[DATABASE_URL]
        bootstrap = self.broker.bootstrap if self.broker else os.environ[KAFKA_BOOTSTRAP]
        return {
            "DEELREGIE_ENVIRONMENT": "laptop",
            "DEELREGIE_ALLOW_TEST_NUMBERS": "true",
            "DEELREGIE_LOG_GUARD_FILE": str(self.folder.path / "log-checkpoint.txt"),
            "DEELREGIE_ISSUER": f"http://{LOOPBACK}:{self.hub_port}",
            "DEELREGIE_OIDC_ISSUER": self.sign_in.issuer,
            DATABASE_URL: database,
            KAFKA_BOOTSTRAP: bootstrap,
        }

    def _process(self, name: str, *words: str) -> Child:
        return Child(
            Command(
                name=name,
                argv=_deelregie(*words),
                folder=self.folder.path,
                log=self.folder.logs / f"{name}.log",
                env={**python_path(), **self.environment},
            )
        )


def start_stack(
    data: Path,
    *,
    kafka: str = Backend.TANSU,
    reset: bool = False,
    workers: int = 1,
    steps: Steps | None = None,
) -> Stack:
    """Start the whole system in a data folder; leave the context to stop it."""
    folder = DataFolder(data)
    folder.open()
    try:
        if reset:
            folder.reset()
        stack = Stack(folder, kafka=kafka, workers=workers, steps=steps or SilentSteps())
        stack.start()
    except BaseException:
        folder.close()
        raise
    return stack


def _own_postgres(folder: DataFolder) -> Postgres | None:
    if os.environ.get(DATABASE_URL):
        return None
    return Postgres(folder.path / "postgres", log=folder.logs / "postgres.log")


def _own_broker(folder: DataFolder, kafka: str, steps: Steps) -> Broker | None:
    if os.environ.get(KAFKA_BOOTSTRAP):
        return None
    return make_broker(
        kafka,
        folder.path / f"kafka-{kafka}",
        port=folder.port("kafka"),
        log=folder.logs / "kafka.log",
        steps=steps,
    )


def _started(child: Child | None, name: str) -> Child:
    if child is None:
        raise EngineError(f"the {name} was not started; call start() first")
    return child


def _deelregie(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "gateway.cli", *words)
