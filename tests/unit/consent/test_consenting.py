"""Tiers 4 to 6: what the family's grants carry, what a team shares, and the default."""

from dataclasses import replace
from typing import Any

import pytest

from consent.model import (
    Actor,
    CareRelation,
    Facts,
    Ground,
    Person,
    Request,
    Service,
    ToActor,
    ToPerson,
    ToService,
)
from consent.vocabulary import GROUNDS
from tests.support.situations import (
    FOURTEEN,
    PARENTS,
    SERVICES,
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
STAFF = {"an": Actor(service="vaph-1", role="care"), "bo": Actor(service="vaph-1", role="care")}
SCHOOL = SERVICES | {"school": Service(kind="school")}
FOSTER = PARENTS | {"foster": Person(relation="foster_parent", authority="delegated")}


def test_a_grant_by_everybody_carries_the_segment_and_is_named() -> None:
    part = the_segment(facts(*GRANTED))
    assert part.effect == "permit"
    assert part.rule == "K1"
    assert part.obligations == {"minimum", "no_onward"}
    assert part.consents == ("grant-father", "grant-mother")


def test_a_single_holder_of_authority_decides_alone() -> None:
    assert rule_for(facts(grant("mother"), people={"mother": PARENTS["mother"]})) == "K1"


def test_nobody_can_grant_for_a_child_without_holders_of_authority() -> None:
    people = {name: Person(relation="parent", authority="deprived") for name in PARENTS}
    assert rule_for(facts(*GRANTED, people=people)) == "T6"


def test_a_capable_childs_own_grant_is_enough() -> None:
    known = facts(grant("child"), child=a_child(born=FOURTEEN))
    assert the_segment(known).consents == ("grant-child",)
    assert rule_for(facts(*GRANTED, child=a_child(born=FOURTEEN))) == "T6"


def test_nobody_knows_who_decides_for_a_child_of_unknown_age() -> None:
    unknown = a_child(born=None)
    everybody = (*GRANTED, grant("child"))
    assert rule_for(facts(*everybody, child=unknown)) == "T6"
    assert rule_for(facts(*everybody, refusal("child"), child=unknown)) == "R1"


@pytest.mark.parametrize(
    ("data_class", "rule"),
    [
        ("logistics", "K4"),
        ("functional", "K4"),
        ("development", "K4"),
        ("diagnosis", "K4"),
        ("diagnostic_report", "T6"),
        ("context", "T6"),
        ("identity", "T6"),
    ],
)
def test_one_parent_speaks_for_both_about_everyday_classes_only(data_class: str, rule: str) -> None:
    known = facts(grant("mother", data_class), record=a_record(a_segment(data_class, id="dx")))
    part = the_segment(known)
    assert part.rule == rule
    assert ("tell_other_parent" in part.obligations) == (rule == "K4")


def test_one_parent_does_not_speak_for_a_guardian_or_a_third_holder() -> None:
    guardian = PARENTS | {"father": Person(relation="guardian", authority="exercised")}
    assert rule_for(facts(grant("mother"), people=guardian)) == "T6"
    three = PARENTS | {"other": Person(relation="parent", authority="exercised")}
    assert rule_for(facts(grant("mother"), people=three)) == "T6"


def test_one_parent_does_not_speak_for_one_who_objected() -> None:
    objection = refusal("father", effect="object")
    assert rule_for(facts(grant("mother"), objection)) == "T6"


def test_an_unknown_word_about_a_persons_authority_stops_every_parental_grant() -> None:
    for person in (
        Person(relation="parent", authority="shared"),
        Person(relation="sponsor", authority="exercised"),
    ):
        assert rule_for(facts(*GRANTED, people=PARENTS | {"father": person})) == "T6"


def test_a_delegated_foster_parent_stands_in_for_silent_parents() -> None:
    report = a_record(a_segment("diagnostic_report", id="dx"))
    by_foster = grant("foster", "diagnostic_report")
    assert rule_for(facts(by_foster, record=report, people=FOSTER)) == "K1"
    assert rule_for(facts(by_foster, refusal("father"), record=report, people=FOSTER)) == "R5"


def test_the_parents_cannot_pass_over_a_delegated_foster_parent() -> None:
    assert rule_for(facts(*GRANTED, people=FOSTER)) == "T6"
    assert rule_for(facts(*GRANTED, grant("foster"), people=FOSTER)) == "K1"


@pytest.mark.parametrize(
    "data_class", ["sexual_health", "parent_data", "third_party", "confidential"]
)
def test_any_class_does_not_include_what_must_be_named(data_class: str) -> None:
    segment = a_segment(data_class, id="dx", given_by="mother")
    known = {
        "record": a_record(segment),
        "services": SERVICES | {"vaph-1": Service(kind="health")},
        "actors": {"an": Actor(service="vaph-1", role="medical")},
    }
    request = ask(ToActor("an"))
    assert rule_for(facts(*granted_by_both(data_class), **known), request) == "K1"
    assert rule_for(facts(*granted_by_both(classes=None), **known), request) != "K1"


def school(*classes: str, **known: Any) -> tuple[Facts, Request]:
    to = granted_by_both(*classes, to=frozenset({"school"}))
    relations = (CareRelation(service="school"),)
    return facts(*to, services=SCHOOL, relations=relations, **known), ask(ToService("school"))


def test_without_professional_secrecy_only_an_extract_goes() -> None:
    known, request = school("functional", record=a_record(a_segment("functional", id="dx")))
    decision = decided(known, request)
    assert decision.outcome == "redact"
    assert decision.segments["dx"].effect == "extract"
    assert decision.obligations == {"extract", "no_onward", "strip_traces"}


def test_a_service_that_is_bound_in_this_role_gets_the_whole() -> None:
    known, request = school("functional", record=a_record(a_segment("functional", id="dx")))
    bound = SCHOOL | {"school": Service(kind="school", secrecy="youth_help")}
    assert rule_for(replace(known, services=bound), request) == "K1"


def test_a_grant_of_other_classes_shows_as_nothing() -> None:
    decision = decided(facts(*granted_by_both("functional")))
    assert decision.segments["dx"].rule == "K3"
    assert decision.silent


@pytest.mark.parametrize(
    "scope",
    [
        {"purpose": "safety"},
        {"to": frozenset({"caw-9"})},
        {"from_services": frozenset({"vaph-1"})},
        {"by": "aunt"},
    ],
)
def test_a_grant_carries_only_its_own_purpose_recipient_source_and_giver(scope: Any) -> None:
    grants = [replace(consent, **scope) for consent in GRANTED]
    assert rule_for(facts(*grants)) == "T6"


def test_a_grant_for_one_professional_reaches_nobody_else() -> None:
    named = facts(*granted_by_both(to_person="an"), actors=STAFF)
    assert rule_for(named, ask(ToActor("an"))) == "K1"
    assert rule_for(named, ask(ToActor("bo"))) == "K5"
    assert rule_for(named, ask(ToService("vaph-1"))) == "T6"


def test_a_grant_for_one_professional_does_not_follow_to_another_service() -> None:
    named = facts(*granted_by_both(to_person="an", to_person_at="vaph-9"), actors=STAFF)
    assert rule_for(named, ask(ToActor("an"))) == "K5"
    assert rule_for(named, ask(ToActor("bo"))) == "T6"


def test_an_expired_named_grant_explains_nothing() -> None:
    named = granted_by_both(to_person="an", until=GRANTED[0].since)
    assert rule_for(facts(*named, actors=STAFF), ask(ToActor("bo"))) == "T6"


def test_a_professional_outside_the_care_team_is_left_out() -> None:
    team = (CareRelation(service="vaph-1", actors=frozenset({"an"})),)
    known = facts(*GRANTED, relations=team, actors=STAFF)
    assert rule_for(known, ask(ToActor("an"))) == "K1"
    assert rule_for(known, ask(ToActor("bo"))) == "K6"
    assert rule_for(known, ask(ToService("vaph-1"))) == "K1"
    open_team = (*team, CareRelation(service="vaph-1"))
    assert rule_for(replace(known, relations=open_team), ask(ToActor("bo"))) == "K1"


def test_a_family_may_name_a_professional_outside_the_care_team() -> None:
    team = (CareRelation(service="vaph-1", actors=frozenset({"an"})),)
    known = facts(*granted_by_both(to_person="bo"), relations=team, actors=STAFF)
    assert rule_for(known, ask(ToActor("bo"))) == "K1"
    mixed = replace(known, consents=(grant("mother", to_person="bo"), grant("father")))
    assert rule_for(mixed, ask(ToActor("bo"))) == "K6"


def merged(**new: Any) -> Facts:
    mission: dict[str, Any] = {"kind": "caw"}
    services = SERVICES | {
        "older": Service(kind="caw", status="merged", merged_into="old"),
        "old": Service(kind="caw", status="merged", merged_into="vaph-1"),
        "vaph-1": Service(**mission | new),
    }
    return facts(*granted_by_both(to=frozenset({"older"})), services=services)


def test_a_grant_follows_a_merged_service_while_its_mission_stays() -> None:
    assert rule_for(merged()) == "K1"
    assert rule_for(merged(kind="vaph_facility")) == "K6"
    assert rule_for(merged(youth_help=False)) == "K6"
    assert rule_for(merged(secrecy="youth_help")) == "K6"


def test_a_changed_text_stops_the_flow_until_the_family_is_asked_again() -> None:
    part = the_segment(facts(grant("mother", text_changed=True), grant("father")))
    assert part.rule == "K7"
    assert part.obligations == {"ask_again"}
    assert "grant-mother" in part.consents


def test_a_fresh_grant_beside_a_changed_one_is_enough() -> None:
    changed = granted_by_both(text_changed=True)
    assert rule_for(facts(*changed, *GRANTED)) == "K1"


@pytest.mark.parametrize(
    "request_",
    [ask(kind="onward"), ask(kind="sideways"), ask(ToPerson("aunt"), purpose="subject_access")],
    ids=["onward", "unknown kind", "subject access"],
)
def test_a_grant_carries_nothing_onward_and_opens_no_file(request_: Request) -> None:
    grants = granted_by_both(purpose=None, to=None)
    people = PARENTS | {"aunt": Person(relation="kin")}
    assert rule_for(facts(*grants, people=people), request_) == "T6"


def test_a_grant_carries_nothing_about_a_deceased_child() -> None:
    assert rule_for(facts(*GRANTED, child=a_child(flags=frozenset({"deceased"})))) == "T6"


@pytest.mark.parametrize("kind", sorted(GROUNDS - {"team", "article_458bis", "clb_transfer"}))
def test_beside_a_route_that_does_not_exist_consent_still_carries(kind: str) -> None:
    assert rule_for(facts(*GRANTED), ask(ground=Ground(kind=kind, answer="none"))) == "K1"


def test_a_ground_that_nobody_knows_lets_nothing_go_in_spite_of_consent() -> None:
    assert rule_for(facts(*GRANTED), ask(ground=Ground(kind="whim"))) == "T6"


TEAM = CareRelation(service="vaph-1", team="case-7", actors=frozenset({"an"}))
TEAM_FACTS = facts(
    record=a_record(a_segment("diagnosis", id="dx"), source="vaph-1"),
    relations=(TEAM,),
    actors=STAFF,
)
IN_TEAM = ask(ToActor("an"), ground=Ground(kind="team", team="case-7"))


def test_a_team_shares_without_asking() -> None:
    part = the_segment(TEAM_FACTS, IN_TEAM)
    assert part.rule == "J1"
    assert part.obligations == {"minimum"}
    assert part.consents == ()


@pytest.mark.parametrize(
    "request_",
    [
        ask(ToActor("bo"), ground=IN_TEAM.ground),
        ask(ToService("vaph-1"), ground=IN_TEAM.ground),
        ask(ToActor("an")),
        ask(ToActor("an"), ground=Ground(kind="team", team="case-8")),
        ask(ToActor("an"), ground=Ground(kind="team")),
        replace(IN_TEAM, kind="onward"),
    ],
    ids=["not listed", "whole service", "no ground", "other team", "nameless team", "onward"],
)
def test_joint_secrecy_ends_at_the_edge_of_the_team(request_: Request) -> None:
    assert rule_for(TEAM_FACTS, request_) == "T6"


def test_joint_secrecy_ends_at_the_edge_of_the_service() -> None:
    elsewhere = replace(TEAM_FACTS, record=a_record(a_segment("diagnosis", id="dx")))
    assert rule_for(elsewhere, IN_TEAM) == "T6"


def test_a_team_without_a_list_of_its_people_is_no_team() -> None:
    unlisted = replace(TEAM_FACTS, relations=(replace(TEAM, actors=None),))
    assert rule_for(unlisted, IN_TEAM) == "T6"


def test_a_foster_parent_counts_with_the_foster_service_and_gets_health_data_as_an_extract() -> (
    None
):
    services = {"fs": Service(kind="foster_service")}
    known = facts(
        people=PARENTS | {"foster": Person(relation="foster_parent")},
        services=services,
        relations=(CareRelation(service="fs", team="t", actors=frozenset({"foster"})),),
        record=a_record(a_segment("medical", id="dx"), source="fs"),
    )
    request = ask(ToPerson("foster"), ground=Ground(kind="team", team="t"))
    part = the_segment(known, request)
    assert (part.rule, part.effect) == ("J1", "extract")
    access = replace(request, purpose="subject_access")
    assert rule_for(known, access) == "T6"
    not_fostering = replace(known, services={"fs": Service(kind="ckg")})
    assert rule_for(not_fostering, request) == "T6"


def test_a_pull_by_a_mandated_service_is_relayed_blindly() -> None:
    known = facts(services=SERVICES | {"vk": Service(kind="vk")})
    pulled = decided(known, ask(ToService("vk"), purpose="safety", kind="pull"))
    assert pulled.segments["dx"].rule == "T6"
    assert pulled.obligations == {"blind_relay"}
    assert pulled.silent
    assert decided(known, ask(ToService("vk"), purpose="safety")).obligations == frozenset()


def test_subject_access_refers_to_the_source() -> None:
    people = PARENTS | {"aunt": Person(relation="kin")}
    decision = decided(facts(people=people), ask(ToPerson("aunt"), purpose="subject_access"))
    assert decision.obligations == {"refer_to_source"}
    assert decision.silent


def test_everybody_the_segment_is_about_must_grant() -> None:
    shared = a_record(a_segment("context", id="dx", about=frozenset({"child", "aunt", "uncle"})))
    kin = PARENTS | {"aunt": Person(relation="kin"), "uncle": Person(relation="kin")}
    most = (*granted_by_both("context"), grant("aunt", "context"))
    assert rule_for(facts(*most, record=shared, people=kin)) == "T6"
    everybody = facts(*most, grant("uncle", "context"), record=shared, people=kin)
    assert rule_for(everybody) == "K1"
    strangers = replace(everybody, people=PARENTS)
    assert rule_for(strangers) == "T6"


def test_what_is_about_nobody_can_be_granted_by_nobody() -> None:
    nobody = a_record(a_segment("diagnosis", id="dx", about=frozenset()))
    assert rule_for(facts(*GRANTED, grant("child"), record=nobody)) == "T6"
    told = a_record(
        a_segment("confidential", id="dx", about=frozenset(), given_by="mother"),
        a_segment("confidential", about=frozenset({"mother"}), given_by="mother"),
    )
    decision = decided(facts(grant("mother", "confidential"), record=told))
    assert {name: part.rule for name, part in decision.segments.items()} == {
        "dx": "T6",
        "confidential": "K1",
    }


def test_a_team_does_not_take_one_quarrelling_parent_for_both() -> None:
    quarrel = PARENTS | {"father": Person(relation="parent", authority="exercised", disagrees=True)}
    known = replace(TEAM_FACTS, consents=(grant("mother"),))
    assert rule_for(known, IN_TEAM) == "K4"
    assert rule_for(replace(known, people=quarrel), IN_TEAM) == "J1"
    refused = replace(known, consents=(grant("mother"), refusal("father")))
    assert rule_for(refused, IN_TEAM) == "J1"


def test_segments_of_one_record_are_weighed_each_on_its_own_class() -> None:
    record = a_record(*(a_segment(name) for name in ("diagnosis", "functional", "context")))

    def rules(*classes: str, by: tuple[str, ...] = ("mother", "father")) -> list[str]:
        known = facts(*(grant(name, *classes) for name in by), record=record)
        return [part.rule for part in decided(known).segments.values()]

    assert rules("diagnosis") == ["K1", "K3", "K3"]
    assert rules("functional", "context") == ["K3", "K1", "K1"]
    assert rules("diagnosis", "context", by=("mother",)) == ["K4", "K3", "T6"]
    assert rules("diagnosis", "functional", "context", by=("mother",)) == ["K4", "K4", "T6"]
