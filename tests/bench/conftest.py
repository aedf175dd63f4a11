"""What the measurements share: one running system, one load generator, one book of figures."""

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest

from gateway.observability import configure_logging
from tests.bench.figures import RESULTS, Book, show, table
from tests.bench.load import run
from tests.bench.measured import Measured
from tests.bench.processes import Runner
from tests.support.running_hub import RunningHub

SETTLE_SECONDS = 2.0
BOOK = Book()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Memory comes last: it tells what the load of the others left behind."""
    items.sort(key=lambda item: item.path.name == "test_memory.py")


def pytest_terminal_summary() -> None:
    if BOOK.figures:
        show(table(BOOK.figures), f"Kept in {RESULTS}, one line for each.")


@pytest.fixture(scope="session")
def book() -> Book:
    return BOOK


@pytest.fixture(scope="session")
def measured(system: RunningHub) -> Measured:
    configure_logging("ERROR")
    time.sleep(SETTLE_SECONDS)
    found = Measured(system, {})
    found.idle = found.memory()
    return found


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    # A process of its own, started fresh: it shares no interpreter with what it measures.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as process:
        yield lambda plan: process.submit(run, plan).result()
