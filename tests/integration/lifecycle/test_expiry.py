"""A grant ends on its last day without anybody doing anything, and without grace."""

from datetime import date, timedelta

import orjson
import pytest

from gateway.errors import SourceUnavailable
from gateway.exchange.calendar import keep_calendar as calendar_case
from gateway.exchange.families.end_consents import keep_expiry
from tests.integration.lifecycle.world import CLASSES, READER, START, World, brussels

TODAY = START.date()
LAST = TODAY + timedelta(days=60)
AFTER = LAST + timedelta(days=1)


def test_a_grant_that_ends_within_thirty_days_is_announced_to_its_giver_once(world: World) -> None:
    given = world.grant(until=LAST)
    reminder = LAST - timedelta(days=30)
    world.keep(brussels(reminder - timedelta(days=1), 23, 59, 59))
    assert world.notices() == []
    for hour in (0, 12, 23):
        world.keep(brussels(reminder, hour))
    assert world.notices() == [(world.mother, "consent_ends_soon", str(given), LAST)]
    assert world.events() == []


def test_a_grant_ends_at_midnight_in_brussels_after_its_last_day(world: World) -> None:
    given = world.grant(until=LAST)
    assert world.keep(brussels(LAST, 23, 59, 59)).get("consents_ended") is None
    assert world.keep(brussels(AFTER))["consents_ended"] == 1
    assert world.events() == [(given, "ended")]
    assert world.ended() == {given}
    assert world.notices("consent_ended") == [(world.mother, "consent_ended", str(given), LAST)]
    assert [act for act, *_ in world.log("consent_ended")] == ["consent_ended"]


def test_running_again_changes_nothing(world: World) -> None:
    world.grant(until=LAST)
    world.send()
    world.keep(brussels(AFTER))
    before = world.everything()
    for day in range(3):
        assert "consents_ended" not in world.keep(brussels(AFTER + timedelta(days=day), 6))
    assert world.everything() == before


def test_a_message_queued_under_a_grant_that_ended_yesterday_has_no_key(world: World) -> None:
    world.grant(until=LAST)
    world.send()
    assert set(world.keys()) == CLASSES
    kept = world.keep(brussels(AFTER))
    assert world.keys() == {}
    assert kept["keys_destroyed"] == len(world.messages())
    assert set(world.read(at=brussels(AFTER)).values()) == {"gone"}
    assert world.told() == 0, "nobody read it, so nobody is to be told"


def test_a_grant_without_grace_denies_before_the_calendar_ran(world: World) -> None:
    world.grant(until=LAST)
    world.send()
    assert world.sees(at=brussels(LAST, 23, 59, 59)) > 0
    assert world.sees(at=brussels(AFTER)) == 0
    assert set(world.read(at=brussels(AFTER)).values()) == {"gone"}


def test_who_had_read_is_told_once_which_messages_to_use_no_further(world: World) -> None:
    world.grant(until=LAST)
    world.send()
    read = world.read()
    assert set(read.values()) == {"released"}
    world.keep(brussels(AFTER))
    world.keep(brussels(AFTER + timedelta(days=1)))
    assert world.told() == 1
    (notice,) = world.send(brussels(AFTER + timedelta(days=1)))
    assert orjson.loads(notice) == {"withdrawn": list(read)}


def test_who_asked_again_between_midnight_and_the_calendar_is_told_as_well(world: World) -> None:
    world.grant(until=LAST)
    world.send()
    world.read()
    world.read(at=brussels(AFTER))
    world.keep(brussels(AFTER, 1))
    assert world.told() == 1


def test_what_the_other_parent_still_carries_goes_on(world: World) -> None:
    world.grant(world.mother, until=LAST)
    world.grant(world.father, until=LAST + timedelta(days=20))
    world.send()
    world.read()
    kept = world.keep(brussels(AFTER))
    assert kept["consents_ended"] == 1
    assert set(world.keys()) == CLASSES
    assert world.told() == 0
    assert world.sees(at=brussels(AFTER)) > 0


def test_the_grants_to_other_services_stay(world: World) -> None:
    world.grant(until=LAST)
    world.grant(to="caw-voorbeeldregio", until=LAST + timedelta(days=20))
    world.send()
    world.keep(brussels(AFTER))
    assert world.keys() == {}
    assert set(world.keys("caw-voorbeeldregio")) == CLASSES


def test_after_forty_days_of_standstill_everything_due_happened_once(world: World) -> None:
    given = world.grant(until=LAST)
    world.send()
    world.read()
    late = LAST + timedelta(days=40)
    world.keep(brussels(late, 7))
    world.keep(brussels(late, 8))
    assert world.notices() == [(world.mother, "consent_ended", str(given), LAST)]
    assert world.events() == [(given, "ended")]
    assert world.told() == 1
    assert world.keys() == {}


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_the_nights_in_which_the_clock_changes_are_nights_like_others(
    world: World, day: date
) -> None:
    given = world.grant(until=day, at=brussels(day - timedelta(days=40)))
    for at in (brussels(day), brussels(day, 3), brussels(day, 23, 59, 59)):
        world.keep(at)
        assert world.ended() == set()
    world.keep(brussels(day + timedelta(days=1)))
    assert world.ended() == {given}


def test_a_run_that_breaks_off_is_taken_up_where_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.grant(until=LAST)
    world.send()

    def broken(*given: object, **more: object) -> None:
        keep_expiry(*given, **more)  # type: ignore[arg-type]
        raise SourceUnavailable("the database went away")

    monkeypatch.setattr(calendar_case, "keep_expiry", broken)
    before = world.everything()
    with pytest.raises(SourceUnavailable):
        world.keep(brussels(AFTER))
    assert world.everything() == before, "nothing of the broken transaction holds"
    monkeypatch.undo()
    assert world.keep(brussels(AFTER))["consents_ended"] == 1
    assert world.keys() == {}
    assert {partner for _, partner, _ in world.log("sharing_stopped")} == {READER}
