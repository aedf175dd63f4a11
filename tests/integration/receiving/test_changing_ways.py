"""A service that changes its way while something is under way loses nothing and rings for all."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway import clock
from gateway.errors import NotAllowed
from gateway.exchange.deliveries.ring_webhook import ring_ended, rings_due
from gateway.exchange.deliveries.seal_delivery import (
    Sealed,
    claim_and_seal,
    mark_sent,
    requeue_lost,
    unsent,
)
from gateway.exchange.families.answer_notice import answer_notice
from gateway.exchange.hub import Hub
from gateway.identity.callers import PartnerCaller
from gateway.store import feed
from gateway.store.engine import transaction
from gateway.streams import lane as lanes
from gateway.streams.lane import Lane
from gateway.streams.ledger import unsent_streams
from tests.integration.receiving.desk import Desk
from tests.support.family_world import CLB

HOOK = "http://127.0.0.1:1/hook"


class Sending(Lane):
    """A lane without a broker: what it sends is noted and marked."""

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub, None, CLB)  # type: ignore[arg-type]
        self.gone: list[int] = []

    def step(self, times: int = 4) -> None:
        for _ in range(times):
            self._step()

    def _deliver(self, batch: Sequence[Sealed]) -> None:
        self.gone += [one.sequence for one in batch]
        sent(self._hub, batch)


@pytest.fixture
def sending(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Sending:
    monkeypatch.setattr(lanes, "CHECK_SECONDS", 0.01)
    return Sending(desk.hub)


def sent(hub: Hub, batch: Sequence[Sealed]) -> None:
    offsets = [(one.delivery, place) for place, one in enumerate(batch)]
    mark_sent(hub, offsets, at=clock.now())


def sealed(desk: Desk, *, limit: int = 100, ways: Any = frozenset({"kafka"})) -> tuple[Sealed, ...]:
    return claim_and_seal(desk.hub, limit=limit, at=clock.now(), ways=ways)


def put(desk: Desk, one: Sealed) -> int:
    with transaction(desk.hub.engine) as tx:
        rows = [(UUID(one.delivery), one.sequence, one.jwe)]
        return feed.put(tx, one.partner, rows, at=clock.now())


def waiting(desk: Desk) -> list[int]:
    return [one.sequence for one in unsent(desk.hub, partner=CLB, limit=100, at=clock.now())]


def test_from_the_feed_to_kafka_what_was_not_pulled_still_comes(desk: Desk) -> None:
    consent = desk.allow()
    desk.fill()
    first = desk.page().events[0].id
    desk.world.open([first], at=clock.now())
    pulled = desk.page().events[-1].sequence
    desk.stop(consent)
    desk.fill()
    desk.receives("kafka")
    with pytest.raises(NotAllowed):
        desk.page(after=pulled)
    # The notice, and before it, under the numbers they had, those that nobody is known to have.
    assert waiting(desk) == list(range(2, pulled + 2))
    assert unsent_streams(desk.hub) == (CLB,)


def test_from_kafka_to_the_feed_what_was_sent_and_not_read_still_comes(desk: Desk) -> None:
    desk.receives("kafka")
    desk.allow()
    first, *others = sealed(desk)
    sent(desk.hub, [first, *others])
    desk.world.open([first.delivery], at=clock.now())
    desk.receives("feed")
    assert desk.fill() == len(others)
    assert [one.id for one in desk.page().events] == [one.delivery for one in others]


@pytest.mark.parametrize(("answered", "again"), [(True, 0), (False, 1)])
def test_a_notice_comes_again_in_the_other_way_only_if_its_service_did_not_answer_it(
    desk: Desk, *, answered: bool, again: int
) -> None:
    desk.receives("kafka")
    consent = desk.allow()
    mine = sealed(desk)
    sent(desk.hub, mine)
    desk.world.open([one.delivery for one in mine], at=clock.now())
    desk.stop(consent)
    (notice,) = sealed(desk)
    sent(desk.hub, [notice])
    caller = PartnerCaller(partner=CLB, scopes=frozenset())
    if answered:
        answer_notice(desk.hub, caller, notice.delivery, done="erased", basis=None, at=clock.now())
    desk.receives("feed")
    assert desk.fill() == again
    assert [one.id for one in desk.page().events] == [notice.delivery] * again
    desk.receives("kafka")
    assert waiting(desk) == [notice.sequence] * again


def test_a_way_that_is_said_again_or_gets_a_webhook_repeats_nothing(desk: Desk) -> None:
    desk.allow()
    moved = desk.fill()
    for way, url in (("feed", None), ("webhook", HOOK), ("webhook", HOOK), ("feed", None)):
        desk.receives(way, url=url)
        assert desk.fill() == 0
    assert len(desk.page().events) == moved


def test_what_the_broker_loses_after_the_change_stays_where_it_can_be_pulled(desk: Desk) -> None:
    desk.receives("kafka")
    desk.allow()
    mine = sealed(desk)
    sent(desk.hub, mine)
    desk.receives("feed")
    desk.fill()
    assert requeue_lost(desk.hub, CLB) == 0
    assert desk.fill() == 0
    assert [one.id for one in desk.page().events] == [one.delivery for one in mine]


def test_what_a_lane_had_in_hand_when_the_way_changed_comes_in_the_feed(desk: Desk) -> None:
    desk.receives("kafka")
    desk.allow()
    mine = sealed(desk)
    desk.receives("feed")
    sent(desk.hub, mine)
    assert desk.fill() == len(mine)
    assert all(one.payload for one in desk.page().events)


def test_what_a_filler_had_in_hand_when_the_way_changed_goes_the_new_way(desk: Desk) -> None:
    desk.allow()
    mine = sealed(desk, ways={"feed"})
    desk.receives("kafka")
    assert [put(desk, one) for one in mine] == [0] * len(mine)
    assert waiting(desk) == [one.sequence for one in mine]


def test_a_running_lane_sends_first_what_was_sealed_for_the_feed(
    desk: Desk, sending: Sending
) -> None:
    desk.receives("kafka")
    desk.allow()
    first = sealed(desk, limit=1)
    sending.step()
    desk.receives("feed")
    by_feed = sealed(desk, limit=1, ways={"feed"})  # and its filler ends before it puts them
    desk.receives("kafka")
    newer = sealed(desk)
    assert by_feed
    assert newer
    sending.offer(newer)
    sending.step()
    # The first was not read: it comes again, since the way changed.
    numbers = [one.sequence for one in (*first, *first, *by_feed, *newer)]
    assert sending.gone == numbers


def test_a_running_lane_that_is_told_to_look_sends_what_lay_in_the_feed(
    desk: Desk, sending: Sending
) -> None:
    sending.step()
    desk.allow()
    moved = desk.fill()
    desk.receives("kafka")
    sending.step()
    assert sending.gone == []
    assert unsent_streams(desk.hub) == (CLB,)
    sending.look()
    sending.step()
    assert sending.gone == list(range(1, moved + 1))
    assert unsent_streams(desk.hub) == ()


def test_two_fillers_that_put_out_of_order_ring_for_both(desk: Desk) -> None:
    desk.receives("webhook", url=HOOK)
    desk.allow()
    first, second, *_ = sealed(desk, limit=2, ways={"webhook"})
    put(desk, second)
    for ring in rings_due(desk.hub, at=clock.now()):
        ring_ended(desk.hub, ring, None, at=clock.now())
    assert desk.page().events == ()
    put(desk, first)
    assert len(desk.page().events) == 2
    (ring,) = rings_due(desk.hub, at=clock.now() + timedelta(hours=1))
    assert ring.claim.put_sequence == second.sequence
