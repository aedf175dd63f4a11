"""What cannot become a message is parked with a reason; the rest goes on, without a gap."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from gateway import clock
from gateway.cli import app
from gateway.errors import SourceUnavailable
from gateway.exchange.deliveries import park_delivery, seal_delivery, write_message
from gateway.exchange.deliveries.park_delivery import MOST_TRIES, list_parked, retry_parked
from gateway.exchange.deliveries.seal_delivery import claim_and_seal
from gateway.exchange.deliveries.size_class import TooLarge
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.store.engine import transaction
from gateway.streams.relay import relay_outbox
from tests.integration.streams.world import (
    READER,
    World,
    allow,
    deliveries,
    environment,
    in_topic,
    queue_again,
    running,
    until,
    waiting,
)

EVERY = ("sealed", "sent", "released", "gone")
Poison = Callable[[UUID | None], None]


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Poison:
    """Let one resource break whoever writes its message; None mends it."""
    written = write_message.write_message
    broken: set[UUID | None] = set()

    def write(tx: Any, hub: Any, delivery: Any, *rest: Any, **keys: Any) -> Any:
        if delivery.resource in broken:
            raise KeyError("a name that may be in no log")
        return written(tx, hub, delivery, *rest, **keys)

    def break_(resource: UUID | None) -> None:
        broken.clear()
        broken.update({resource} - {None})

    monkeypatch.setattr(seal_delivery, "write_message", write)
    monkeypatch.setattr(park_delivery, "FIRST_WAIT", timedelta(0))
    return break_


def second_due(world: World) -> UUID:
    query = text("select resource from outbox where state = 'due' order by id offset 1 limit 1")
    with transaction(world.hub.engine) as tx:
        found: UUID = tx.execute(query).scalar_one()
    return found


def states(world: World) -> list[str]:
    with transaction(world.hub.engine) as tx:
        return list(tx.execute(text("select state from outbox order by id")).scalars())


def relayed(world: World) -> list[int]:
    """Relay until nothing waits; return the numbers in the topic."""
    with running(relay_outbox, world.hub):
        until(lambda: waiting(world) == 0 and not unsent(world))
    return [one.sequence for one in in_topic(world)]


def unsent(world: World) -> int:
    query = text("select count(*) from delivery where sent_at is null and state = 'gone'")
    with transaction(world.hub.engine) as tx:
        return int(tx.execute(query).scalar_one())


def test_poison_is_parked_with_a_reason_and_what_is_behind_it_goes_on(
    world: World, poison: Poison
) -> None:
    allow(world)
    total = len(states(world))
    poison(second_due(world))
    assert relayed(world) == list(range(1, total))
    (parked,) = list_parked(world.hub)
    told = (parked.partner, parked.reason, parked.error, parked.tries)
    assert told == (READER, "cannot_be_sealed", "KeyError", MOST_TRIES)
    assert states(world).count("parked") == 1


def test_a_child_s_order_holds_while_its_message_is_tried(world: World, poison: Poison) -> None:
    allow(world)
    poison(second_due(world))
    for _ in range(MOST_TRIES - 1):
        claim_and_seal(world.hub, limit=100, at=clock.now())
        assert len(deliveries(world, "sealed")) == 1
    # Parked at the end of a round; what is behind it goes in the next one.
    for _ in range(2):
        claim_and_seal(world.hub, limit=100, at=clock.now())
    assert len(deliveries(world, "sealed")) == len(states(world)) - 1


def test_a_retry_of_what_was_mended_goes_under_the_next_number(
    world: World, poison: Poison
) -> None:
    allow(world)
    total = len(states(world))
    poison(second_due(world))
    relayed(world)
    poison(None)
    (parked,) = list_parked(world.hub)
    assert retry_parked(world.hub, [parked.id, 0], at=clock.now()) == (parked.id,)
    assert relayed(world) == list(range(1, total + 1))
    assert list_parked(world.hub) == ()


def test_a_retry_decides_again(world: World, poison: Poison) -> None:
    consent = allow(world)
    poison(second_due(world))
    before = relayed(world)
    poison(None)
    withdraw_consent(world.hub, world.parent, consent, at=clock.now())
    (parked,) = list_parked(world.hub)
    retry_parked(world.hub, [parked.id], at=clock.now())
    assert relayed(world) == before
    assert "denied" in states(world)
    assert not deliveries(world, "sealed", "sent")


def test_what_no_message_can_carry_is_parked_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: bytes) -> bytes:
        raise TooLarge("no message can carry this much")

    monkeypatch.setattr(write_message, "padded", refuse)
    allow(world)
    claim_and_seal(world.hub, limit=100, at=clock.now())
    parked = list_parked(world.hub)
    assert len(parked) == len(states(world))
    assert {(one.reason, one.tries) for one in parked} == {("too_large", 1)}
    assert not deliveries(world, *EVERY)


def test_what_was_numbered_and_cannot_be_written_again_leaves_no_gap(
    world: World, poison: Poison
) -> None:
    allow(world)
    broken = second_due(world)
    sealed = claim_and_seal(world.hub, limit=100, at=clock.now())
    poison(broken)
    assert relayed(world) == [one.sequence for one in sealed]
    (parked,) = list_parked(world.hub)
    assert len(deliveries(world, "gone")) == 1
    poison(None)
    retry_parked(world.hub, [parked.id], at=clock.now())
    assert relayed(world) == list(range(1, len(sealed) + 2))


def test_trouble_of_the_database_is_waited_for_and_parks_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise SourceUnavailable("the database does not answer; try again in a moment")

    allow(world)
    with monkeypatch.context() as patched:
        patched.setattr(seal_delivery, "write_message", gone)
        for _ in range(2 * MOST_TRIES):
            with pytest.raises(SourceUnavailable):
                claim_and_seal(world.hub, limit=100, at=clock.now())
    assert set(states(world)) == {"due"}
    assert relayed(world) == list(range(1, len(states(world)) + 1))


def test_what_is_withdrawn_while_it_waits_keeps_its_number_and_opens_for_nobody(
    world: World,
) -> None:
    consent = allow(world)
    sealed = claim_and_seal(world.hub, limit=100, at=clock.now())
    withdraw_consent(world.hub, world.parent, consent, at=clock.now())
    queue_again(world, times=1)
    assert relayed(world) == [one.sequence for one in sealed]
    assert [one.id for one in in_topic(world)] == deliveries(world, "gone")
    with transaction(world.hub.engine) as tx:
        keys = tx.execute(text("select count(wrapped_key) from delivery")).scalar_one()
    assert keys == 0
    first = {one.delivery: one.jwe for one in sealed}
    assert not {one.payload for one in in_topic(world)} & set(first.values())


def test_what_a_broker_lost_comes_again_with_the_numbers_that_were_stopped(world: World) -> None:
    consent = allow(world)
    numbers = relayed(world)
    with transaction(world.hub.engine) as tx:
        tx.execute(text("update delivery set state = 'released' where sequence = 1"))
    withdraw_consent(world.hub, world.parent, consent, at=clock.now())
    relayed(world)
    seal_delivery.requeue_lost(world.hub, READER)
    again = seal_delivery.unsent(world.hub, partner=READER, limit=100, at=clock.now())
    assert [one.sequence for one in again] == [*numbers[1:], numbers[-1] + 1]


def typed(world: World, *words: str) -> Result:
    return CliRunner().invoke(app, ["relay", *words], env=environment(world.hub.settings))


def test_an_operator_lists_and_retries_what_was_parked(world: World, poison: Poison) -> None:
    allow(world)
    poison(second_due(world))
    relayed(world)
    listed = typed(world, "parked", "--json")
    (row,) = [json.loads(line) for line in listed.stdout.splitlines()]
    assert row["reason"] == "cannot_be_sealed"
    assert set(row) == {"id", "partner", "kind", "reason", "error", "tries", "at"}
    assert "may be in no log" not in listed.output + typed(world, "parked").output
    assert typed(world, "retry").exit_code == 2
    assert typed(world, "retry", str(row["id"] + 1_000)).exit_code == 1
    assert typed(world, "retry", "--all").stdout == "1 will be decided again\n"
    assert typed(world, "parked").stdout == ""
