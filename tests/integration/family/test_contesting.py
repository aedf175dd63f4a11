"""A consent that was not validly given carries nothing until it is settled."""

from datetime import timedelta

import pytest

from gateway.exchange.calendar.keep_calendar import keep_calendar
from gateway.exchange.families.contest import contest_consent, contested
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.exchange.refusal import Refusal
from gateway.store.vault import AUDITORS
from tests.support.families import a_family
from tests.support.family_world import SEVEN, FamilyWorld, build_family_world

LATER = SEVEN + timedelta(hours=1)
LAST = SEVEN + timedelta(hours=2)


@pytest.fixture
def given(world: FamilyWorld) -> str:
    """The mother's yes, sealed and unread."""
    consent = world.given(world.mother, {"diagnosis"}, at=SEVEN)
    world.seal(at=SEVEN)
    assert world.keys()
    return consent


@pytest.mark.parametrize("who", ["mother", "father"])
def test_a_contest_by_giver_or_right_holder_stops_everything_at_once(
    world: FamilyWorld, given: str, who: str
) -> None:
    messages = list(world.keys())
    assert contest_consent(world.hub, getattr(world, who), given, at=LATER) is True
    assert world.keys() == {}
    assert world.reads(at=LATER) == 0
    assert set(world.open(messages, at=LATER).values()) == {"gone"}
    for parent in (world.mother, world.father):
        assert world.decisions(parent, at=LATER)[given].state == "contested"
    assert world.events(given) == ["given", "contested"]


def test_a_contested_yes_is_no_silence_that_lets_the_other_speak(world: FamilyWorld) -> None:
    world.given(world.mother, {"diagnosis"}, at=SEVEN)
    fathers = world.given(world.father, {"diagnosis"}, at=SEVEN)
    world.seal(at=SEVEN)
    assert contest_consent(world.hub, world.father, fathers, at=LATER) is True
    assert world.keys() == {}
    assert world.reads(at=LATER) == 0
    world.seal(at=LATER)
    assert world.keys() == {}
    assert world.settle(fathers, uphold=True, at=LAST)
    assert world.reads(at=LAST) == 1


def test_what_ended_while_it_was_contested_does_not_become_silence(
    world: FamilyWorld, given: str
) -> None:
    world.given(world.father, {"diagnosis"}, at=SEVEN, days=200)
    contest_consent(world.hub, world.father, given, at=LATER)
    past = SEVEN + timedelta(days=91)
    keep_calendar(world.hub, at=past)
    assert world.row(given).ended_at is not None
    assert world.reads(at=past) == 0


def test_contesting_twice_is_contesting_once(world: FamilyWorld, given: str) -> None:
    for _ in range(2):
        assert contest_consent(world.hub, world.father, given, at=LATER) is True
    assert world.events(given) == ["given", "contested"]


def test_an_upheld_consent_carries_again(world: FamilyWorld, given: str) -> None:
    contest_consent(world.hub, world.father, given, at=LATER)
    assert contested(world.hub) == (world.hub.vault.pairwise(AUDITORS, world.row(given).id),)
    assert world.settle(given, uphold=True, at=LAST)
    assert world.reads(at=LAST) == 1
    world.seal(at=LAST)
    assert world.keys()
    assert contested(world.hub) == ()
    assert world.events(given)[-1] == "upheld"
    assert not world.settle(given, uphold=True, at=LAST)


def test_an_annulled_consent_is_ended_for_good(world: FamilyWorld, given: str) -> None:
    contest_consent(world.hub, world.father, given, at=LATER)
    assert world.settle(given, uphold=False, at=LAST)
    assert world.reads(at=LAST) == 0
    assert not world.settle(given, uphold=True, at=LAST)
    assert world.decisions(world.mother, at=LAST)[given].state == "withdrawn"
    assert contested(world.hub) == ()
    # Silence of the mother may not let the father's yes speak for both: hers was no yes.
    world.given(world.father, {"diagnosis"}, at=LAST)
    assert world.reads(at=LAST) == 0


def test_no_new_yes_goes_around_a_contest(world: FamilyWorld, given: str) -> None:
    contest_consent(world.hub, world.father, given, at=LATER)
    refused = world.give(world.mother, {"diagnosis"}, at=LAST)
    assert isinstance(refused, Refusal)
    assert refused.code == "contested"
    assert world.reads(at=LAST) == 0


def test_what_carries_nothing_cannot_be_contested(world: FamilyWorld, given: str) -> None:
    withdraw_consent(world.hub, world.mother, given, at=LATER)
    refused = contest_consent(world.hub, world.father, given, at=LAST)
    assert isinstance(refused, Refusal)
    assert refused.code == "not_running"


def test_a_no_cannot_be_contested_away(world: FamilyWorld, given: str) -> None:
    no = world.said_no(world.father, at=LATER)
    refused = contest_consent(world.hub, world.mother, no, at=LAST)
    assert isinstance(refused, Refusal)
    assert world.reads(at=LAST) == 0


def test_a_stranger_finds_nothing_to_contest(world: FamilyWorld, given: str) -> None:
    stranger = build_family_world(world.hub, a_family()).mother
    absent = "6f1ed002-ab5d-4d07-9a2c-0d1f2f2b7c11"
    for consent in (given, absent, "not an id"):
        assert contest_consent(world.hub, stranger, consent, at=LATER) is False
    assert world.reads(at=LATER) == 1


def test_a_settlement_of_nothing_is_none(world: FamilyWorld, given: str) -> None:
    assert not world.settle(given, uphold=True, at=LATER)
    assert not world.settle(given, uphold=False, at=LATER)
    assert world.reads(at=LATER) == 1
