"""Five tries take a while, however often it is tried and by whom: passing trouble parks nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from gateway import clock
from gateway.exchange.deliveries import seal_delivery, write_message
from gateway.exchange.deliveries.park_delivery import FIRST_WAIT, MOST_TRIES, list_parked
from gateway.exchange.deliveries.seal_delivery import claim_and_seal, unsent
from gateway.exchange.sealing_fuse import SealingFuse
from gateway.store import outbox
from gateway.store.engine import transaction
from tests.integration.streams.world import OTHER, READER, World, allow, deliveries
from tests.support.more_children import more_children

Hit = Callable[[UUID], bool]
# 1, 2, 4 and 8 times the first wait.
WHILE = 15 * FIRST_WAIT


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch) -> Callable[[Hit], None]:
    """Let the code fail for the children that the test says."""
    written = write_message.write_message

    def hit(who: Hit) -> None:
        def write(tx: Any, hub: Any, delivery: Any, *rest: Any, **keys: Any) -> Any:
            if who(delivery.child):
                raise KeyError("a name that may be in no log")
            return written(tx, hub, delivery, *rest, **keys)

        monkeypatch.setattr(seal_delivery, "write_message", write)

    return hit


def tried(world: World, start: datetime, *, seconds: float, every: float) -> None:
    """Try for some seconds, as often as a full lane beside it lets the relay."""
    at = start
    while at <= start + timedelta(seconds=seconds):
        claim_and_seal(world.hub, limit=100, at=at)
        at += timedelta(seconds=every)


def another_process(world: World) -> World:
    """The same hub in a process that has learnt nothing yet."""
    return replace(world, hub=replace(world.hub, fuse=SealingFuse()))


def test_a_message_that_is_tried_all_the_time_is_parked_after_a_quarter_of_a_minute(
    world: World, fails: Callable[[Hit], None]
) -> None:
    allow(world)
    start = clock.now()
    fails(lambda _: True)
    tried(world, start, seconds=WHILE.seconds - 1, every=0.25)
    assert list_parked(world.hub) == ()
    claim_and_seal(world.hub, limit=100, at=start + WHILE)
    (parked,) = list_parked(world.hub)
    assert (parked.reason, parked.tries) == ("cannot_be_sealed", MOST_TRIES)


def test_every_process_counts_from_when_any_of_them_tried_last(
    world: World, fails: Callable[[Hit], None]
) -> None:
    allow(world)
    start = clock.now()
    fails(lambda _: True)
    for _ in range(2 * MOST_TRIES):
        tried(another_process(world), start, seconds=0.2, every=0.02)
    assert list_parked(world.hub) == ()
    tried(another_process(world), start, seconds=WHILE.seconds, every=0.5)
    assert len(list_parked(world.hub)) == 1


def test_a_clock_that_was_far_ahead_keeps_nobody_waiting_for_that_day(
    world: World, fails: Callable[[Hit], None]
) -> None:
    allow(world)
    fails(lambda _: True)
    claim_and_seal(world.hub, limit=100, at=clock.now() + timedelta(days=30))
    tried(world, clock.now(), seconds=WHILE.seconds, every=0.5)
    assert len(list_parked(world.hub)) == 1


def test_what_is_sealed_waits_as_long_before_its_key_is_destroyed(
    world: World, fails: Callable[[Hit], None]
) -> None:
    allow(world)
    start = clock.now()
    sealed = claim_and_seal(world.hub, limit=100, at=start)
    fails(lambda _: True)
    for tenth in range(10 * (WHILE.seconds - 1)):
        with pytest.raises(KeyError):
            unsent(world.hub, partner=READER, limit=100, at=start + timedelta(seconds=tenth / 10))
    assert len(deliveries(world, "sealed")) == len(sealed)
    # All of them were counted side by side: a lane waits once, and not once for each.
    again = unsent(world.hub, partner=READER, limit=100, at=start + WHILE)
    assert [one.sequence for one in again] == [one.sequence for one in sealed]
    assert len(list_parked(world.hub)) == len(sealed)


def failed_four_times(world: World) -> None:
    """Let the first message of each child have failed four times, an hour ago."""
    query = """update outbox set tries = :tries, tried_at = now() - interval '1 hour'
        where id in (select min(id) from outbox where state = 'due' group by partner, child)"""
    with transaction(world.hub.engine) as tx:
        tx.execute(text(query), {"tries": MOST_TRIES - 1})


@pytest.mark.parametrize("services", [1, 2])
def test_a_process_that_starts_amid_trouble_of_the_hub_parks_nothing(
    world: World, fails: Callable[[Hit], None], services: int
) -> None:
    families = [world, *more_children(world, 2)]
    partners = [READER] * 3 if services == 1 else [OTHER, READER, READER]
    for one, partner in zip(families, partners, strict=True):
        allow(one, partner)
    failed_four_times(world)
    fails(lambda _: True)
    for _ in range(MOST_TRIES):
        claim_and_seal(another_process(world).hub, limit=100, at=clock.now())
    assert list_parked(world.hub) == ()


def test_three_children_whose_content_is_wrong_do_not_keep_a_lane_from_the_ones_behind(
    world: World, fails: Callable[[Hit], None]
) -> None:
    families = [world, *more_children(world, 3)]
    for one in families:
        allow(one)
    start = clock.now()
    sealed = claim_and_seal(world.hub, limit=100, at=start)
    poisoned = {one.child for one in families[:-1]}
    fails(poisoned.__contains__)
    for second in range(WHILE.seconds):
        with pytest.raises(KeyError):
            unsent(world.hub, partner=READER, limit=100, at=start + timedelta(seconds=second))
    again = unsent(world.hub, partner=READER, limit=100, at=start + WHILE)
    assert [one.sequence for one in again] == [one.sequence for one in sealed]
    assert deliveries(world, "sealed")


def test_what_fails_at_the_head_of_a_lane_holds_up_no_more_than_fits_beside_it(
    world: World, fails: Callable[[Hit], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    families = [world, *more_children(world, 3)]
    for one in families:
        allow(one)
    start = clock.now()
    claim_and_seal(world.hub, limit=100, at=start)
    poisoned = {one.child for one in families[:-1]}
    fails(poisoned.__contains__)
    # As much as the three that fail weigh: what works lies behind them.
    monkeypatch.setattr(outbox, "MOST_BYTES", weight_of(world, poisoned))
    assert any(sent_again(world, start + seconds * FIRST_WAIT) for seconds in range(0, 120, 2))


def weight_of(world: World, about: set[UUID]) -> int:
    query = text(
        "select sum(octet_length(v.content)) from delivery d join resource_version v"
        " on v.resource = d.resource and v.version = d.version where d.child = any(:about)"
    )
    with transaction(world.hub.engine) as tx:
        return int(tx.execute(query, {"about": sorted(about)}).scalar_one())


def sent_again(world: World, at: datetime) -> int:
    try:
        return len(unsent(world.hub, partner=READER, limit=100, at=at))
    except KeyError:
        return 0
