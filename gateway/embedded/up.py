"""`deelregie up`: everything on one laptop until Ctrl-C, with a table of where things are."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.table import Table
from sqlalchemy import make_url

from gateway.embedded.data_folder import default_data_folder
from gateway.embedded.failure import EngineError
from gateway.embedded.kafka import Backend
from gateway.embedded.sign_in import TEST_PERSONS
from gateway.embedded.stack import Stack, start_stack
from gateway.embedded.steps import ScreenSteps

WATCH_SECONDS = 0.5
PLAIN_WIDTH = 160
MEBIBYTE = 1024 * 1024
WARNING = (
    "These engines are for one laptop and never for production: one PostgreSQL, one Kafka broker\n"
    "and a sign-in provider where anybody can sign in as anybody."
)


class StopRequestedError(BaseException):
    """Somebody asked the process to stop; like KeyboardInterrupt it is no error of the program."""


def run_up(
    data: Path | None = None, reset: bool = False, kafka: str = Backend.TANSU, workers: int = 1
) -> int:
    """Start everything, show where it is, wait for Ctrl-C, stop everything; return an exit code."""
    # A file or a pipe has no width; an address that is cut is of no use.
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    console.print(f"[bold]deelregie up[/bold]\n{WARNING}\n", highlight=False)
    chosen = data or default_data_folder()
    try:
        with (
            stopping_by_signal() as stop_if_asked,
            start_stack(
                chosen, kafka=kafka, reset=reset, workers=workers, steps=ScreenSteps(console)
            ) as stack,
        ):
            _show(console, stack)
            return _watch(console, stack, stop_if_asked)
    except (KeyboardInterrupt, StopRequestedError):
        console.print("Everything has stopped; nothing is left running.", highlight=False)
        return 0
    except EngineError as fault:
        console.print(str(fault), style="red", markup=False, highlight=False)
        return 1


@contextmanager
def stopping_by_signal() -> Iterator[Callable[[], None]]:
    """Turn a request to stop into an exception once; while everything stops, more are ignored.

    Gives what raises it again: an exception that a signal raises inside a destructor is lost.
    """
    asked = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    # Under nohup a closed terminal must not stop anything.
    numbers = [number for number in asked if signal.getsignal(number) is not signal.SIG_IGN]

    wishes: list[type[BaseException]] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        wishes.append(KeyboardInterrupt if number == signal.SIGINT else StopRequestedError)
        stop_if_asked()

    def stop_if_asked() -> None:
        for wish in wishes:
            raise wish

    earlier = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield stop_if_asked
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def _watch(console: Console, stack: Stack, stop_if_asked: Callable[[], None]) -> int:
    while (dead := stack.dead()) is None:
        stop_if_asked()
        time.sleep(WATCH_SECONDS)
    console.print(dead.obituary(), style="red", markup=False, highlight=False)
    console.print("The rest is stopped as well.", highlight=False)
    return 1


def _show(console: Console, stack: Stack) -> None:
    where = stack.addresses
    table = Table(show_header=False, box=None, pad_edge=False)
    rows = {
        "families, auditors, partners": where.hub,
        "test sign-in": where.sign_in,
        "PostgreSQL": _without_password(where.database_url),
        "Kafka": f"{where.kafka_bootstrap} ({_kafka_note(stack)})",
        "data": str(where.data),
        "logs": str(where.logs),
        "memory": _memory(stack),
    }
    for name, value in rows.items():
        table.add_row(f"[bold]{name}[/bold]", value, style=None)
    console.print(table, highlight=False, soft_wrap=True)
    console.print(_persons(), highlight=False)
    console.print("Ctrl-C stops everything. A second start finds this data again.")


def _persons() -> Table:
    table = Table(title="Sign in as", title_justify="left", box=None, pad_edge=False)
    for heading in ("button", "person", "is"):
        table.add_column(heading)
    for person in TEST_PERSONS:
        table.add_row(person.subject, person.name, person.part)
    return table


def _kafka_note(stack: Stack) -> str:
    if stack.broker is None:
        return "a cluster of yours"
    if stack.broker.keeps_data:
        return "Apache Kafka, keeps its data"
    return "Tansu, in memory: messages are lost when it stops; the hub sends them again"


def _without_password(database_url: str) -> str:
    return make_url(database_url).render_as_string(hide_password=True)


def _memory(stack: Stack) -> str:
    parts = (f"{name} {size // MEBIBYTE}" for name, size in stack.memory().items())
    return f"{', '.join(parts)} MiB"
