"""One hub for all of these tests, which forgets between them what was delivered."""

from collections.abc import Iterator

import pytest

from gateway.embedded.postgres import Postgres
from gateway.exchange.hub import Hub
from tests.integration.changes.desk import Desk, open_desk
from tests.support.engines import database_url, postgres_server, template_database

__all__ = ["database_url", "postgres_server", "template_database"]


@pytest.fixture(scope="package")
def one_hub(postgres_server: Postgres, template_database: str) -> Iterator[Hub]:
    hub = open_desk(postgres_server.create_database("changes", template=template_database))
    yield hub
    hub.engine.dispose()
    postgres_server.drop_database("changes")


@pytest.fixture
def desk(one_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Desk:
    opened = Desk(hub=one_hub)
    opened.forget()
    monkeypatch.setattr("gateway.exchange.records.store_record.translate", opened.translate)
    monkeypatch.setattr("gateway.exchange.records.read_again.translate", opened.translate)
    return opened
