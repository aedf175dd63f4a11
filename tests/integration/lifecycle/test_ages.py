"""Birthdays at midnight in Brussels: who decides changes, and what was under way ends with it."""

from datetime import date, timedelta

import orjson
import pytest
from sqlalchemy import text

from consent.moments import birthday
from gateway.store.engine import transaction
from tests.integration.lifecycle.world import CLASSES, READER, World, brussels

BORN = "2014-04-10"
TWELVE = date(2026, 4, 10)
WINDOW_OVER = TWELVE + timedelta(days=30)
BORN_18 = "2008-04-10"
EIGHTEEN = date(2026, 4, 10)
SENSITIVE = frozenset({*CLASSES, "diagnostic_report"})


def almost(day: date) -> date:
    return day - timedelta(days=1)


@pytest.fixture
def eleven(world: World) -> World:
    """A child that turns twelve, about whom both parents share a report as well."""
    world.born(BORN)
    world.state("diagnostic_report")
    world.both_grant(classes=SENSITIVE, until=date(2026, 7, 1))
    world.send()
    return world


@pytest.fixture
def seventeen(world: World) -> World:
    """A youngster that turns eighteen, for whom parents decided as long as it was not capable."""
    world.born(BORN_18)
    return world


def test_the_twelfth_birthday_is_announced_once_to_who_exercises_authority(eleven: World) -> None:
    day = TWELVE - timedelta(days=30)
    youngster = eleven.youngster()
    eleven.keep(brussels(almost(day), 23, 59, 59))
    assert eleven.notices("turns_twelve") == []
    for later in (0, 1, 29):
        eleven.keep(brussels(day + timedelta(days=later)))
    assert eleven.told_people("turns_twelve") == {eleven.mother, eleven.father}
    assert youngster not in eleven.told_people("turns_twelve")
    assert {one[2:] for one in eleven.notices("turns_twelve")} == {(str(eleven.child), TWELVE)}


def test_a_second_before_midnight_nothing_has_changed(eleven: World) -> None:
    eleven.keep(brussels(almost(TWELVE), 23, 59, 59))
    assert set(eleven.keys()) == SENSITIVE
    assert eleven.log("age_event") == []


def test_at_midnight_what_is_most_sensitive_stops_and_the_rest_goes_on(eleven: World) -> None:
    read = eleven.read()
    eleven.keep(brussels(TWELVE))
    assert set(eleven.keys()) == CLASSES
    assert eleven.log("age_event") == [("age_event", None, ["turned_twelve"])]
    assert eleven.told() == 1
    (notice,) = eleven.send(brussels(TWELVE))
    stopped = set(orjson.loads(notice)["withdrawn"])
    assert stopped < set(read), "some of the messages, not all of them"
    assert eleven.data_classes(stopped) == {"diagnostic_report"}
    assert eleven.sees(at=brussels(TWELVE)) > 0


def test_nobody_is_told_to_stop_with_what_nobody_read(eleven: World) -> None:
    eleven.keep(brussels(TWELVE))
    assert set(eleven.keys()) == CLASSES
    assert eleven.told() == 0


def test_parents_and_youngster_are_asked_to_confirm_on_the_day(eleven: World) -> None:
    youngster = eleven.youngster()
    eleven.keep(brussels(TWELVE, 8))
    assert eleven.told_people("reconfirm") == {eleven.mother, eleven.father, youngster}


def test_who_shared_nothing_has_nothing_to_confirm(world: World) -> None:
    world.born(BORN)
    world.keep(brussels(TWELVE))
    assert world.notices("reconfirm") == []
    assert world.log("age_event") == [("age_event", None, ["turned_twelve"])]


def test_after_thirty_days_the_grants_of_the_parents_carry_nothing(eleven: World) -> None:
    eleven.keep(brussels(TWELVE))
    eleven.keep(brussels(almost(WINDOW_OVER), 23, 59, 59))
    assert set(eleven.keys()) == CLASSES
    eleven.keep(brussels(WINDOW_OVER))
    assert eleven.keys() == {}
    assert [rules for *_, rules in eleven.log("age_event")] == [
        ["turned_twelve"],
        ["reconfirm_over"],
    ]
    assert eleven.events() == [], "the grants did not end; they carry nothing as long as it decides"


def test_running_again_on_and_after_the_day_changes_nothing(eleven: World) -> None:
    eleven.read()
    eleven.keep(brussels(TWELVE))
    before = eleven.everything()
    for later in (0, 1, 2):
        eleven.keep(brussels(TWELVE + timedelta(days=later), 5))
    assert eleven.everything() == before


def test_after_forty_days_of_standstill_a_birthday_happens_once(eleven: World) -> None:
    eleven.read()
    late = TWELVE + timedelta(days=40)
    eleven.keep(brussels(late))
    eleven.keep(brussels(late, 1))
    assert eleven.keys() == {}
    assert eleven.told() == 1
    assert [rules for *_, rules in eleven.log("age_event")] == [
        ["turned_twelve"],
        ["reconfirm_over"],
    ]
    assert eleven.told_people("reconfirm") == {eleven.mother, eleven.father}


def test_the_eighteenth_birthday_is_announced_sixty_days_before(seventeen: World) -> None:
    youngster = seventeen.youngster()
    day = EIGHTEEN - timedelta(days=60)
    seventeen.keep(brussels(almost(day), 23, 59, 59))
    assert seventeen.notices("turns_eighteen") == []
    seventeen.keep(brussels(day))
    seventeen.keep(brussels(EIGHTEEN - timedelta(days=1)))
    everyone = {seventeen.mother, seventeen.father, youngster}
    assert seventeen.told_people("turns_eighteen") == everyone


def test_at_eighteen_the_decisions_of_parents_end_and_the_own_ones_go_on(world: World) -> None:
    world.born("2014-06-01")
    youngster = world.youngster()
    own = world.grant(until=date(2026, 5, 1))
    _by(world, own, youngster)
    given = set(world.both_grant(until=date(2026, 5, 1)))
    world.send()
    world.born(BORN_18)
    world.keep(brussels(almost(EIGHTEEN), 23, 59, 59))
    assert world.ended() == set()
    kept = world.keep(brussels(EIGHTEEN))
    assert kept["consents_ended"] == len(given)
    assert world.ended() == given
    assert sorted(world.events()) == sorted((one, "ended") for one in given)
    assert world.told_people("consent_ended") == {world.mother, world.father}
    assert set(world.keys()) == CLASSES, "the own grant carries them"


def test_at_eighteen_readers_are_told_when_only_parents_had_granted(world: World) -> None:
    world.born("2014-06-01")
    world.both_grant(until=date(2026, 5, 1))
    world.send()
    world.read()
    world.born(BORN_18)
    for _ in range(2):
        world.keep(brussels(EIGHTEEN))
    assert world.keys() == {}
    assert world.told() == 1
    assert world.sees(at=brussels(EIGHTEEN)) == 0


@pytest.mark.parametrize("born", ["2014", "2014-04", "", "unknown"])
def test_an_unknown_birthday_does_nothing_and_is_counted(eleven: World, born: str) -> None:
    eleven.born(born)
    kept = eleven.keep(brussels(TWELVE))
    assert kept == {"birthdays_unknown": 1}
    assert eleven.log("age_event") == []


def test_who_is_born_on_29_february_has_a_birthday_on_1_march(world: World) -> None:
    world.born("2014-02-28")
    world.both_grant(until=date(2026, 6, 1))
    world.send()
    # There is no 29 February twelve years after one; ten years are no matter of the hub.
    assert birthday(date(2016, 2, 29), 18) == date(2034, 3, 1)
    world.born("2008-02-29")
    world.keep(brussels(date(2026, 2, 28), 23, 59, 59))
    assert world.ended() == set()
    world.keep(brussels(date(2026, 3, 1)))
    assert len(world.ended()) == 2


def test_a_child_that_became_known_later_has_no_birthdays_of_before(world: World) -> None:
    world.born("2011-01-12")
    world.keep(brussels(date(2026, 1, 13)))
    assert world.log("age_event") == []


def test_a_message_about_a_birthday_names_nobody(eleven: World) -> None:
    eleven.read()
    eleven.keep(brussels(TWELVE))
    (notice,) = eleven.send(brussels(TWELVE))
    assert set(orjson.loads(notice)) == {"withdrawn"}
    assert READER.encode() not in notice


def _by(world: World, consent: object, person: object) -> None:
    with transaction(world.hub.engine) as tx:
        tx.execute(
            text("update consent set person = :person, giver = 'self' where id = :id"),
            {"person": person, "id": consent},
        )


def test_a_gate_that_is_closed_for_a_while_is_no_end_of_what_was_read(eleven: World) -> None:
    eleven.read()
    with transaction(eleven.hub.engine) as tx:
        tx.execute(text("update partner set status = 'suspended' where id = 'vaph'"))
    eleven.keep(brussels(TWELVE))
    assert eleven.told() == 0
