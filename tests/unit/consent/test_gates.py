"""Tier 0: may the flow exist at all."""

from dataclasses import replace
from datetime import date

import pytest

from consent.model import Actor, CareRelation, Protocol, Service, ToActor, ToPerson, ToService
from consent.profiles import profile_of_role, purposes_of_role
from tests.support.situations import (
    SERVICES,
    a_record,
    a_segment,
    ask,
    decided,
    facts,
    granted_by_both,
    rule_for,
)

GRANTED = granted_by_both()


def test_a_weakly_identified_professional_gets_nothing() -> None:
    known = facts(*GRANTED, actors={"an": Actor(service="vaph-1", role="care", identity="weak")})
    assert rule_for(known, ask(ToActor("an"))) == "G1"


@pytest.mark.parametrize(
    "to", [ToActor("nobody"), ToService("nowhere"), ToPerson("nobody")], ids=str
)
def test_an_unknown_recipient_gets_nothing(to: ToActor) -> None:
    assert rule_for(facts(*GRANTED), ask(to)) == "G1"


def test_an_unknown_role_gets_nothing() -> None:
    known = facts(*GRANTED, actors={"an": Actor(service="vaph-1", role="wizard")})
    assert rule_for(known, ask(ToActor("an"))) == "G1"


@pytest.mark.parametrize("status", ["suspended", "closed", "merged", "whatever"])
@pytest.mark.parametrize("service", ["clb-1", "vaph-1"])
def test_neither_end_may_have_stopped(service: str, status: str) -> None:
    stopped = SERVICES | {service: replace(SERVICES[service], status=status)}
    assert rule_for(facts(*GRANTED, services=stopped)) == "G1"


def test_a_service_that_merged_away_is_gone_whatever_its_status_says() -> None:
    gone = SERVICES | {"clb-1": Service(kind="clb", merged_into="clb-2")}
    assert rule_for(facts(*GRANTED, services=gone)) == "G1"


def test_a_service_with_an_unknown_secrecy_regime_is_an_unknown_unit() -> None:
    odd = SERVICES | {"vaph-1": Service(kind="vaph_facility", secrecy="hushed")}
    assert rule_for(facts(*GRANTED, services=odd)) == "G1"


def test_a_source_nobody_knows_sends_nothing() -> None:
    record = a_record(a_segment("diagnosis", id="dx"), source="nowhere")
    assert rule_for(facts(*GRANTED, record=record)) == "G1"


def test_a_protocol_counts_in_its_own_direction_only() -> None:
    there = Protocol(from_service="clb-1", to_service="vaph-1")
    back = Protocol(from_service="vaph-1", to_service="clb-1")
    assert rule_for(facts(*GRANTED, protocols=(there,))) == "K1"
    assert rule_for(facts(*GRANTED, protocols=(back,))) == "G2"
    elsewhere = Protocol(from_service="caw-1", to_service="vaph-1")
    assert rule_for(facts(*GRANTED, protocols=(elsewhere,))) == "G2"
    assert rule_for(facts(*GRANTED, protocols=())) == "G2"


def test_a_protocol_includes_its_last_day() -> None:
    for until, rule in ((date(2026, 3, 2), "K1"), (date(2026, 3, 1), "G2")):
        lasting = Protocol(from_service="clb-1", to_service="vaph-1", until=until)
        assert rule_for(facts(*GRANTED, protocols=(lasting,))) == rule


def test_no_protocol_is_asked_inside_one_service_or_to_a_person() -> None:
    inside = facts(*granted_by_both(to=frozenset({"clb-1"})), protocols=())
    relation = (CareRelation(service="clb-1"),)
    assert rule_for(replace(inside, relations=relation), ask(ToService("clb-1"))) == "K1"
    assert rule_for(inside, ask(ToPerson("mother"))) == "G5"


@pytest.mark.parametrize(
    ("kind", "role", "purpose", "rule"),
    [
        ("clb", "care", "transfer", "K1"),
        ("vaph_facility", "care", "transfer", "G3"),
        ("vaph_facility", "teacher", "care", "G3"),
        ("vaph_admin", "decision", "care", "G3"),
        ("vaph_facility", "care", "entitlement", "G3"),
        ("vaph_facility", "care", "other", "G3"),
        ("vaph_facility", "care", "fun", "G3"),
        ("huis_van_het_kind", "medical", "care", "G3"),
        ("employer", "care", "care", "G3"),
        ("clb", "auditor", "audit", "G5"),
        ("opgroeien_admin", "trajectory_supporter", "referral", "K2"),
    ],
)
def test_a_role_asks_only_for_the_purposes_of_its_work(
    kind: str, role: str, purpose: str, rule: str
) -> None:
    grants = granted_by_both(to=frozenset({"here"}), purpose=purpose)
    known = facts(
        *grants,
        services=SERVICES | {"here": Service(kind=kind)},
        actors={"an": Actor(service="here", role=role)},
        relations=(CareRelation(service="here"),),
    )
    assert rule_for(known, ask(ToActor("an"), purpose=purpose)) == rule


def test_a_service_that_does_not_care_for_the_child_cannot_tell_it_from_an_unknown_child() -> None:
    decision = decided(facts(*GRANTED, relations=()))
    assert decision.segments["dx"].rule == "G4"
    assert decision.silent


@pytest.mark.parametrize(
    ("since", "until", "rule"),
    [
        (date(2026, 3, 2), None, "K1"),
        (date(2026, 3, 3), None, "G4"),
        (None, date(2026, 3, 2), "K1"),
        (None, date(2026, 3, 1), "G4"),
    ],
)
def test_a_care_relation_counts_from_its_first_day_to_its_last(
    since: date | None, until: date | None, rule: str
) -> None:
    relation = CareRelation(service="vaph-1", since=since, until=until)
    assert rule_for(facts(*GRANTED, relations=(relation,))) == rule


def test_mandated_services_and_administrations_need_no_care_relation_for_their_task() -> None:
    services = SERVICES | {"vk": Service(kind="vk"), "admin": Service(kind="vaph_admin")}
    safety = granted_by_both(to=frozenset({"vk"}), purpose="safety")
    budget = granted_by_both(to=frozenset({"admin"}), purpose="entitlement")
    known = facts(*safety, *budget, services=services, relations=())
    assert rule_for(known, ask(ToService("vk"), purpose="safety")) == "K1"
    assert rule_for(known, ask(ToService("vk"), purpose="care")) == "G4"
    assert rule_for(known, ask(ToService("admin"), purpose="entitlement")) == "K2b"


@pytest.mark.parametrize("data_class", ["unlabelled", "horoscope"])
def test_what_has_no_known_label_stays(data_class: str) -> None:
    known = facts(*granted_by_both(classes=None), record=a_record(a_segment(data_class, id="dx")))
    decision = decided(known)
    assert decision.segments["dx"].rule == "G6"
    assert decision.obligations == {"extract_at_source"}


def test_one_document_that_mixes_classes_or_people_stays_whole() -> None:
    grants = granted_by_both(classes=None)
    segment = a_segment("diagnosis", id="dx")
    plain = a_record(segment, unsplittable=True)
    mixed = a_record(segment, a_segment("functional"), unsplittable=True)
    shared = a_record(replace(segment, about=frozenset({"child", "mother"})), unsplittable=True)
    assert rule_for(facts(*grants, record=plain)) == "K1"
    assert rule_for(facts(*grants, record=mixed)) == "G6"
    assert rule_for(facts(*grants, record=shared)) == "G6"


def test_policy_and_research_get_figures_only() -> None:
    known = facts(*GRANTED, actors={"an": Actor(service="vaph-1", role="policy")})
    for purpose in ("policy", "research"):
        assert rule_for(known, ask(ToActor("an"), purpose=purpose)) == "G7"


@pytest.mark.parametrize("data_class", ["therapy_notes", "agogic_exception"])
@pytest.mark.parametrize("kind", ["clb", "health", "vaph_facility", "vk"])
def test_the_authors_own_notes_are_in_no_profile(kind: str, data_class: str) -> None:
    assert profile_of_role(kind, "medical").get(data_class, ".") == "."


@pytest.mark.parametrize(("role", "rule"), [("care", "G5"), ("medical", "K1")])
def test_health_data_goes_to_medical_staff_only(role: str, rule: str) -> None:
    known = facts(
        *granted_by_both("medical"),
        record=a_record(a_segment("medical")),
        actors={"an": Actor(service="vaph-1", role=role)},
    )
    assert rule_for(known, ask(ToActor("an")), name="medical") == rule


def test_concern_stays_where_it_is_unless_it_goes_to_a_mandated_service() -> None:
    grants = granted_by_both("concern", to=None)
    services = SERVICES | {"vk": Service(kind="vk")}
    known = facts(*grants, record=a_record(a_segment("concern")), services=services)
    inside = replace(known, relations=(CareRelation(service="clb-1"), CareRelation(service="vk")))
    assert rule_for(known, name="concern") == "G5"
    assert rule_for(inside, ask(ToService("clb-1")), name="concern") == "K1"
    assert rule_for(inside, ask(ToService("vk")), name="concern") == "K1"


def test_an_administration_gets_the_core_of_a_diagnosis() -> None:
    grants = granted_by_both(to=frozenset({"admin"}), purpose="entitlement")
    known = facts(*grants, services=SERVICES | {"admin": Service(kind="vaph_admin")})
    decision = decided(known, ask(ToService("admin"), purpose="entitlement"))
    assert decision.segments["dx"].rule == "K2b"
    assert decision.obligations == {"minimum", "no_onward", "core_only"}


def test_the_widest_grant_gives_a_recipient_no_more_than_its_work_needs() -> None:
    everything = granted_by_both("context", "diagnostic_report", "medical", to=None)
    record = a_record(*(a_segment(name) for name in ("context", "diagnostic_report", "medical")))
    services = SERVICES | {"creche": Service(kind="childcare")}
    known = facts(
        *everything, record=record, services=services, relations=(CareRelation(service="creche"),)
    )
    decision = decided(known, ask(ToService("creche")))
    assert {part.rule for part in decision.segments.values()} == {"G5"}


@pytest.mark.parametrize("kind", ["employer", "insurer"])
@pytest.mark.parametrize(("role", "purpose"), [("auditor", "audit"), ("policy", "research")])
def test_who_employs_or_insures_may_ask_for_nothing_whatever_the_role(
    kind: str, role: str, purpose: str
) -> None:
    assert purpose not in purposes_of_role(kind, role)
    assert purpose in purposes_of_role("clb", role)
