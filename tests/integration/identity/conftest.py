"""A desk of its own for each test, on one PostgreSQL."""

from collections.abc import Iterator

import pytest

from tests.integration.identity.world import Desk, open_desk
from tests.support.engines import database_url, postgres_server, template_database

__all__ = ["database_url", "postgres_server", "template_database"]


@pytest.fixture
def desk(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    opened = open_desk(database_url)
    for module in ("records.store_record", "records.read_again"):
        monkeypatch.setattr(f"gateway.exchange.{module}.translate", opened.translate)
    yield opened
    opened.hub.engine.dispose()
