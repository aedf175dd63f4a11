"""What a notice tells of something shared by law: why, when and with whom, to who may know it."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from gateway import clock
from gateway.exchange.family_views.read_notices import NoticeView, notices_of
from gateway.identity.callers import PersonCaller
from gateway.store import children, ties
from gateway.store.children import Tie
from gateway.store.engine import transaction
from tests.integration.lifecycle.speaking import (
    CLB,
    OTHER_CLB,
    VK,
    Speaking,
    hub,
    speaking,
)
from tests.support.route_records import concern, day, necessity, transfer

__all__ = ["hub", "speaking"]


def told(speaking: Speaking, person: UUID, *, at: datetime | None = None) -> list[NoticeView]:
    who = PersonCaller(person=str(person), correlation="t")
    return list(notices_of(speaking.hub, who, at=at or clock.now()))


def somebody(speaking: Speaking, relation: str, authority: str) -> UUID:
    with transaction(speaking.hub.engine) as tx:
        person = children.ensure_person(tx, relation.encode())
        tie = Tie(person=person, relation=relation, authority=authority)
        ties.set_tie(tx, speaking.child, tie, evidence="test", at=clock.now())
    return person


def test_parents_of_a_small_child_are_told_the_ground_the_day_and_the_services(
    speaking: Speaking,
) -> None:
    at = clock.now()
    speaking.spoken("necessity", necessity(at), at=at)
    for parent in speaking.parents:
        [one] = told(speaking, parent)
        assert (one.ground, one.day) == ("necessity", clock.brussels_date(at))
        assert (one.partner_name, one.recipient_name) == (f"{CLB} vzw", f"{VK} vzw")


def test_a_transfer_that_waits_for_an_objection_is_told_as_a_transfer(speaking: Speaking) -> None:
    record = transfer(clock.now(), notified=0)
    speaking.spoken("clb_transfer", record, to=OTHER_CLB, purpose="transfer")
    [one] = told(speaking, speaking.parents[0])
    assert (one.ground, one.recipient_name) == ("clb_transfer", f"{OTHER_CLB} vzw")


def test_what_is_delayed_is_told_with_its_own_day_when_the_delay_is_over(
    speaking: Speaking,
) -> None:
    at = clock.now()
    delayed = {"family": {"delayed": {"reason": "x", "review_on": day(at, 10)}}}
    answer = speaking.spoken("concern_report", concern(at) | delayed, at=at)
    assert answer.family_told_from is not None
    before = answer.family_told_from - timedelta(seconds=1)
    for parent in speaking.parents:
        assert told(speaking, parent, at=before) == []
        [one] = told(speaking, parent, at=answer.family_told_from)
        assert (one.ground, one.day) == ("concern_report", clock.brussels_date(at))


def test_a_carer_who_may_not_see_the_file_is_told_that_and_no_more(speaking: Speaking) -> None:
    foster = somebody(speaking, "foster_parent", "delegated")
    speaking.spoken("necessity", necessity(clock.now()))
    [one] = told(speaking, foster)
    assert one.kind == "shared_by_law"
    assert (one.ground, one.partner, one.partner_name, one.recipient_name) == ("", "", "", "")
    [known] = told(speaking, speaking.parents[0])
    assert known.ground == "necessity"


@pytest.mark.parametrize("change", ["classes = '{placement}'", "rules = '{H1,L3}'"])
def test_a_line_about_a_secret_place_tells_parents_no_ground(
    speaking: Speaking, change: str
) -> None:
    speaking.spoken("necessity", necessity(clock.now()))
    speaking.sql("alter table access_log disable trigger append_only")
    speaking.sql(f"update access_log set {change} where act = 'legal_route'")
    speaking.sql("alter table access_log enable trigger append_only")
    assert [one.ground for one in told(speaking, speaking.parents[0])] == [""]


def test_a_child_that_decides_is_told_the_ground_and_its_parents_nothing(
    speaking: Speaking,
) -> None:
    youngster = somebody(speaking, "self", "none")
    at = clock.now().replace(year=2033)
    speaking.spoken("necessity", necessity(at), at=at)
    assert [one.ground for one in told(speaking, youngster, at=at)] == ["necessity"]
    assert [told(speaking, one, at=at) for one in speaking.parents] == [[], []]
