"""The background process stops when it is told, in any weather, and starts before its engines."""

import signal
from dataclasses import replace

import pytest

from gateway.embedded.kafka import Broker
from gateway.embedded.postgres import Postgres
from tests.integration.streams.world import (
    World,
    allow,
    deliveries,
    hand_in,
    in_topic,
    relay_process,
    status_of,
    until,
    waiting,
)

PATIENCE = 20
sockets_left = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_when_it_is_told(world: World, number: signal.Signals) -> None:
    allow(world)
    with relay_process(world) as process:
        until(lambda: waiting(world) == 0)
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
    assert [one.id for one in in_topic(world)] == deliveries(world, "sent")


@sockets_left
def test_it_stops_cleanly_while_the_broker_is_gone(world: World, broker: Broker) -> None:
    broker.kill()
    allow(world)
    with relay_process(world) as process:
        until(lambda: bool(deliveries(world, "sealed")))
        process.terminate()
        assert process.wait(PATIENCE) == 0


@sockets_left
def test_it_stops_cleanly_when_the_broker_dies_under_its_hands(
    world: World, broker: Broker
) -> None:
    allow(world)
    with relay_process(world) as process:
        until(lambda: waiting(world) == 0)
        broker.kill()
        process.terminate()
        assert process.wait(PATIENCE) == 0


def test_it_stops_cleanly_while_the_database_is_gone(
    world: World, postgres_server: Postgres
) -> None:
    allow(world)
    with relay_process(world) as process:
        until(lambda: waiting(world) == 0)
        postgres_server.stop()
        process.terminate()
        assert process.wait(PATIENCE) == 0
        postgres_server.start()


def test_without_a_broker_in_the_settings_records_are_still_processed(world: World) -> None:
    settings = world.hub.settings.model_copy(update={"kafka_bootstrap": ""})
    alone = replace(world, hub=replace(world.hub, settings=settings))
    with relay_process(alone):
        receipt = hand_in(alone.hub, comment=b"again")
        until(lambda: status_of(alone, receipt) == "processed")
