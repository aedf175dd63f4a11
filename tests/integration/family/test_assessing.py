"""Whether a minor can decide: assessed with reasons, contested, assessed anew."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from gateway.errors import NotAllowed
from gateway.exchange.families.assess import (
    Assessed,
    AssessmentView,
    assess,
    assessments_about,
    contest_assessment,
)
from gateway.exchange.refusal import Refusal
from gateway.identity.callers import PartnerCaller, PersonCaller
from gateway.store.engine import transaction
from tests.support.families import a_family
from tests.support.family_world import (
    CAW,
    CHILDCARE,
    CLB,
    DAY,
    SEVEN,
    TWELVE,
    VAPH,
    FamilyWorld,
    build_family_world,
)

REASONS = "Na drie gesprekken met het kind en de ouders blijkt dat het de gevolgen overziet."
ASSESSOR = "An Peeters, psycholoog"
HOUR = timedelta(hours=1)


def found(world: FamilyWorld, **changes: Any) -> str | Refusal | None:
    at, partner = changes.pop("at", SEVEN), str(changes.pop("partner", CLB))
    assessed = Assessed(
        **{
            "patient": world.patient(partner),
            "outcome": "capable",
            "reasons": REASONS,
            "assessor": ASSESSOR,
            **changes,
        }
    )
    return assess(world.hub, PartnerCaller(partner=partner, scopes=frozenset()), assessed, at=at)


def views(world: FamilyWorld, person: PersonCaller) -> tuple[AssessmentView, ...]:
    return assessments_about(world.hub, person, str(world.child), at=TWELVE + DAY)


def test_a_small_child_that_is_assessed_capable_signs_in_and_decides(world: FamilyWorld) -> None:
    world.given(world.mother, {"diagnosis"}, at=SEVEN)
    assert world.sign_in(world.family.child, at=SEVEN) is None
    assert isinstance(found(world), str)
    young = world.youngster(at=SEVEN + HOUR)
    assert world.reads(at=SEVEN + HOUR) == 0
    assert world.given(young, {"diagnosis"}, at=SEVEN + HOUR)
    assert world.reads(at=SEVEN + HOUR) == 1
    refused = world.give(world.mother, {"functional"}, at=SEVEN + HOUR)
    assert isinstance(refused, Refusal)
    assert refused.code == "child_decides"


def test_a_youngster_that_is_assessed_incapable_may_only_contest_that(world: FamilyWorld) -> None:
    young = world.youngster(at=TWELVE)
    world.given(young, {"diagnosis"}, at=TWELVE)
    assessment = found(world, outcome="incapable", at=TWELVE + HOUR)
    assert isinstance(assessment, str)
    later = TWELVE + 2 * HOUR
    assert world.reads(at=later) == 0
    assert world.given(world.mother, {"diagnosis"}, at=later)
    assert world.reads(at=later) == 1
    again = world.youngster(at=later)
    refused = world.give(again, {"diagnosis"}, at=later)
    assert isinstance(refused, Refusal)
    assert refused.code == "assessed_incapable"
    assert contest_assessment(world.hub, again, assessment, at=later)
    # Rule R8: everything about the child waits, whoever said yes.
    assert world.reads(at=later) == 0


def test_a_new_assessment_of_any_service_settles_a_contest(world: FamilyWorld) -> None:
    first = found(world, outcome="incapable", at=TWELVE)
    assert isinstance(first, str)
    young = world.youngster(at=TWELVE + HOUR)
    assert contest_assessment(world.hub, young, first, at=TWELVE + HOUR)
    assert isinstance(found(world, partner=CAW, at=TWELVE + HOUR), str)
    world.given(young, {"diagnosis"}, at=TWELVE + 2 * HOUR)
    assert world.reads(at=TWELVE + 2 * HOUR) == 1
    newest, contested = views(world, young)
    assert (newest.outcome, newest.partner, newest.contested) == ("capable", CAW, False)
    assert (contested.contested, contested.settled) == (False, True)
    assert not contest_assessment(world.hub, young, first, at=TWELVE + DAY)


def test_an_assessment_recorded_with_a_slower_clock_is_still_the_last(world: FamilyWorld) -> None:
    found(world, outcome="incapable", at=TWELVE + HOUR)
    found(world, outcome="capable", at=TWELVE)
    assert views(world, world.youngster(at=TWELVE + DAY))[0].outcome == "capable"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reasons": ""}, "reasons_required"),
        ({"reasons": "  te kort  "}, "reasons_required"),
        ({"reasons": "x" * 4001}, "reasons_required"),
        ({"assessor": ""}, "assessor_required"),
        ({"outcome": "presumed"}, "unknown_outcome"),
    ],
)
def test_an_assessment_without_reasons_is_refused_with_the_remedy(
    world: FamilyWorld, changes: dict[str, object], code: str
) -> None:
    for patient in (world.patient(CLB), "0123456789abcdef0123456789abcdef"):
        refused = found(world, patient=patient, **changes)
        assert isinstance(refused, Refusal)
        assert refused.code == code
    assert views(world, world.mother) == ()


@pytest.mark.parametrize("partner", [VAPH, CHILDCARE])
def test_a_service_without_youth_help_secrecy_does_not_assess(
    world: FamilyWorld, partner: str
) -> None:
    for patient in (world.patient(partner), "0123456789abcdef0123456789abcdef"):
        with pytest.raises(NotAllowed):
            found(world, partner=partner, patient=patient)


def test_a_service_that_is_not_around_the_child_learns_nothing(world: FamilyWorld) -> None:
    other = build_family_world(world.hub, a_family())
    with transaction(world.hub.engine) as tx:
        tx.execute(text("delete from care_relation where child = :c"), {"c": other.child})
    assert found(other, partner=CAW) is None
    assert found(world, patient="0123456789abcdef0123456789abcdef") is None


def test_the_family_is_told_and_the_reasons_are_for_who_decides(world: FamilyWorld) -> None:
    found(world, at=TWELVE)
    young = world.youngster(at=TWELVE)
    found(world, outcome="incapable", at=TWELVE + HOUR)
    assert world.notices(world.mother) == ["capacity_assessed"] * 2
    assert world.notices(young) == ["capacity_assessed"]
    # Assessed incapable: the parents decide, and may know why; so may the youngster.
    assert [one.reasons for one in views(world, world.mother)] == [REASONS, REASONS]
    found(world, at=TWELVE + 2 * HOUR)
    assert [one.reasons for one in views(world, world.mother)] == [None, None, None]
    assert [one.assessor for one in views(world, young)] == [ASSESSOR] * 3


def test_only_youngster_and_holders_contest_and_only_what_counts(world: FamilyWorld) -> None:
    first = found(world, at=SEVEN)
    second = found(world, at=SEVEN + HOUR)
    assert isinstance(first, str)
    assert isinstance(second, str)
    stranger = build_family_world(world.hub, a_family()).mother
    world.set_authority(world.father, "held")
    for person, assessment in (
        (stranger, second),
        (world.father, second),
        (world.mother, first),
        (world.mother, "x"),
    ):
        assert not contest_assessment(world.hub, person, assessment, at=SEVEN + DAY)
    assert contest_assessment(world.hub, world.mother, second, at=SEVEN + DAY)
    assert views(world, world.mother)[0].contested


def test_reasons_and_assessor_lie_encrypted_and_never_in_the_log(world: FamilyWorld) -> None:
    found(world, at=SEVEN)
    with transaction(world.hub.engine) as tx:
        stored = str(tx.execute(text("select reasons, assessor from capacity_assessment")).all())
        lines = str(tx.execute(text("select * from access_log")).all())
    for words in (REASONS, ASSESSOR, "gesprekken", "Peeters"):
        assert words not in stored
        assert words not in lines


def test_what_was_held_while_an_assessment_was_contested_is_decided_again(
    world: FamilyWorld,
) -> None:
    young = world.youngster(at=TWELVE)
    world.given(young, {"diagnosis"}, at=TWELVE)
    assessment = found(world, at=TWELVE + HOUR)
    world.seal(at=TWELVE + HOUR)
    messages = list(world.keys())
    assert messages
    later = TWELVE + 2 * HOUR
    assert contest_assessment(world.hub, world.mother, str(assessment), at=later)
    assert set(world.open(messages, at=later).values()) == {"gone"}
    world.seal(at=later)
    assert world.keys() == {}
    assert isinstance(found(world, partner=CAW, at=later + HOUR), str)
    world.seal(at=later + HOUR)
    assert set(world.keys().values()) == {"diagnosis"}
