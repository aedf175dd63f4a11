"""A service asks; the family answers; the service learns nothing but what it may see."""

from datetime import timedelta
from typing import Any

import pytest

from gateway import clock
from gateway.exchange.families.propose import Proposed, decline_proposal, open_for, propose
from gateway.exchange.families.show_consents import consents_of_family
from gateway.exchange.partners.register_partner import Registration, register_partner
from gateway.exchange.refusal import Refusal
from gateway.exchange.services.organisations import merge_partner
from gateway.identity.callers import PartnerCaller
from gateway.identity.jose import new_signing_jwk, public_part
from tests.support.families import a_family
from tests.support.family_world import (
    CAW,
    CHILDCARE,
    CLB,
    DAY,
    LONG_AGO,
    SEVEN,
    TWELVE,
    FamilyWorld,
    build_family_world,
)

LATER = SEVEN + timedelta(hours=1)


def ask(
    world: FamilyWorld, *, partner: str = CLB, patient: str | None = None, **changes: Any
) -> str | Refusal | None:
    at = changes.pop("at", SEVEN)
    proposed = Proposed(
        **{
            "patient": patient or world.patient(partner),
            "classes": frozenset({"diagnosis"}),
            "purpose": "care",
            "until": clock.brussels_date(at) + timedelta(days=90),
            **changes,
        }
    )
    return propose(world.hub, PartnerCaller(partner=partner, scopes=frozenset()), proposed, at=at)


def test_both_parents_are_asked_and_nothing_opens_yet(world: FamilyWorld) -> None:
    proposal = ask(world)
    assert isinstance(proposal, str)
    for parent in (world.mother, world.father):
        (asked,) = open_for(world.hub, parent, str(world.child), at=LATER)
        assert (str(asked.id), asked.partner, asked.classes) == (proposal, CLB, ("diagnosis",))
        assert world.notices(parent) == ["proposed"]
    assert world.reads(at=LATER) == 0


def test_the_answer_of_one_parent_does_not_take_the_question_from_the_other(
    world: FamilyWorld,
) -> None:
    proposal = ask(world)
    consent = world.given(world.mother, {"diagnosis"}, at=LATER, proposal=proposal)
    assert world.row(consent)
    assert open_for(world.hub, world.mother, str(world.child), at=LATER) == ()
    assert open_for(world.hub, world.father, str(world.child), at=LATER)
    assert world.reads(at=LATER) == 1


def test_declining_is_no_refusal_and_can_be_thought_over(world: FamilyWorld) -> None:
    world.given(world.mother, {"functional"}, at=SEVEN)
    proposal = ask(world)
    assert isinstance(proposal, str)
    for _ in range(2):
        assert decline_proposal(world.hub, world.mother, proposal, at=LATER)
    assert open_for(world.hub, world.mother, str(world.child), at=LATER) == ()
    assert world.reads(at=LATER, type="Observation") > 0
    assert world.given(world.mother, {"diagnosis"}, at=LATER, proposal=proposal)


@pytest.mark.parametrize("answer", ["nothing", "yes", "no"])
def test_the_same_question_again_is_the_same_proposal_whatever_was_answered(
    world: FamilyWorld, answer: str
) -> None:
    proposal = ask(world)
    assert isinstance(proposal, str)
    if answer == "yes":
        world.given(world.mother, {"diagnosis"}, at=LATER, proposal=proposal)
    if answer == "no":
        decline_proposal(world.hub, world.mother, proposal, at=LATER)
        decline_proposal(world.hub, world.father, proposal, at=LATER)
    assert ask(world) == proposal
    assert world.notices(world.father).count("proposed") == 1


def test_a_service_that_is_not_around_the_child_learns_nothing(world: FamilyWorld) -> None:
    unknown = "0123456789abcdef0123456789abcdef"
    assert ask(world, partner=CHILDCARE) is None
    assert ask(world, partner=CHILDCARE, patient=unknown) is None
    assert ask(world, patient=unknown) is None
    assert ask(world, patient="Noor") is None
    assert world.notices(world.mother) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"classes": frozenset()}, "unknown_class"),
        ({"classes": frozenset({"parent_data"})}, "unknown_class"),
        ({"purpose": "research"}, "unknown_purpose"),
        ({"until": SEVEN.date() - DAY}, "until_out_of_range"),
        ({"until": SEVEN.date() + 366 * DAY}, "until_out_of_range"),
        (
            {"classes": frozenset({"medical"}), "until": SEVEN.date() + 200 * DAY},
            "until_out_of_range",
        ),
    ],
)
def test_what_no_family_can_grant_cannot_be_proposed_about_any_child(
    world: FamilyWorld, changes: dict[str, Any], code: str
) -> None:
    for patient in (None, "0123456789abcdef0123456789abcdef"):
        refused = ask(world, patient=patient, **changes)
        assert isinstance(refused, Refusal)
        assert refused.code == code


def test_of_a_capable_child_only_the_child_is_asked(world: FamilyWorld) -> None:
    young = world.youngster(at=TWELVE)
    proposal = ask(world, at=TWELVE)
    assert isinstance(proposal, str)
    assert world.notices(young) == ["proposed"]
    assert world.notices(world.mother) == world.notices(world.father) == []
    assert open_for(world.hub, world.mother, str(world.child), at=TWELVE) == ()
    assert not decline_proposal(world.hub, world.mother, proposal, at=TWELVE)
    assert world.given(young, {"diagnosis"}, at=TWELVE, proposal=proposal)
    assert open_for(world.hub, young, str(world.child), at=TWELVE) == ()


def test_a_youngster_that_never_signed_in_finds_the_question_when_it_does(
    world: FamilyWorld,
) -> None:
    proposal = ask(world, at=TWELVE)
    (asked,) = open_for(world.hub, world.youngster(at=TWELVE), str(world.child), at=TWELVE)
    assert str(asked.id) == proposal


def test_a_stranger_answers_nothing(world: FamilyWorld) -> None:
    proposal = ask(world)
    assert isinstance(proposal, str)
    stranger = build_family_world(world.hub, a_family()).mother
    for one in (proposal, "6f1ed002-ab5d-4d07-9a2c-0d1f2f2b7c11", "x"):
        assert not decline_proposal(world.hub, stranger, one, at=LATER)
    assert open_for(world.hub, stranger, str(world.child), at=LATER) == ()


def test_a_yes_to_another_service_answers_no_proposal_of_this_one(world: FamilyWorld) -> None:
    proposal = ask(world)
    world.given(world.mother, {"diagnosis"}, at=LATER, to="caw-voorbeeldregio", proposal=proposal)
    assert open_for(world.hub, world.mother, str(world.child), at=LATER)


def test_a_proposal_that_can_run_no_more_is_not_shown(world: FamilyWorld) -> None:
    ask(world, until=SEVEN.date() + DAY)
    assert open_for(world.hub, world.mother, str(world.child), at=SEVEN + DAY)
    assert open_for(world.hub, world.mother, str(world.child), at=SEVEN + 2 * DAY) == ()


def test_a_successor_is_answered_as_anybody_and_the_family_asked_after_its_review(
    world: FamilyWorld,
) -> None:
    jwks = {"keys": [public_part(new_signing_jwk())]}
    heir = Registration(id="caw-groot", name="CAW", kind="caw", source=None, jwks=jwks)
    register_partner(world.hub, heir, at=LONG_AGO)
    world.given(world.mother, {"functional"}, at=SEVEN, to=CAW)
    merge_partner(world.hub, CAW, "caw-groot", at=LATER)
    last = LATER + timedelta(hours=1)
    proposal = ask(world, partner="caw-groot", at=last)
    assert isinstance(proposal, str)
    assert ask(world, partner="caw-groot", at=last) == proposal
    for parent in (world.mother, world.father):
        assert open_for(world.hub, parent, str(world.child), at=last) == ()
        assert "proposed" not in world.notices(parent)
    assert len(consents_of_family(world.hub, world.mother, str(world.child), at=last) or ()) == 1
    world.given(world.mother, {"functional"}, at=last, to="caw-groot")
    (asked,) = open_for(world.hub, world.father, str(world.child), at=last)
    assert str(asked.id) == proposal
