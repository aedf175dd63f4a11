"""What a service was still to receive, or to be told, when it merged: its successor gets it."""

from datetime import datetime, timedelta
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from gateway import clock
from gateway.exchange.deliveries.end_deliveries import end_deliveries
from gateway.exchange.deliveries.fill_feed import fill_feed
from gateway.exchange.deliveries.park_delivery import retry_parked
from gateway.exchange.deliveries.release_key import release_keys
from gateway.exchange.erasure.erase_child import (
    Decider,
    Erased,
    ErasureRequest,
    ask_erasure,
    confirm_erasure,
)
from gateway.exchange.erasure.retention_register import GROUNDS
from gateway.exchange.families.answer_notice import answer_notice
from gateway.exchange.partners.register_way import Way, set_way
from gateway.exchange.services.organisations import merge_partner
from gateway.identity.callers import PartnerCaller
from gateway.store import succession
from gateway.store.engine import transaction
from tests.integration.lifecycle.merging import ELSEWHERE, HEIR, LATER, merge, merging
from tests.integration.lifecycle.speaking import VK, Speaking, hub, speaking
from tests.integration.lifecycle.test_routes_of_merged_services import OTHER_VK, heir_of_vk
from tests.integration.lifecycle.world import READER, SOURCE, START, World
from tests.support.route_records import concern

__all__ = ["heir_of_vk", "hub", "merging", "speaking"]

_PARK = """
update outbox set state = 'parked', parked_for = 'cannot_be_sealed', parked_error = 'X',
       parked_at = now(), tries = 5
 where state = 'due' and {which} returning id, resource
"""


def test_what_was_parked_for_the_old_service_goes_to_the_successor(merging: World) -> None:
    merging.grant()
    with transaction(merging.hub.engine) as tx:
        which = "id = (select min(id) from outbox)"
        [parked] = tx.execute(text(_PARK.format(which=which))).all()
    merge(merging)
    merging.send(LATER)
    with transaction(merging.hub.engine) as tx:
        query = text("select resource from delivery where partner = :heir")
        assert parked.resource in set(tx.execute(query, {"heir": HEIR}).scalars())


@pytest.mark.usefixtures("heir_of_vk")
def test_what_was_parked_on_a_legal_route_waits_for_the_successor(speaking: Speaking) -> None:
    answer = speaking.spoken("concern_report", concern(clock.now()))
    with transaction(speaking.hub.engine) as tx:
        rows = tx.execute(text(_PARK.format(which="route is not null"))).all()
    assert merge_partner(speaking.hub, VK, OTHER_VK, at=clock.now()).settled
    assert speaking.read(OTHER_VK) == []
    retry_parked(speaking.hub, [one.id for one in rows], at=clock.now())
    assert len(speaking.read(OTHER_VK)) == len(answer.resources) > 0


def soon_over(world: World) -> list[str]:
    """Let the reader open what is shared for a few days; return the messages."""
    world.both_grant(until=(START + timedelta(days=3)).date())
    world.send()
    read = world.read()
    assert set(read.values()) == {"released"}
    return sorted(read)


def notices(sent: tuple[bytes, ...]) -> list[dict[str, list[str]]]:
    return [orjson.loads(one) for one in sent if one.startswith((b'{"withdrawn', b'{"ended'))]


def test_a_notice_of_an_expiry_that_waits_goes_to_the_successor(merging: World) -> None:
    read = soon_over(merging)
    merging.keep(LATER - timedelta(hours=1))
    assert (merging.told(READER), merging.told(HEIR)) == (1, 0)
    merge(merging)
    assert (merging.told(READER), merging.told(HEIR)) == (0, 1)
    [notice] = notices(merging.send(LATER))
    assert sorted(notice["withdrawn"]) == read


def test_an_end_after_the_merger_is_told_to_the_successor(merging: World) -> None:
    """The old service can be told nothing any more, and its copies are the successor's now."""
    read = soon_over(merging)
    merge_partner(merging.hub, READER, HEIR, at=START + timedelta(days=1))
    merging.keep(START + timedelta(days=2))
    assert (merging.told(READER), merging.told(HEIR)) == (0, 0)
    merging.keep(LATER)
    assert (merging.told(READER), merging.told(HEIR)) == (0, 1)
    [notice] = notices(merging.send(LATER))
    assert sorted(notice["withdrawn"]) == read


def test_a_statement_that_ends_after_the_merger_is_told_to_the_successor(merging: World) -> None:
    read = soon_over(merging)
    merge_partner(merging.hub, READER, HEIR, at=START + timedelta(days=1))
    with transaction(merging.hub.engine) as tx:
        tx.execute(text("update resource set status = 'superseded'"))
        end_deliveries(tx, merging.child, at=START + timedelta(days=2))
    [notice] = notices(merging.send(START + timedelta(days=2)))
    assert sorted(notice["ended"]) == read
    assert told_partner(merging) == HEIR


def test_a_word_that_something_ended_goes_to_the_successor(merging: World) -> None:
    read = soon_over(merging)
    with transaction(merging.hub.engine) as tx:
        tx.execute(text("update resource set status = 'superseded'"))
        end_deliveries(tx, merging.child, at=START)
    merge(merging)
    [notice] = notices(merging.send(LATER))
    assert sorted(notice["ended"]) == read


@pytest.mark.parametrize("into", [HEIR, ELSEWHERE])
def test_who_goes_on_for_a_service_is_told_that_a_child_was_erased(
    merging: World, into: str
) -> None:
    """Nothing else is left here of that child, and the copies went to whatever successor."""
    read = soon_over(merging)
    auditor, officer = Decider(name="auditor/a"), Decider(name="auditor/b", is_dpo=True)
    request = ErasureRequest(child=merging.child, ground=next(iter(GROUNDS)), reason="x")
    asked = ask_erasure(merging.hub, request, auditor, at=START)
    assert isinstance(asked, UUID)
    assert isinstance(confirm_erasure(merging.hub, asked, officer, at=START), Erased)
    merge(merging, into=into)
    [notice] = notices(merging.send(LATER))
    assert sorted(notice["ended"]) == read
    assert told_partner(merging) == into


@pytest.mark.parametrize("way", ["feed", "kafka"])
@pytest.mark.parametrize("opened", ["before", "after", "answered"])
def test_a_notice_that_lies_unread_with_who_is_over_goes_out_again(
    merging: World, way: str, opened: str
) -> None:
    """Unless something after it was opened, or it was answered: then it was read."""
    register_way(merging, READER, way)
    merging.state("functional", key=b"y")
    merging.both_grant(until=(START + timedelta(days=30)).date())
    goes_out(merging, START)
    first, *others = merging.messages()
    opens(merging, first, START)
    merging.restrict(SOURCE, at=START + timedelta(days=1))
    goes_out(merging, START + timedelta(days=1))
    if opened == "after":
        with transaction(merging.hub.engine) as tx:
            last = (
                "update delivery set state = 'released', sequence = sequence + 1000 where id = :id"
            )
            tx.execute(text(last), {"id": others[0]})
    if opened == "answered":
        answers(merging)
    merge(merging)
    again = notices(merging.send(LATER))
    assert again == ([{"withdrawn": [str(first)]}] if opened == "before" else [])
    with transaction(merging.hub.engine) as tx:
        assert succession.move_notices(tx, READER, HEIR) == 0


def test_a_notice_in_a_topic_goes_to_a_successor_that_takes_the_feed_and_once(
    merging: World,
) -> None:
    read = soon_over(merging)
    merging.keep(LATER - timedelta(hours=1))
    assert len(notices(merging.send(LATER))) == 1
    register_way(merging, HEIR, "feed")
    merge(merging)
    assert notices(merging.send(LATER)) == []
    fill_feed(merging.hub, limit=100, at=LATER)
    with transaction(merging.hub.engine) as tx:
        query = "select payload from delivery d join feed_message f on f.delivery = d.id"
        lies = tx.execute(text(f"{query} where partner = :heir"), {"heir": HEIR}).scalars()
        assert [sorted(one["withdrawn"]) for one in notices(tuple(map(bytes, lies)))] == [read]
    merging.keep(LATER + timedelta(days=1))
    fill_feed(merging.hub, limit=100, at=LATER + timedelta(days=1))
    assert merging.told(HEIR) == 1


def goes_out(world: World, at: datetime) -> None:
    """Let everything go out, whatever way it is received."""
    fill_feed(world.hub, limit=100, at=at)
    world.send(at)


def answers(world: World) -> None:
    with transaction(world.hub.engine) as tx:
        query = text("select id from delivery where partner = :reader and kind = 'withdrawn'")
        notice = tx.execute(query, {"reader": READER}).scalar_one()
    caller = PartnerCaller(partner=READER, scopes=frozenset())
    done = answer_notice(world.hub, caller, str(notice), done="erased", basis=None, at=LATER)
    assert done


def opens(world: World, message: UUID, at: datetime) -> None:
    caller = PartnerCaller(partner=READER, scopes=frozenset())
    assert release_keys(world.hub, caller, [str(message)], at=at)[0].state == "released"


def register_way(world: World, partner: str, way: str) -> None:
    assert set_way(world.hub, partner, Way(way=way), at=START)


def told_partner(world: World) -> str:
    with transaction(world.hub.engine) as tx:
        query = text("select distinct partner from delivery where kind = 'ended'")
        return str(tx.execute(query).scalar_one())
