"""Who decides no more stops what rested on an own yes, and nothing that others let go."""

from datetime import datetime, timedelta

from gateway.exchange.families.assess import Assessed, assess
from gateway.exchange.families.contest import contest_consent
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.identity.callers import PartnerCaller
from tests.support.family_world import CLB, DAY, EIGHTEEN, SEVEN, TWELVE, FamilyWorld

HOUR = timedelta(hours=1)
BOTH = {"diagnosis", "functional"}


def found_incapable(world: FamilyWorld, *, at: datetime) -> None:
    clb = PartnerCaller(partner=CLB, scopes=frozenset())
    assessed = Assessed(
        patient=world.patient(CLB),
        outcome="incapable",
        reasons="Na drie gesprekken blijkt dat het de gevolgen nog niet overziet.",
        assessor="An Peeters, psycholoog",
    )
    assert isinstance(assess(world.hub, clb, assessed, at=at), str)


def test_a_parent_does_not_stop_what_the_child_gave_itself(world: FamilyWorld) -> None:
    mothers = world.given(world.mother, BOTH, at=TWELVE - DAY, days=200)
    at = TWELVE + 60 * DAY
    world.given(world.youngster(at=TWELVE), BOTH, at=at, days=200)
    world.seal(at=at)
    keys = world.keys()
    read = min(keys)
    assert world.open([read], at=at + HOUR) == {read: "released"}
    assert withdraw_consent(world.hub, world.mother, mothers, at=at + DAY)
    world.seal(at=at + DAY)
    assert world.keys() == keys
    assert world.told() == 0
    assert world.reads(at=at + DAY) == 1


def test_a_parent_stops_nothing_of_who_turned_eighteen(world: FamilyWorld) -> None:
    found_incapable(world, at=EIGHTEEN - 11 * DAY)
    mothers = world.given(world.mother, BOTH, at=EIGHTEEN - 10 * DAY, days=200)
    young = world.youngster(at=EIGHTEEN)
    world.given(young, BOTH, at=EIGHTEEN, days=200)
    world.seal(at=EIGHTEEN)
    keys = world.keys()
    assert keys
    assert withdraw_consent(world.hub, world.mother, mothers, at=EIGHTEEN + HOUR)
    assert world.keys() == keys


def test_in_the_thirty_days_too_the_child_s_own_yes_goes_on(world: FamilyWorld) -> None:
    mothers = world.given(world.mother, BOTH, at=TWELVE - DAY, days=200)
    world.seal(at=TWELVE - DAY)
    young = world.youngster(at=TWELVE)
    world.given(young, {"functional"}, at=TWELVE, days=200)
    assert "functional" in world.keys().values()
    assert contest_consent(world.hub, world.mother, mothers, at=TWELVE + HOUR) is True
    # What rests on the mother alone stops; what the child lets go as well does not.
    assert set(world.keys().values()) == {"functional"}


def test_a_parent_without_authority_does_not_stop_the_other_s_yes(world: FamilyWorld) -> None:
    fathers = world.given(world.father, {"diagnosis"}, at=SEVEN)
    world.set_authority(world.father, "deprived")
    world.set_authority(world.mother, "exclusive")
    world.given(world.mother, {"diagnosis"}, at=SEVEN + HOUR)
    world.seal(at=SEVEN + HOUR)
    keys = world.keys()
    assert keys
    world.open(list(keys), at=SEVEN + HOUR)
    assert withdraw_consent(world.hub, world.father, fathers, at=SEVEN + DAY)
    world.seal(at=SEVEN + DAY)
    assert world.keys() == keys
    assert world.told() == 0


def test_who_lost_authority_stops_what_went_on_the_own_yes_and_its_reader_is_told(
    world: FamilyWorld,
) -> None:
    fathers = world.given(world.father, {"diagnosis"}, at=SEVEN)
    world.seal(at=SEVEN)
    (read, *unread) = sorted(world.keys())
    world.open([read], at=SEVEN + HOUR)
    world.set_authority(world.father, "deprived")
    assert withdraw_consent(world.hub, world.father, fathers, at=SEVEN + DAY)
    world.seal(at=SEVEN + DAY)
    assert world.keys() == {}
    assert world.told(CLB) == 1
    assert all(state == "gone" for state in world.open(unread, at=SEVEN + DAY).values())


def test_stopping_what_ended_by_itself_is_no_new_no(world: FamilyWorld) -> None:
    fathers = world.given(world.father, {"diagnosis"}, at=SEVEN, days=10)
    world.given(world.mother, {"diagnosis"}, at=SEVEN, days=200)
    past = SEVEN + 20 * DAY
    assert world.reads(at=past) == 1
    assert withdraw_consent(world.hub, world.father, fathers, at=past)
    assert world.reads(at=past + HOUR) == 1
    assert world.row(fathers).withdrawn_at is None
    assert world.events(fathers) == ["given"]
