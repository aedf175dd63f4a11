"""Tier 3: somebody said no, or something is unsettled."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from consent.model import Actor, CareRelation, Ground, Person, ToActor
from tests.support.situations import (
    AT,
    FOURTEEN,
    PARENTS,
    a_child,
    a_record,
    a_segment,
    ask,
    decided,
    facts,
    grant,
    granted_by_both,
    refusal,
    rule_for,
    the_segment,
)

GRANTED = granted_by_both()
MINOR = a_child(born=FOURTEEN)
TEAM = (CareRelation(service="clb-1", team="t", actors=frozenset({"an"})),)
AN = {"an": Actor(service="clb-1", role="care")}
IN_TEAM = ask(ToActor("an"), ground=Ground(kind="team", team="t"))


def test_a_capable_childs_no_is_silent_and_confirmed_to_the_family() -> None:
    decision = decided(facts(grant("child"), refusal("child"), child=MINOR))
    assert decision.segments["dx"].rule == "R1"
    assert decision.silent
    assert decision.obligations == {"confirm_to_family"}


def test_a_withdrawal_is_a_no_from_its_instant() -> None:
    withdrawn = grant("child", withdrawn=AT)
    known = facts(withdrawn, child=MINOR)
    assert rule_for(known, at=AT) == "R1"
    assert rule_for(known, at=AT - timedelta(microseconds=1)) == "K1"


def test_a_parents_no_does_not_bind_a_capable_child() -> None:
    known = facts(grant("child"), refusal("mother"), refusal("father"), child=MINOR)
    assert rule_for(known) == "K1"


def test_a_small_childs_no_does_not_count_yet() -> None:
    assert rule_for(facts(*GRANTED, refusal("child"))) == "K1"


def test_another_subject_of_the_segment_can_refuse() -> None:
    shared = a_record(a_segment("context", id="dx", about=frozenset({"child", "aunt"})))
    people = PARENTS | {"aunt": Person(relation="kin")}
    grants = (*granted_by_both("context"), grant("aunt", "context"))
    assert rule_for(facts(*grants, record=shared, people=people)) == "K1"
    refused = facts(*grants, refusal("aunt"), record=shared, people=people)
    assert rule_for(refused) == "R1"
    assert rule_for(replace(refused, people=PARENTS)) == "R1"


def test_who_said_it_can_refuse() -> None:
    told = a_record(a_segment("development", id="dx", given_by="aunt"))
    known = facts(*granted_by_both("development"), refusal("aunt"), record=told)
    assert rule_for(known) == "R1"


def test_an_exclusion_by_one_parent_shuts_the_recipient_out_without_a_sign() -> None:
    shut_out = refusal("father", effect="exclude", to=frozenset({"vaph-1"}))
    decision = decided(facts(*GRANTED, shut_out))
    assert decision.segments["dx"].rule == "R2"
    assert decision.silent


def test_an_excluded_professional_stays_excluded_in_another_service() -> None:
    shut_out = refusal("mother", effect="exclude", to_person="an", to_person_at="clb-9")
    actors = {
        "an": Actor(service="vaph-1", role="care"),
        "bo": Actor(service="vaph-1", role="care"),
    }
    known = facts(*GRANTED, shut_out, actors=actors)
    assert rule_for(known, ask(ToActor("an"))) == "R2"
    assert rule_for(known, ask(ToActor("bo"))) == "K1"


@pytest.mark.parametrize("authority", ["held", "deprived", "none"])
def test_a_refusal_by_somebody_without_authority_does_not_count(authority: str) -> None:
    people = PARENTS | {"father": Person(relation="parent", authority=authority)}
    assert rule_for(facts(grant("mother"), refusal("father"), people=people)) == "K1"


def test_beside_a_parent_with_exclusive_authority_the_other_has_no_say() -> None:
    people = PARENTS | {"mother": Person(relation="parent", authority="exclusive")}
    assert rule_for(facts(grant("mother"), refusal("father"), people=people)) == "K1"
    assert rule_for(facts(grant("father"), people=people)) == "T6"


def test_a_refusal_by_one_parent_holds_until_it_is_settled() -> None:
    decision = decided(facts(*GRANTED, refusal("father")))
    assert decision.outcome == "hold"
    assert decision.segments["dx"].rule == "R5"
    assert decision.obligations == {"re_decide", "offer_mediation"}
    assert not decision.silent


def test_a_known_quarrel_holds_even_what_both_granted() -> None:
    quarrel = PARENTS | {"father": Person(relation="parent", authority="exercised", disagrees=True)}
    assert rule_for(facts(*GRANTED, people=quarrel)) == "R5"
    assert rule_for(facts(grant("child"), people=quarrel, child=MINOR)) == "K1"


def test_a_withdrawal_beside_a_grant_is_a_disagreement_but_alone_it_is_not() -> None:
    withdrawn = grant("father", withdrawn=AT)
    assert rule_for(facts(grant("mother"), withdrawn)) == "R5"
    assert rule_for(facts(withdrawn)) == "T6"


def test_a_withdrawal_still_speaks_after_the_old_grant_would_have_ended() -> None:
    withdrawn = grant("father", withdrawn=AT - timedelta(days=9), until=date(2026, 3, 1))
    assert rule_for(facts(grant("mother"), withdrawn)) == "R5"


def test_disagreement_does_not_reach_into_a_team() -> None:
    quarrel = facts(refusal("father"), relations=TEAM, actors=AN)
    assert rule_for(quarrel, IN_TEAM) == "J1"
    elsewhere = replace(IN_TEAM, ground=Ground(kind="team", team="another"))
    assert rule_for(quarrel, elsewhere) == "R5"


@pytest.mark.parametrize("effect", ["object_gdpr", "restrict_gdpr"])
def test_a_pending_gdpr_objection_holds_whoever_receives(effect: str) -> None:
    objection = refusal("mother", effect=effect, to=frozenset({"somebody-else"}))
    decision = decided(facts(*GRANTED, objection))
    assert decision.outcome == "hold"
    assert decision.segments["dx"].rule == "R6"
    in_team = facts(objection, relations=TEAM, actors=AN)
    assert rule_for(in_team, IN_TEAM) == "R6"


def test_a_gdpr_objection_holds_its_own_class_purpose_and_source_only() -> None:
    objection = refusal("mother", effect="object_gdpr")
    for scope in (
        {"classes": frozenset({"medical"})},
        {"purpose": "safety"},
        {"from_services": frozenset({"vaph-1"})},
        {"withdrawn": AT},
        {"until": date(2026, 3, 1)},
        {"by": "aunt"},
    ):
        assert rule_for(facts(*GRANTED, replace(objection, **scope))) == "K1"


def test_the_author_may_keep_it_in_spite_of_every_grant() -> None:
    record = a_record(a_segment("diagnosis", id="dx"), source_veto=True)
    decision = decided(facts(*GRANTED, record=record))
    assert decision.segments["dx"].rule == "R7"
    assert decision.obligations == {"reason_at_source"}


def test_a_contested_capacity_holds_whoever_granted() -> None:
    for born in (FOURTEEN, date(2017, 2, 1)):
        child = a_child(born=born, capacity_contested=True)
        assert rule_for(facts(*GRANTED, grant("child"), child=child)) == "R8"


def test_an_assessment_against_the_presumption_needs_its_reasons() -> None:
    unreasoned = a_child(capacity="capable", capacity_motivated=False)
    assert rule_for(facts(grant("child"), child=unreasoned)) == "R8"
    reasoned = a_child(capacity="capable")
    assert rule_for(facts(grant("child"), child=reasoned)) == "K1"
    usual = a_child(capacity="incapable", capacity_motivated=False)
    assert rule_for(facts(*GRANTED, child=usual)) == "K1"


def test_from_eighteen_capacity_is_not_in_question() -> None:
    adult = a_child(born=date(2000, 1, 1), capacity="incapable", capacity_contested=True)
    assert rule_for(facts(grant("child"), child=adult)) == "K1"


def test_unsettled_capacity_holds_only_what_is_about_the_child() -> None:
    history = a_record(a_segment("parent_data", id="dx", about=frozenset({"mother"})))
    contested = a_child(capacity_contested=True)
    known = facts(grant("mother", "parent_data"), record=history, child=contested)
    assert rule_for(known) == "K1"


def test_the_first_restriction_in_the_table_is_the_one_that_is_named() -> None:
    shut_out = refusal("father", effect="exclude")
    objection = refusal("mother", effect="object_gdpr")
    quarrel = refusal("mother")
    everything = facts(*GRANTED, shut_out, objection, quarrel)
    assert rule_for(everything) == "R2"
    assert rule_for(facts(*GRANTED, objection, quarrel)) == "R5"


def test_a_refused_segment_rests_on_no_grant() -> None:
    assert the_segment(facts(*GRANTED, refusal("father"))).consents == ()


def test_of_a_child_of_unknown_age_every_possible_right_holder_can_shut_out() -> None:
    shut_out = refusal("mother", effect="exclude")
    assert rule_for(facts(*GRANTED, shut_out, child=a_child(born=None))) == "R2"


def test_an_exclusion_of_one_class_shuts_the_recipient_out_of_that_class_only() -> None:
    for named, rule in (("diagnosis", "R2"), ("medical", "K1")):
        no = refusal("mother", effect="exclude", classes=frozenset({named}))
        assert rule_for(facts(*GRANTED, no)) == rule


def test_beside_something_kept_for_educational_reasons_the_rest_is_not_kept() -> None:
    record = a_record(a_segment("diagnosis", id="dx"), a_segment("agogic_exception"))
    assert rule_for(facts(*GRANTED, record=record)) == "K1"


def test_a_gdpr_objection_to_a_named_class_holds_that_class() -> None:
    for named, rule in (("diagnosis", "R6"), ("medical", "K1")):
        no = refusal("mother", effect="object_gdpr", classes=frozenset({named}))
        assert rule_for(facts(*GRANTED, no)) == rule


def test_when_both_are_known_to_disagree_it_is_held() -> None:
    angry = {
        name: Person(relation="parent", authority="exercised", disagrees=True) for name in PARENTS
    }
    assert rule_for(facts(*GRANTED, people=angry)) == "R5"


def test_a_team_that_is_not_named_or_not_invoked_is_no_team() -> None:
    assert rule_for(facts(actors=AN, relations=TEAM), IN_TEAM) == "J1"
    nameless = (CareRelation(service="clb-1", actors=frozenset({"an"})),)
    unnamed = ask(ToActor("an"), ground=Ground(kind="team"))
    assert rule_for(facts(actors=AN, relations=nameless), unnamed) == "T6"
    other = ask(ToActor("an"), ground=Ground(kind="statutory", team="t"))
    assert rule_for(facts(actors=AN, relations=TEAM), other) == "T6"
