"""Processes die at the worst moment, and nothing is lost, reordered or done twice."""

import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import pytest

from gateway import clock
from gateway.embedded.kafka import Broker as Server
from gateway.embedded.postgres import Postgres
from gateway.errors import SourceUnavailable
from gateway.exchange.deliveries.seal_delivery import Sealed, claim_and_seal
from gateway.streams.client import Broker, abandon, open_producer
from gateway.streams.envelope import Message, to_kafka
from gateway.streams.hub_client import HubClient
from gateway.streams.recipient import Order, Outcome, receive
from gateway.streams.relay import relay_outbox
from gateway.streams.topics import ensure_topics, partner_topic
from tests.integration.streams.world import (
    READER,
    World,
    allow,
    deliveries,
    first_seen,
    in_topic,
    queue_again,
    relay_process,
    running,
    until,
    waiting,
)

EVERY = ("sealed", "sent", "released", "gone")
# kafka-python leaves sockets to the garbage collector when a broker dies under it.
sockets_left = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def send(world: World, sealed: tuple[Sealed, ...]) -> None:
    """Send as the relay does, and die before anything is recorded."""
    broker = Broker(world.bootstrap)
    ensure_topics(broker, partners={item.partner for item in sealed})
    broker.close()
    producer = open_producer(world.bootstrap)
    for item in sealed:
        message = Message(
            id=item.delivery,
            type=item.type,
            source=world.hub.settings.issuer,
            sequence=item.sequence,
            bucket=item.bucket,
            payload=item.jwe,
            at=clock.now(),
        )
        key, value, headers = to_kafka(message)
        topic = partner_topic(item.partner)
        producer.send(topic, value=value, key=key, headers=headers, partition=0).get(10)
    abandon(producer)


@contextmanager
def reading(world: World, state: Path) -> Iterator[list[Outcome]]:
    """A recipient that goes on reading whatever happens to the broker."""
    told: list[Outcome] = []
    stop = Event()
    hub = HubClient(world.hub.settings.issuer, READER, world.keys[READER])
    order = Order(bootstrap=world.bootstrap, state=state)
    thread = Thread(target=receive, args=(hub, order, told.append, stop))
    thread.start()
    try:
        yield told
    finally:
        stop.set()
        thread.join(30)
        hub.close()
        assert not thread.is_alive()


def test_a_relay_that_dies_between_commit_and_send_is_followed_by_one_that_sends(
    world: World,
) -> None:
    allow(world)
    sealed = claim_and_seal(world.hub, limit=100, at=clock.now())
    assert sealed
    with relay_process(world):
        until(lambda: waiting(world) == 0)
    messages = in_topic(world)
    assert [one.id for one in messages] == [item.delivery for item in sealed]
    assert deliveries(world, *EVERY) == deliveries(world, "sent")


def test_a_relay_that_dies_between_send_and_mark_repeats_under_the_same_ids(world: World) -> None:
    allow(world)
    sealed = claim_and_seal(world.hub, limit=100, at=clock.now())
    send(world, sealed)
    ids = [item.delivery for item in sealed]
    with relay_process(world):
        until(lambda: waiting(world) == 0)
    messages = in_topic(world)
    assert [one.id for one in messages] == ids + ids
    assert [one.id for one in first_seen(messages)] == ids
    assert deliveries(world, "sent") == ids


def test_a_message_repeated_after_a_crash_has_one_effect(served: World, tmp_path: Path) -> None:
    allow(served)
    sealed = claim_and_seal(served.hub, limit=100, at=clock.now())
    send(served, sealed)
    with reading(served, tmp_path) as told:
        until(lambda: len(told) == len(sealed))
        send(served, sealed)
        with relay_process(served):
            queue_again(served, times=1)
            until(lambda: len(told) > len(sealed) and not waiting(served))
    assert len(in_topic(served)) == 2 * len(sealed) + 1
    assert [one.id for one in told] == deliveries(served, "released")
    assert {one.state for one in told} == {"read"}


@pytest.mark.timeout(300)
def test_a_relay_killed_at_random_moments_loses_and_reorders_nothing(world: World) -> None:
    allow(world)
    dice = random.Random()
    for _ in range(6):
        with relay_process(world) as relay:
            until(lambda: bool(deliveries(world, *EVERY)))
            queue_again(world, times=dice.randrange(5, 40))
            Event().wait(dice.random() * 0.6)
            relay.kill()
    with relay_process(world):
        until(lambda: waiting(world) == 0)
    messages = in_topic(world)
    assert {one.id for one in messages} == set(deliveries(world, *EVERY))
    assert [one.id for one in first_seen(messages)] == deliveries(world, *EVERY)


@sockets_left
@pytest.mark.timeout(300)
def test_a_broker_killed_mid_run_loses_nothing_and_has_no_double_effect(
    served: World, broker: Server, tmp_path: Path
) -> None:
    allow(served)
    with relay_process(served), reading(served, tmp_path) as told:
        until(lambda: bool(told))
        for _ in range(3):
            queue_again(served, times=15)
            broker.kill()
            queue_again(served, times=5)
            broker.start()
            queue_again(served, times=5)
        until(lambda: len(told) >= len(deliveries(served, *EVERY)) and waiting(served) == 0)
    ids = [one.id for one in told]
    assert len(ids) == len(set(ids))
    assert set(ids) == set(deliveries(served, *EVERY))
    assert {one.state for one in told} == {"read"}


@sockets_left
def test_what_lay_unread_in_a_broker_that_lost_its_data_arrives_again(
    world: World, broker: Server
) -> None:
    allow(world)
    with running(relay_outbox, world.hub):
        until(lambda: waiting(world) == 0)
        before = in_topic(world)
        broker.kill()
        broker.start()
        if not broker.keeps_data:
            until(lambda: {one.id for one in before} <= {one.id for one in in_topic(world)})
    assert {one.id for one in in_topic(world)} == {one.id for one in before}


@sockets_left
def test_a_new_relay_finds_that_the_broker_lost_what_the_last_one_sent(
    world: World, broker: Server
) -> None:
    allow(world)
    with running(relay_outbox, world.hub):
        until(lambda: waiting(world) == 0)
    before = {one.id for one in in_topic(world)}
    broker.kill()
    broker.start()
    with relay_process(world):
        until(lambda: before <= {one.id for one in in_topic(world)})
    assert {one.id for one in in_topic(world)} == before


@sockets_left
def test_the_relay_waits_for_a_broker_that_is_gone_and_then_sends_all(
    world: World, broker: Server
) -> None:
    broker.kill()
    allow(world)
    with relay_process(world):
        until(lambda: bool(deliveries(world, "sealed")))
        queue_again(world, times=10)
        broker.start()
        until(lambda: waiting(world) == 0)
    assert [one.id for one in first_seen(in_topic(world))] == deliveries(world, "sent")


def test_the_relay_outlives_a_restart_of_the_database(
    world: World, postgres_server: Postgres
) -> None:
    allow(world)
    with relay_process(world):
        until(lambda: waiting(world) == 0)
        for _ in range(2):
            queue_again(world, times=10)
            postgres_server.restart()
            with suppress(SourceUnavailable):
                queue_again(world, times=1)
            queue_again(world, times=5)
        until(lambda: waiting(world) == 0)
    messages = in_topic(world)
    assert {one.id for one in messages} == set(deliveries(world, "sent"))
    assert [one.id for one in first_seen(messages)] == deliveries(world, "sent")
