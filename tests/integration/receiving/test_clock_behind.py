"""A calendar whose clock is behind stops what ended, and nothing that was just given elsewhere."""

from datetime import timedelta

from gateway.exchange.calendar.keep_calendar import keep_calendar
from tests.integration.receiving.desk import Desk
from tests.support.family_world import CLB, DAY, SEVEN

# By then a grant of seven days is over.
LATER = SEVEN + 8 * DAY
AHEAD = LATER + timedelta(minutes=5)


def test_a_grant_that_a_faster_clock_accepted_keeps_its_keys_and_what_expired_loses_them(
    desk: Desk,
) -> None:
    world = desk.world
    for parent in (world.father, world.mother):
        world.given(parent, {"functional"}, at=SEVEN, days=7)
    desk.fill_at(SEVEN)
    assert set(world.keys(CLB).values()) == {"functional"}
    for parent in (world.father, world.mother):
        world.given(parent, {"diagnosis"}, at=AHEAD)
    desk.fill_at(AHEAD)
    assert set(world.keys(CLB).values()) == {"functional", "diagnosis"}
    kept = keep_calendar(desk.hub, at=LATER)
    assert (kept["consents_ended"], kept["failed"]) == (2, 0)
    told = world.keys(CLB)
    messages = [one.id for one in desk.page().events]
    opened = world.open(messages, at=LATER)
    assert {one for one, state in opened.items() if state == "released"} <= set(told)
    assert [told[one] for one, state in opened.items() if state == "released"] == ["diagnosis"]
