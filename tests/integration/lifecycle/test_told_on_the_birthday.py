"""What was shared by law and is told later is told to the youngster that decides by then."""

from datetime import timedelta
from uuid import UUID

import pytest

from gateway import clock
from gateway.exchange.calendar.keep_calendar import keep_calendar
from gateway.exchange.family_views.read_notices import notices_of
from gateway.identity.callers import PersonCaller
from gateway.store import children, ties
from gateway.store.children import Tie
from gateway.store.engine import transaction
from tests.integration.lifecycle.speaking import Speaking, hub, speaking
from tests.integration.lifecycle.world import rewrite_facts
from tests.support.route_records import day, necessity

__all__ = ["hub", "speaking"]

BIRTHDAY_IN, TOLD_IN = timedelta(days=5), 10


# The calendar may stand still over the day on which the family is told.
@pytest.mark.parametrize("kept_after", [6, 11])
def test_who_turns_twelve_meanwhile_is_told_on_the_day_that_was_set(
    speaking: Speaking, kept_after: int
) -> None:
    at = clock.now()
    youngster = turning_twelve(speaking)
    delayed = {"family": {"delayed": {"reason": "x", "review_on": day(at, TOLD_IN)}}}
    speaking.spoken("necessity", necessity(at) | delayed, at=at)
    keep_calendar(speaking.hub, at=at + timedelta(days=kept_after))
    keep_calendar(speaking.hub, at=at + timedelta(days=kept_after + 1))
    assert laws(speaking, youngster, days=TOLD_IN - 1) == 0
    assert laws(speaking, youngster, days=TOLD_IN + 1) == 1
    assert {laws(speaking, one, days=TOLD_IN + 1) for one in speaking.parents} == {0}


def turning_twelve(speaking: Speaking) -> UUID:
    """Let the child turn twelve soon, and have a sign-in of its own."""
    birthday = clock.brussels_date(clock.now() + BIRTHDAY_IN)
    born = (birthday - timedelta(days=1)).replace(year=birthday.year - 12) + timedelta(days=1)
    with transaction(speaking.hub.engine) as tx:
        rewrite_facts(tx, speaking.hub, speaking.child, str(born))
        person = children.ensure_person(tx, b"the child itself")
        tie = Tie(person=person, relation="self", authority="none")
        ties.set_tie(tx, speaking.child, tie, evidence="test", at=clock.now())
    return person


def laws(speaking: Speaking, person: UUID, *, days: int) -> int:
    """Return how many notices of something shared by law a person sees after some days."""
    who = PersonCaller(person=str(person), correlation="t")
    shown = notices_of(speaking.hub, who, at=clock.now() + timedelta(days=days))
    return [one.kind for one in shown].count("shared_by_law")
