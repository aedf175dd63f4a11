"""Real engines for the streams: one PostgreSQL for all tests, a broker and a database for each."""

import gc
import warnings
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
import uvicorn
from kafka import KafkaAdminClient

from gateway.app import create_app
from gateway.embedded.kafka import Backend, Broker, make_broker
from gateway.embedded.ports import LOOPBACK, free_port
from tests.integration.streams.world import World, build_world, settings_for, until
from tests.support.engines import (
    chosen_backend,
    database_url,
    engine_folder,
    postgres_server,
    template_database,
)

__all__ = ["database_url", "postgres_server", "template_database"]


@pytest.fixture(autouse=True)
def sockets_of_kafka_python() -> Iterator[None]:
    """Collect the sockets that kafka-python leaves behind when a broker dies under it."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="session")
def apache_broker() -> Iterator[Broker | None]:
    """Apache Kafka takes seconds to start, so tests share one that is emptied between them."""
    if chosen_backend() is Backend.TANSU:
        yield None
        return
    with engine_folder() as folder, make_broker(Backend.APACHE, folder / "kafka") as running:
        yield running


@pytest.fixture
def broker(apache_broker: Broker | None) -> Iterator[Broker]:
    """An empty broker that the test may kill."""
    if apache_broker is not None:
        yield apache_broker
        apache_broker.start()
        delete_topics(apache_broker.bootstrap)
        return
    with engine_folder() as folder, make_broker(Backend.TANSU, folder / "kafka") as running:
        yield running


def delete_topics(bootstrap: str) -> None:
    """Leave a broker as if it were new; the offsets of a group go with the topics."""
    admin: Any = KafkaAdminClient(bootstrap_servers=bootstrap)

    def own() -> list[str]:
        return [name for name in admin.list_topics() if not name.startswith("__")]

    try:
        admin.delete_topics(own(), raise_errors=False)
        until(lambda: not own())
    finally:
        admin.close()


@pytest.fixture
def world(database_url: str, broker: Broker) -> Iterator[World]:
    issuer = f"http://{LOOPBACK}:{free_port()}"
    built = build_world(settings_for(database_url, broker.bootstrap, issuer))
    yield built
    built.hub.engine.dispose()


@pytest.fixture
def served(world: World) -> Iterator[World]:
    """The same hub, answering HTTP at its own issuer address."""
    port = int(world.hub.settings.issuer.rpartition(":")[2])
    app = create_app(world.hub.settings)
    server = uvicorn.Server(uvicorn.Config(app, host=LOOPBACK, port=port, log_config=None))
    thread = Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    yield world
    server.should_exit = True
    thread.join()
    app.state.hub.engine.dispose()
