"""Marks every test by its folder, so that each suite can be run alone: `pytest -m unit`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.running_hub import RunningHub, running_hub

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        suite = item.path.relative_to(HERE).parts[0]
        item.add_marker(getattr(pytest.mark, suite))


@pytest.fixture(scope="session")
def system() -> Iterator[RunningHub]:
    """The whole system as real processes, shared by a session; each test brings a family."""
    with running_hub() as running:
        yield running
