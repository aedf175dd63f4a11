"""Giving, giving anew and stopping: what counts, and what stops at once."""

from datetime import timedelta

import pytest

from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.exchange.refusal import Refusal
from tests.support.family_world import (
    CAW,
    CLB,
    DAY,
    SEVEN,
    VAPH,
    FamilyWorld,
)

LATER = SEVEN + timedelta(hours=1)
LAST = SEVEN + timedelta(hours=2)


def test_a_grant_records_who_gave_it_how_and_under_which_rules(world: FamilyWorld) -> None:
    consent = world.given(world.mother, {"diagnosis"}, at=SEVEN, assisted_by="confidant")
    row = world.row(consent)
    assert (row.giver, row.assisted_by, row.channel) == ("parent", "confidant", "portal")
    assert row.rules_version
    assert world.events(consent) == ["given"]
    (view,) = world.decisions(world.mother, at=SEVEN).values()
    assert (view.state, view.mine) == ("active", True)
    assert view.can == {"withdraw", "contest"}


def test_who_assisted_must_be_a_kind_of_person_or_a_service(world: FamilyWorld) -> None:
    refused = world.give(world.mother, {"diagnosis"}, at=SEVEN, assisted_by="tante An")
    assert isinstance(refused, Refusal)
    assert refused.code == "unknown_assistant"
    assert "An" not in refused.message
    assert world.given(world.mother, {"diagnosis"}, at=SEVEN, assisted_by=CAW)


def test_a_narrower_grant_takes_the_place_of_the_wider_and_stops_the_rest_at_once(
    world: FamilyWorld,
) -> None:
    for parent in (world.mother, world.father):
        wide = world.given(parent, {"diagnosis", "functional"}, at=SEVEN)
    world.seal(at=SEVEN)
    assert set(world.keys().values()) == {"diagnosis", "functional"}
    narrow = world.given(world.father, {"functional"}, at=LATER)
    assert set(world.keys().values()) == {"functional"}
    # The mother's yes alone may not carry what the father just took back.
    assert world.reads(at=LATER) == 0
    assert world.reads(at=LATER, type="Observation") > 0
    seen = world.decisions(world.father, at=LATER)
    assert (seen[wide].state, seen[narrow].state) == ("superseded", "active")
    assert world.row(narrow).supersedes is not None
    assert world.events(wide) == ["given", "superseded"]


def test_who_read_what_a_narrower_grant_leaves_out_is_told_about_that_alone(
    world: FamilyWorld,
) -> None:
    for parent in (world.mother, world.father):
        world.given(parent, {"diagnosis", "functional"}, at=SEVEN)
    world.seal(at=SEVEN)
    classes = world.keys()
    world.open(list(classes), at=SEVEN)
    world.given(world.father, {"functional"}, at=LATER)
    (notice,) = [one for one in world.seal(at=LATER) if one.type.endswith("withdrawn.v1")]
    told = {one for one in classes if one.encode() in notice.jwe}
    assert told == {one for one, name in classes.items() if name == "diagnosis"}


def test_a_wider_grant_opens_more_and_stops_nothing(world: FamilyWorld) -> None:
    world.given(world.mother, {"functional"}, at=SEVEN)
    world.seal(at=SEVEN)
    before = set(world.keys())
    world.given(world.mother, {"functional", "diagnosis"}, at=LATER)
    world.seal(at=LATER)
    assert before < set(world.keys())
    assert world.told() == 0
    assert world.reads(at=LATER) == 1


def test_a_grant_for_another_purpose_or_service_leaves_the_earlier_one(world: FamilyWorld) -> None:
    first = world.given(world.mother, {"diagnosis"}, at=SEVEN)
    world.given(world.mother, {"functional"}, at=LATER, purpose="diagnosis")
    world.given(world.mother, {"functional"}, at=LATER, to=CAW)
    world.given(world.father, {"functional"}, at=LATER)
    assert world.decisions(world.mother, at=LATER)[first].state == "active"


def test_what_was_withdrawn_stays_withdrawn_when_a_new_grant_is_given(world: FamilyWorld) -> None:
    first = world.given(world.mother, {"diagnosis", "functional"}, at=SEVEN)
    assert withdraw_consent(world.hub, world.mother, first, at=LATER)
    world.given(world.mother, {"functional"}, at=LAST)
    assert world.decisions(world.mother, at=LAST)[first].state == "withdrawn"
    assert world.reads(at=LAST) == 0
    assert world.reads(at=LAST, type="Observation") > 0


def test_the_other_parent_is_told_that_a_yes_was_given(world: FamilyWorld) -> None:
    world.given(world.mother, {"diagnosis"}, at=SEVEN)
    assert world.notices(world.father) == ["other_parent_decided"]
    assert world.notices(world.mother) == []


@pytest.mark.parametrize(
    ("classes", "days", "code"),
    [
        ({"diagnosis"}, 366, "until_out_of_range"),
        ({"diagnosis"}, -1, "until_out_of_range"),
        ({"medical"}, 184, "until_out_of_range"),
        ({"diagnostic_report", "functional"}, 200, "until_out_of_range"),
        ({"parent_data"}, 10, "unknown_class"),
    ],
)
def test_a_grant_beyond_the_rules_is_refused(
    world: FamilyWorld, classes: set[str], days: int, code: str
) -> None:
    refused = world.give(world.mother, classes, at=SEVEN, days=days)
    assert isinstance(refused, Refusal)
    assert refused.code == code


def test_after_its_last_day_a_grant_is_as_good_as_absent(world: FamilyWorld) -> None:
    consent = world.given(world.mother, {"diagnosis"}, at=SEVEN, days=1)
    assert world.reads(at=SEVEN + DAY) == 1
    assert world.reads(at=SEVEN + 2 * DAY) == 0
    assert world.decisions(world.mother, at=SEVEN + 2 * DAY)[consent].state == "expired"


def test_a_source_is_never_sent_what_it_told_itself(world: FamilyWorld) -> None:
    world.given(world.mother, {"functional"}, at=SEVEN, to=VAPH, purpose="entitlement")
    world.seal(at=SEVEN)
    assert world.keys(CLB) == {}
