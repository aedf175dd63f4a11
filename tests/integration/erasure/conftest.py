"""A family of its own for each test, on one PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.integration.erasure.visits import visitor_of
from tests.integration.erasure.world import Family, a_family
from tests.integration.identity.world import Desk, open_desk
from tests.support.engines import database_url, postgres_server, template_database
from tests.unit.pages.visitor import Visitor

__all__ = ["database_url", "postgres_server", "template_database"]


@contextmanager
def _opened(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    opened = open_desk(database_url)
    for module in ("records.store_record", "records.read_again", "erasure.reduce_originals"):
        monkeypatch.setattr(f"gateway.exchange.{module}.translate", opened.translate)
    try:
        yield opened
    finally:
        opened.hub.engine.dispose()


@pytest.fixture
def desk(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with _opened(database_url, monkeypatch) as opened:
        yield opened


@pytest.fixture
def family(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Family]:
    with _opened(database_url, monkeypatch) as opened:
        yield a_family(opened)


@pytest.fixture
def visitor(family: Family) -> Visitor:
    return visitor_of(family)
