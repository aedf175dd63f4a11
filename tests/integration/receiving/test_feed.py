"""The feed hands over the same messages as a topic: sealed, in order, without a gap."""

import pytest

from gateway import clock
from gateway.errors import Conflict, InvalidRequest, NotAllowed
from gateway.exchange.deliveries import read_feed as reading
from gateway.exchange.deliveries.fill_feed import drop_read
from gateway.exchange.deliveries.release_key import release_keys
from gateway.exchange.deliveries.seal_delivery import UPDATED_TYPE, WITHDRAWN_TYPE, claim_and_seal
from gateway.exchange.partners.register_partner import set_partner_status
from gateway.identity.callers import PartnerCaller
from gateway.identity.jose import unseal
from tests.integration.receiving.desk import Desk, later
from tests.support.family_world import CAW, CLB


def opened(desk: Desk, *ids: str) -> dict[str, str]:
    return desk.world.open(list(ids), at=clock.now())


def test_what_the_family_allows_lies_in_the_feed_under_numbers_without_a_gap(desk: Desk) -> None:
    desk.allow()
    moved = desk.fill()
    page = desk.page()
    assert [one.sequence for one in page.events] == list(range(1, moved + 1))
    assert {one.type for one in page.events} == {UPDATED_TYPE}
    assert not page.more


def test_a_key_of_the_hub_opens_what_lies_in_the_feed(desk: Desk) -> None:
    desk.allow()
    desk.fill()
    events = {one.id: one for one in desk.page().events}
    caller = PartnerCaller(partner=CLB, scopes=frozenset())
    for key in release_keys(desk.hub, caller, list(events), at=clock.now()):
        assert key.jwk is not None
        assert (unseal(key.jwk, events[key.id].payload or b"") or b"").startswith(
            b'{"resourceType"'
        )


def test_the_same_question_gets_the_same_bytes(desk: Desk) -> None:
    desk.allow()
    desk.fill()
    assert desk.page() == desk.page()


def test_pages_together_are_the_feed(desk: Desk) -> None:
    desk.allow()
    moved = desk.fill()
    seen: list[int] = []
    while (page := desk.page(after=seen[-1] if seen else 0, limit=2)).events:
        seen += [one.sequence for one in page.events]
        assert page.more == (len(seen) < moved)
    assert seen == list(range(1, moved + 1))


def test_a_page_holds_bytes_enough_and_always_one_message(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.allow()
    assert desk.fill() > 1
    monkeypatch.setattr(reading, "PAGE_BYTES", 1)
    page = desk.page()
    assert len(page.events) == 1
    assert page.more


def test_nothing_of_a_service_with_a_feed_goes_to_kafka_and_the_other_way_round(desk: Desk) -> None:
    desk.allow()
    desk.allow(to=CAW)
    by_kafka = claim_and_seal(desk.hub, limit=100, at=clock.now())
    assert {one.partner for one in by_kafka} == {CAW}
    assert desk.fill() > 0
    assert {one.partner for one in desk.world.seal(at=clock.now())} == set()


def test_a_crash_between_sealing_and_putting_loses_and_doubles_nothing(desk: Desk) -> None:
    desk.allow()
    sealed = claim_and_seal(desk.hub, limit=100, at=clock.now(), ways={"feed"})
    assert sealed
    assert desk.page().events == ()
    desk.fill()
    assert [one.id for one in desk.page().events] == [one.delivery for one in sealed]


def test_who_stops_is_told_in_the_feed_and_what_was_not_read_never_opens(desk: Desk) -> None:
    consent = desk.allow()
    desk.fill()
    first, *others = [one.id for one in desk.page().events]
    assert opened(desk, first) == {first: "released"}
    desk.stop(consent)
    desk.fill()
    notice = desk.page().events[-1]
    assert notice.type == WITHDRAWN_TYPE
    assert notice.payload == b'{"withdrawn":["%s"]}' % first.encode()
    assert set(opened(desk, *others).values()) == {"gone"}


def test_what_was_destroyed_before_it_lay_there_keeps_its_number(desk: Desk) -> None:
    consent = desk.allow()
    sealed = claim_and_seal(desk.hub, limit=100, at=clock.now(), ways={"feed"})
    desk.stop(consent)
    desk.fill()
    events = desk.page().events
    assert [one.sequence for one in events] == [one.sequence for one in sealed]
    assert set(opened(desk, *(one.id for one in events)).values()) == {"gone"}


def test_ciphertext_is_dropped_after_its_key_is_out_and_never_before(desk: Desk) -> None:
    desk.allow()
    desk.fill()
    first, *others = [one.id for one in desk.page().events]
    opened(desk, first)
    assert drop_read(desk.hub, at=later(days=29)) == 0
    assert drop_read(desk.hub, at=later(days=31)) == 1
    page = desk.page()
    assert [one.id for one in page.events] == [first, *others]
    assert [one.payload is None for one in page.events] == [True] + [False] * len(others)


def test_a_notice_stays(desk: Desk) -> None:
    consent = desk.allow()
    desk.fill()
    opened(desk, *(one.id for one in desk.page().events))
    desk.stop(consent)
    desk.fill()
    drop_read(desk.hub, at=later(days=400))
    assert desk.page().events[-1].payload is not None


def test_a_service_that_changes_its_way_goes_on_where_it_was(desk: Desk) -> None:
    desk.receives("kafka")
    desk.allow()
    sent = claim_and_seal(desk.hub, limit=2, at=clock.now())
    opened(desk, *(one.delivery for one in sent))
    desk.receives("feed")
    desk.fill()
    numbers = [one.sequence for one in desk.page().events]
    assert numbers[0] == len(sent) + 1
    with pytest.raises(InvalidRequest, match=f"begins after {len(sent)}"):
        desk.page(after=len(sent) - 1)


def test_what_was_never_handed_to_a_broker_goes_into_the_new_feed(desk: Desk) -> None:
    desk.receives("kafka")
    desk.allow()
    sealed = claim_and_seal(desk.hub, limit=100, at=clock.now())
    desk.receives("feed")
    desk.fill()
    assert [one.id for one in desk.page().events] == [one.delivery for one in sealed]


def test_a_number_that_no_message_has_yet_is_told(desk: Desk) -> None:
    with pytest.raises(Conflict, match="begin at 0"):
        desk.page(after=1)


def test_a_service_with_kafka_or_suspended_gets_no_feed(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        desk.page(partner=CAW)
    set_partner_status(desk.hub, CLB, "suspended", at=clock.now())
    with pytest.raises(NotAllowed):
        desk.page()
