"""What a broker takes from nobody is parked, and many large messages never go in hand together."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from gateway import clock
from gateway.embedded.kafka import Broker as Server
from gateway.exchange.deliveries import seal_delivery, write_message
from gateway.exchange.deliveries.park_delivery import list_parked, retry_parked
from gateway.exchange.deliveries.seal_delivery import claim_and_seal, unsent
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.store import outbox
from gateway.store.engine import transaction
from gateway.store.outbox import NewDelivery
from gateway.streams import client
from gateway.streams.client import Broker
from gateway.streams.relay import relay_outbox
from gateway.streams.topics import ensure_topics
from tests.integration.streams.world import (
    READER,
    World,
    allow,
    deliveries,
    in_topic,
    running,
    until,
    waiting,
)

# A message of the smallest class fits, one of the next does not.
LIMIT = 8_000
Large = Callable[[Callable[[NewDelivery], bool]], None]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> Large:
    """Let some messages weigh more than the limit."""
    written = write_message.write_message

    def which(is_large: Callable[[NewDelivery], bool]) -> None:
        def write(tx: Any, hub: Any, delivery: NewDelivery, *rest: Any, **keys: Any) -> Any:
            made = written(tx, hub, delivery, *rest, **keys)
            return replace(made, jwe=made.jwe + b"." * 2 * LIMIT) if is_large(delivery) else made

        monkeypatch.setattr(seal_delivery, "write_message", write)

    return which


@pytest.fixture(params=["the client", "the broker"])
def limited(
    request: pytest.FixtureRequest, world: World, broker: Server, monkeypatch: pytest.MonkeyPatch
) -> World:
    """Let either refuse what is beyond the limit."""
    if request.param == "the broker" and not broker.keeps_data:
        pytest.skip("the laptop's broker takes every size")
    with monkeypatch.context() as patched:
        patched.setattr(client, "LARGEST_MESSAGE", LIMIT)
        admin = Broker(world.bootstrap)
        ensure_topics(admin, partners=[READER])
        admin.close()
    if request.param == "the client":
        monkeypatch.setattr(client, "LARGEST_MESSAGE", LIMIT)
    return world


def relayed(world: World) -> list[int]:
    """Relay until nothing waits; return the numbers in the topic."""
    with running(relay_outbox, world.hub):
        until(lambda: waiting(world) == 0 and not unsent_numbers(world))
    return list(dict.fromkeys(one.sequence for one in in_topic(world)))


def unsent_numbers(world: World) -> int:
    query = text("select count(*) from delivery where sent_at is null")
    with transaction(world.hub.engine) as tx:
        return int(tx.execute(query).scalar_one())


def test_a_message_that_the_broker_takes_from_nobody_is_parked_without_a_gap(
    limited: World, large: Large
) -> None:
    allow(limited)
    large(lambda one: one.sequence == 2)
    numbers = relayed(limited)
    (parked,) = list_parked(limited.hub)
    assert (parked.reason, parked.error, parked.tries) == ("too_large", "TooLarge", 1)
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(deliveries(limited, "sent")) == len(numbers) - 1
    with transaction(limited.hub.engine) as tx:
        gone = text("select sequence, wrapped_key from delivery where state = 'gone'")
        assert tx.execute(gone).all() == [(2, None)]
    large(lambda _: False)
    retry_parked(limited.hub, [parked.id], at=clock.now())
    assert relayed(limited) == [*numbers, len(numbers) + 1]


def test_a_notice_of_that_size_is_parked_too_and_what_is_behind_it_goes_on(
    limited: World, large: Large
) -> None:
    consent = allow(limited)
    numbers = relayed(limited)
    with transaction(limited.hub.engine) as tx:
        tx.execute(text("update delivery set state = 'released' where sequence = 1"))
    large(lambda one: one.kind == outbox.WITHDRAWN)
    withdraw_consent(limited.hub, limited.parent, consent, at=clock.now())
    assert relayed(limited) == [*numbers, len(numbers) + 1]
    assert [(one.kind, one.reason) for one in list_parked(limited.hub)] == [
        (outbox.WITHDRAWN, "too_large")
    ]
    allow(limited)
    assert len(relayed(limited)) > len(numbers) + 1


def test_what_weighs_too_much_together_is_taken_in_hand_one_by_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_BYTES", 1)
    allow(world)
    (first,) = claim_and_seal(world.hub, limit=100, at=clock.now())
    (second,) = claim_and_seal(world.hub, limit=100, at=clock.now())
    assert [one.sequence for one in (first, second)] == [1, 2]
    (left,) = unsent(world.hub, partner=READER, limit=100, at=clock.now())
    assert left.delivery == first.delivery
    numbers = relayed(world)
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(deliveries(world, "sent")) == len(numbers) > 2
