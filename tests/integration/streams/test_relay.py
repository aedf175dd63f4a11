"""The relay carries what is due to each partner's topic: all of it, in order, under stable ids."""

from typing import Any

import pytest
from kafka import KafkaAdminClient
from sqlalchemy import text

from gateway import clock
from gateway.embedded.kafka import Backend
from gateway.exchange.deliveries.seal_delivery import claim_and_seal
from gateway.store import outbox
from gateway.store.engine import transaction
from gateway.streams.client import Broker
from gateway.streams.relay import relay_outbox
from gateway.streams.topics import partner_topic
from gateway.streams.wake import RELAY_LOCK
from tests.integration.streams.world import (
    OTHER,
    READER,
    World,
    allow,
    deliveries,
    first_seen,
    in_topic,
    queue_again,
    raw_topic,
    relay_process,
    running,
    until,
    waiting,
)
from tests.support.engines import chosen_backend


def test_what_the_family_allows_arrives_in_order_under_its_own_id(world: World) -> None:
    allow(world)
    with running(relay_outbox, world.hub):
        until(lambda: waiting(world) == 0)
    messages = in_topic(world)
    assert messages
    assert [one.id for one in messages] == deliveries(world, "sent")
    assert [one.sequence for one in messages] == list(range(1, len(messages) + 1))


def test_what_comes_due_while_the_relay_runs_follows_at_once(world: World) -> None:
    allow(world)
    with running(relay_outbox, world.hub):
        queue_again(world, times=30)
        until(lambda: waiting(world) == 0)
    messages = in_topic(world)
    assert [one.id for one in messages] == deliveries(world, "sent")


def test_what_is_allowed_while_a_round_is_under_way_is_not_denied_by_its_older_clock(
    world: World,
) -> None:
    begun = clock.now()
    allow(world)
    assert claim_and_seal(world.hub, limit=100, at=begun)


def test_after_a_burst_the_topic_ends_where_its_last_message_lies(world: World) -> None:
    allow(world)
    queue_again(world, times=30)
    with running(relay_outbox, world.hub):
        until(lambda: waiting(world) == 0)
    broker = Broker(world.bootstrap)
    end = broker.end_offset(partner_topic(READER))
    broker.close()
    assert end == len(raw_topic(world.bootstrap, partner_topic(READER)))
    with transaction(world.hub.engine) as tx:
        last = tx.execute(text("select max(broker_offset) from delivery")).scalar_one()
    # What ended below would count as lost, and go out again.
    assert end == last + 1


def test_each_partner_gets_its_own_and_nothing_of_another(world: World) -> None:
    allow(world, READER)
    allow(world, OTHER)
    with running(relay_outbox, world.hub):
        until(lambda: waiting(world) == 0)
    ids = {partner: {one.id for one in in_topic(world, partner)} for partner in (READER, OTHER)}
    assert ids[READER] == set(deliveries(world, "sent", partner=READER))
    assert ids[OTHER] == set(deliveries(world, "sent", partner=OTHER))
    assert not ids[READER] & ids[OTHER]


def test_a_partner_whose_topic_is_broken_delays_nobody(world: World) -> None:
    allow(world)
    broken = "No.Topic.Can.Be.Called.This"
    with transaction(world.hub.engine) as tx:
        tx.execute(
            text(
                "insert into partner select :id, name, kind, secrecy, youth_help, status, source,"
                " jwks, jwks_uri, scopes, registered_at from partner where id = :model"
            ),
            {"id": broken, "model": OTHER},
        )
        tx.execute(text("insert into partner_stream values (:id, 0)"), {"id": broken})
        consent = tx.execute(text("select id from consent")).scalar_one()
        notice = outbox.Due(
            partner=broken,
            child=world.child,
            resource=None,
            version=None,
            kind=outbox.WITHDRAWN,
            consent=consent,
        )
        outbox.queue(tx, [notice] * 5, at=clock.now())
    with running(relay_outbox, world.hub):
        until(lambda: waiting(world) == 5)
        queue_again(world, times=20)
        until(lambda: waiting(world) == 5)
    assert [one.id for one in in_topic(world)] == deliveries(world, "sent")
    assert len(deliveries(world, "sealed", partner=broken)) == 5


@pytest.mark.skipif(chosen_backend() is Backend.TANSU, reason="Tansu takes messages of any size")
def test_a_partner_whose_topic_refuses_gets_all_when_it_is_mended(world: World) -> None:
    admin: Any = KafkaAdminClient(bootstrap_servers=world.bootstrap)
    tight = {"num_partitions": 1, "configs": {"max.message.bytes": "100"}}
    admin.create_topics({partner_topic(OTHER): tight})
    allow(world, READER)
    allow(world, OTHER)
    with running(relay_outbox, world.hub):
        until(lambda: bool(deliveries(world, "sent")))
        queue_again(world, times=10)
        until(lambda: waiting(world) == len(deliveries(world, "sealed", partner=OTHER)) > 0)
        admin.delete_topics([partner_topic(OTHER)])
        until(lambda: waiting(world) == 0)
    admin.close()
    for partner in (READER, OTHER):
        messages = first_seen(in_topic(world, partner))
        assert [one.id for one in messages] == deliveries(world, "sent", partner=partner)


def test_a_second_relay_waits_until_the_first_is_gone(world: World) -> None:
    allow(world)
    first = world.hub.engine.connect()
    first.execute(text("select pg_advisory_lock(:lock)"), {"lock": RELAY_LOCK})
    attempts: set[object] = set()

    def tried_again() -> bool:
        attempts.update(_attempts(world))
        return len(attempts) >= 3

    with relay_process(world):
        until(tried_again)
        assert not deliveries(world, "sealed", "sent")
        first.invalidate()
        first.close()
        until(lambda: waiting(world) == 0)
    assert [one.id for one in in_topic(world)] == deliveries(world, "sent")


def _attempts(world: World) -> list[object]:
    query = text(
        "select query_start from pg_stat_activity"
        " where query like 'select pg_try_advisory_lock%' and datname = current_database()"
    )
    with transaction(world.hub.engine) as tx:
        return list(tx.execute(query).scalars())


def test_two_relays_send_nothing_twice_and_the_second_takes_over(world: World) -> None:
    allow(world)
    with relay_process(world) as one, relay_process(world) as other:
        queue_again(world, times=20)
        until(lambda: waiting(world) == 0)
        before = in_topic(world)
        assert [message.id for message in before] == deliveries(world, "sent")
        one.kill()
        queue_again(world, times=20)
        until(lambda: waiting(world) == 0)
        other.kill()
    messages = in_topic(world)
    assert {message.id for message in messages} == set(deliveries(world, "sent"))
    numbers = [message.sequence for message in first_seen(messages)]
    assert numbers == sorted(numbers)
