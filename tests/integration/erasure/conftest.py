"""A family of its own for each test, on one PostgreSQL."""

from collections.abc import Iterator

import pytest

from tests.integration.erasure.world import Family, a_family
from tests.integration.identity.world import open_desk
from tests.support.engines import database_url, postgres_server, template_database

__all__ = ["database_url", "postgres_server", "template_database"]


@pytest.fixture
def family(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Family]:
    desk = open_desk(database_url)
    for module in ("store_record", "read_again", "reduce_originals"):
        monkeypatch.setattr(f"gateway.exchange.{module}.translate", desk.translate)
    try:
        yield a_family(desk)
    finally:
        desk.hub.engine.dispose()
