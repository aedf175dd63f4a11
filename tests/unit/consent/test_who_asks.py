"""Who asks: a person by its place in the family, a service by what it is and what it was."""

from dataclasses import replace
from typing import Any

import pytest

from consent.model import Actor, Consent, Facts, Person, Service, ToActor, ToPerson
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
    rule_for,
    the_segment,
)

FAMILY = {**PARENTS, "foster": Person(relation="foster_parent")}


@pytest.mark.parametrize(
    ("name", "effect", "rule"), [("foster", "permit", "K1"), ("mother", "extract", "K2")]
)
def test_a_foster_parent_is_bound_by_secrecy_and_a_parent_is_not(
    name: str, effect: str, rule: str
) -> None:
    known = facts(
        *granted_by_both("identity", to_person=name),
        people=FAMILY,
        record=a_record(a_segment("identity", id="dx")),
    )
    part = the_segment(known, ask(ToPerson(name)))
    assert (part.effect, part.rule) == (effect, rule)


def test_what_a_foster_parent_gets_from_a_medical_file_is_an_extract() -> None:
    known = facts(
        *granted_by_both("medical", to_person="foster"),
        people=FAMILY,
        record=a_record(a_segment("medical"), a_segment("context")),
    )
    answer = decided(known, ask(ToPerson("foster")))
    assert answer.segments["medical"].effect == "extract"
    assert answer.outcome == "redact"


def test_the_child_stays_the_child_whatever_its_file_calls_it() -> None:
    record = a_record(a_segment("identity", id="dx"))
    reading = ask(ToPerson("child"), purpose="subject_access")
    listed = {**PARENTS, "child": Person(relation="other")}
    for purpose in ("subject_access", "care"):
        asked = replace(reading, purpose=purpose)
        usual = the_segment(facts(record=record), asked)
        assert the_segment(facts(people=listed, record=record), asked) == usual
    assert usual.rule != "G4"


def merged_into_vaph(old: Service, new: Service) -> Facts:
    """Both parents granted the old service, which merged into the facility that asks."""
    services = {**SERVICES, "vaph-1": new, "old": old}
    return facts(*granted_by_both(to=frozenset({"old"})), services=services)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (None, None, "K1"),
        (None, "professional", "K1"),
        ("professional", None, "K1"),
        ("youth_help", "youth_help", "K1"),
        ("youth_help", None, "K6"),
        (None, "youth_help", "K6"),
        ("youth_help", "professional", "K6"),
        ("professional", "youth_help", "K6"),
    ],
)
def test_a_grant_follows_a_merger_only_under_the_same_secrecy(
    old: str | None, new: str | None, rule: str
) -> None:
    gone = Service(kind="vaph_facility", secrecy=old, status="merged", merged_into="vaph-1")
    stays = Service(kind="vaph_facility", secrecy=new)
    assert rule_for(merged_into_vaph(gone, stays)) == rule


@pytest.mark.parametrize("secrecy", [None, "professional"])
def test_a_merged_service_of_a_kind_nobody_knows_had_another_mission(secrecy: Any) -> None:
    gone = Service(kind="whatever", secrecy=secrecy, status="merged", merged_into="vaph-1")
    known = merged_into_vaph(gone, SERVICES["vaph-1"])
    assert rule_for(known) == "K6"
    granted = replace(known, consents=granted_by_both())
    assert rule_for(granted) == "K1"


def test_a_grant_to_a_person_says_nothing_about_what_merged() -> None:
    gone = Service(kind="caw", status="merged", merged_into="vaph-1")
    known = merged_into_vaph(gone, SERVICES["vaph-1"])
    by_name = replace(known, consents=(grant("mother", to_person="foster"),), people=FAMILY)
    assert rule_for(by_name) == "T6"


GONE = Service(kind="vaph_facility", status="merged", merged_into="vaph-1")


def test_an_objection_counts_for_a_service_that_took_over_another_too() -> None:
    known = merged_into_vaph(GONE, SERVICES["vaph-1"])
    waits = Consent(id="objection", by="mother", effect="object_gdpr", to=frozenset({"elsewhere"}))
    held = replace(known, consents=(*known.consents, waits))
    assert rule_for(held) == "R6"


def test_a_grant_to_another_service_says_nothing_to_one_that_took_over_a_third() -> None:
    known = merged_into_vaph(GONE, SERVICES["vaph-1"])
    elsewhere = replace(known, consents=granted_by_both(to=frozenset({"elsewhere"})))
    assert rule_for(elsewhere) == "T6"


@pytest.mark.parametrize(("kind", "rule"), [("vk", "T6"), ("ocj", "T6"), ("caw", "G4")])
def test_a_mandated_service_asks_for_safety_before_it_helps_the_child(kind: str, rule: str) -> None:
    known = facts(services={**SERVICES, "vaph-1": Service(kind=kind)}, relations=())
    assert rule_for(known, ask(purpose="safety")) == rule


@pytest.mark.parametrize("relation", ["parent", "guardian", "foster_parent"])
def test_who_raises_a_capable_child_does_not_read_its_intimate_health(relation: str) -> None:
    raising = Person(relation=relation, authority="exercised")
    known = facts(
        people={"carer": raising},
        child=a_child(born=FOURTEEN),
        record=a_record(a_segment("sexual_health", id="dx")),
    )
    assert rule_for(known, ask(ToPerson("carer"), purpose="subject_access")) == "H7"


@pytest.mark.parametrize(
    ("kind", "role", "purpose", "rule"),
    [
        ("inspection", "inspector", "inspection", "G5"),
        ("clb", "policy", "research", "G7"),
        ("clb", "policy", "policy", "G7"),
        ("clb", "auditor", "audit", "G5"),
    ],
)
def test_who_watches_or_counts_needs_no_care_for_this_child(
    kind: str, role: str, purpose: str, rule: str
) -> None:
    known = facts(
        services={**SERVICES, "vaph-1": Service(kind=kind)},
        actors={"an": Actor(service="vaph-1", role=role)},
        relations=(),
    )
    assert rule_for(known, ask(ToActor("an"), purpose=purpose)) == rule
