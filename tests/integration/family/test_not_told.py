"""What somebody of the family may not learn, and what an act of its own does not open either."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from gateway.exchange.families.assess import (
    Assessed,
    AssessmentView,
    assess,
    assessments_about,
    contest_assessment,
)
from gateway.exchange.families.contest import contest_consent
from gateway.exchange.families.propose import Proposed, open_for, propose
from gateway.exchange.family_views.family_view import who_looked
from gateway.exchange.family_views.read_notices import NoticeView, notices_of
from gateway.exchange.family_views.who_can_see import ServiceAnswer, who_can_see
from gateway.exchange.refusal import Refusal
from gateway.identity.callers import PartnerCaller, PersonCaller
from tests.support.family_world import CAW, CHILDCARE, CLB, DAY, SEVEN, TWELVE, FamilyWorld

HOUR = timedelta(hours=1)
REASONS = "Na drie gesprekken met het kind en de ouders blijkt dat het de gevolgen overziet."


def code(found: object) -> str:
    assert isinstance(found, Refusal), found
    return found.code


def assessed(world: FamilyWorld, outcome: str, *, at: datetime, by: str = CAW) -> str:
    caller = PartnerCaller(partner=by, scopes=frozenset())
    wrote = Assessed(
        patient=world.patient(by), outcome=outcome, reasons=REASONS, assessor="An Peeters"
    )
    found = assess(world.hub, caller, wrote, at=at)
    assert isinstance(found, str), found
    return found


def views(world: FamilyWorld, who: PersonCaller, *, at: datetime) -> tuple[AssessmentView, ...]:
    return assessments_about(world.hub, who, str(world.child), at=at)


def notices(world: FamilyWorld, who: PersonCaller, *, at: datetime) -> list[NoticeView]:
    found = notices_of(world.hub, who, at=at)
    return [one for one in found if one.kind == "capacity_assessed"]


def told_of_clb(world: FamilyWorld, who: PersonCaller, *, at: datetime) -> list[ServiceAnswer]:
    found = who_can_see(world.hub, who, str(world.child), at=at)
    assert found is not None
    return [one for part in found.parts for one in part.services if one.service == CLB]


@pytest.mark.parametrize(
    ("at", "authority", "why"),
    [
        (TWELVE + DAY, "exercised", "child_decides"),
        (SEVEN, "deprived", "no_authority"),
    ],
)
def test_who_may_not_say_yes_does_not_learn_from_the_words_which_services_help(
    world: FamilyWorld, at: datetime, authority: str, why: str
) -> None:
    world.set_authority(world.father, authority)
    scope: dict[str, Any] = {"classes": {"functional"}, "purpose": "care"}
    until = (at + 90 * DAY).date()
    found = [
        world.words(world.father, at=at, to=service, until=until, **scope)
        for service in (CAW, CHILDCARE, "nowhere")
    ]
    assert [code(one) for one in found] == [why] * 3
    assert code(world.words(world.father, at=at, to=CAW, until=until)) == why


def test_who_does_not_decide_sees_the_own_decisions_and_no_others(world: FamilyWorld) -> None:
    by_mother = world.given(world.mother, {"functional"}, at=SEVEN, to=CAW)
    shut_out = world.said_no(world.mother, at=SEVEN, effect="exclude", to=CLB)
    by_father = world.given(world.father, {"functional"}, at=SEVEN, to=CAW)
    everything = {by_mother, shut_out, by_father}
    later = SEVEN + HOUR
    assert set(world.decisions(world.father, at=later)) == everything
    world.set_authority(world.father, "deprived")
    assert set(world.decisions(world.father, at=later)) == {by_father}
    assert contest_consent(world.hub, world.father, by_mother, at=later) is False
    assert set(world.decisions(world.mother, at=later)) == everything
    # From 12 on nobody but the child decides.
    young = world.youngster(at=TWELVE)
    assert set(world.decisions(world.mother, at=TWELVE)) == {by_mother, shut_out}
    assert set(world.decisions(young, at=TWELVE)) == everything


def test_parents_of_a_child_that_decides_do_not_learn_which_service_assessed_it(
    world: FamilyWorld,
) -> None:
    young, at = world.youngster(at=TWELVE), TWELVE + 2 * HOUR
    assessed(world, "capable", at=TWELVE + HOUR)
    (seen,) = views(world, world.mother, at=at)
    assert (seen.outcome, seen.partner, seen.reasons) == ("capable", None, None)
    (notice,) = notices(world, world.mother, at=at)
    assert (notice.partner, notice.partner_name) == ("", "")
    (own,) = views(world, young, at=at)
    assert own.partner == CAW
    (notice,) = notices(world, young, at=at)
    assert notice.partner == CAW


def test_a_parent_who_decides_again_knows_which_service_assessed(world: FamilyWorld) -> None:
    assessed(world, "incapable", at=TWELVE)
    (seen,) = views(world, world.mother, at=TWELVE + HOUR)
    assert seen.partner == CAW
    (notice,) = notices(world, world.mother, at=TWELVE + HOUR)
    assert notice.partner_name == f"Dienst {CAW}"


def test_who_lost_authority_learns_nothing_of_an_assessment(world: FamilyWorld) -> None:
    assessed(world, "capable", at=TWELVE)
    at = TWELVE + HOUR
    assert views(world, world.father, at=at)
    assert notices(world, world.father, at=at)
    world.set_authority(world.father, "deprived")
    assert views(world, world.father, at=at) == ()
    assert notices(world, world.father, at=at) == []


def test_a_parent_does_not_learn_from_the_own_yes_what_the_child_thinks_of_it(
    world: FamilyWorld,
) -> None:
    consent = world.given(world.mother, {"diagnosis"}, at=TWELVE - DAY, days=200)
    young, at = world.youngster(at=TWELVE), TWELVE + HOUR
    before = world.decisions(world.mother, at=at)
    assert "contest" not in world.decisions(young, at=at)[consent].can
    assert contest_consent(world.hub, young, consent, at=at) is False
    # What the child can do instead stops it as well, and is not written on the parent's yes.
    world.said_no(young, at=at, effect="exclude", to=CLB)
    assert world.reads(at=at) == 0
    assert world.decisions(world.mother, at=at) == before


def test_the_child_contests_what_is_said_to_be_its_own_yes(world: FamilyWorld) -> None:
    young = world.youngster(at=TWELVE)
    own = world.given(young, {"diagnosis"}, at=TWELVE)
    assert "contest" in world.decisions(young, at=TWELVE)[own].can
    assert contest_consent(world.hub, young, own, at=TWELVE) is True
    assert world.reads(at=TWELVE) == 0


def test_contesting_an_assessment_opens_nothing_for_a_parent(world: FamilyWorld) -> None:
    mine = world.given(world.mother, {"functional"}, at=SEVEN, to=CAW)
    world.given(world.father, {"functional"}, at=SEVEN, to=CAW)
    assessment = assessed(world, "capable", at=SEVEN, by=CLB)
    asked = Proposed(
        patient=world.patient(CLB),
        classes=frozenset({"diagnosis"}),
        purpose="care",
        until=(SEVEN + 30 * DAY).date(),
    )
    propose(world.hub, PartnerCaller(partner=CLB, scopes=frozenset()), asked, at=SEVEN)
    at = SEVEN + HOUR
    assert contest_assessment(world.hub, world.mother, assessment, at=at)
    (seen,) = views(world, world.mother, at=at)
    assert (seen.contested, seen.reasons, seen.assessor, seen.partner) == (True, None, None, None)
    assert set(world.decisions(world.mother, at=at)) == {mine}
    assert open_for(world.hub, world.mother, str(world.child), at=at) == ()


def test_while_it_is_unsettled_who_decides_nobody_says_yes_and_everybody_may_say_no(
    world: FamilyWorld,
) -> None:
    assessment = assessed(world, "capable", at=SEVEN, by=CLB)
    assert contest_assessment(world.hub, world.mother, assessment, at=SEVEN + HOUR)
    at = SEVEN + 2 * HOUR
    assert code(world.give(world.mother, {"functional"}, at=at)) == "capacity_unsettled"
    assert world.said_no(world.mother, at=at, classes={"functional"})


@pytest.mark.parametrize(
    "no", [{"effect": "exclude", "to": CLB}, {"to": CLB}, {"effect": "object_gdpr"}]
)
def test_the_log_keeps_the_childs_no_also_when_parents_decide_again(
    world: FamilyWorld, no: dict[str, Any]
) -> None:
    young = world.youngster(at=TWELVE)
    world.reads(at=TWELVE)
    world.said_no(young, at=TWELVE + HOUR, **no)
    world.reads(at=TWELVE + 2 * HOUR)
    assessed(world, "incapable", at=TWELVE + 3 * HOUR)

    def lines(who: PersonCaller) -> list[datetime]:
        found = who_looked(world.hub, who, str(world.child), at=TWELVE + 4 * HOUR)
        return [one.at for one in found if one.partner_name.endswith(CLB)]

    assert lines(world.mother) == [TWELVE]


def test_an_own_no_about_something_else_does_not_tell_that_another_shut_out_a_service(
    world: FamilyWorld,
) -> None:
    world.said_no(world.father, at=SEVEN, effect="exclude", to=CLB)
    before = told_of_clb(world, world.mother, at=SEVEN + HOUR)
    assert {one.sees for one in before} == {"nothing"}
    world.said_no(world.mother, at=SEVEN + HOUR, classes={"concern"}, to=CLB)
    world.said_no(world.mother, at=SEVEN + HOUR, effect="exclude", to=CAW)
    lifted = world.said_no(world.mother, at=SEVEN + HOUR, effect="exclude", to=CLB)
    during = told_of_clb(world, world.mother, at=SEVEN + 2 * HOUR)
    assert {(one.sees, one.rules) for one in during} == {("no", ("R2",))}
    world.take_back(world.mother, lifted, at=SEVEN + 3 * HOUR)
    assert told_of_clb(world, world.mother, at=SEVEN + 4 * HOUR) == before
