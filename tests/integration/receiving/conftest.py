"""A hub without any broker: a family and its services on PostgreSQL, answering HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
import uvicorn

from gateway.app import create_app
from gateway.embedded.ports import LOOPBACK, free_port
from gateway.exchange.hub import open_hub
from gateway.settings import Settings
from tests.integration.receiving.desk import Desk, build_desk
from tests.integration.streams.world import settings_for, until
from tests.support.engines import database_url, postgres_server, template_database

__all__ = ["database_url", "postgres_server", "template_database"]


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    issuer = f"http://{LOOPBACK}:{free_port()}"
    settings = settings_for(database_url, "", issuer)
    hub = open_hub(settings.model_copy(update={"loopback_webhooks": True}))
    yield build_desk(hub)
    hub.engine.dispose()


@pytest.fixture
def served(desk: Desk) -> Iterator[Desk]:
    """The same hub, answering HTTP at its own issuer address."""
    with serving(desk.hub.settings):
        yield desk


@contextmanager
def serving(settings: Settings) -> Iterator[None]:
    port = int(settings.issuer.rpartition(":")[2])
    app = create_app(settings)
    server = uvicorn.Server(uvicorn.Config(app, host=LOOPBACK, port=port, log_config=None))
    thread = Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    yield
    server.should_exit = True
    thread.join()
    app.state.hub.engine.dispose()
