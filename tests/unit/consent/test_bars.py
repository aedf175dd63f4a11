"""Tier 1: hard bars no consent of another person lifts."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from consent.model import (
    Actor,
    CareRelation,
    Ground,
    Person,
    Record,
    Service,
    ToActor,
    ToPerson,
    ToService,
)
from tests.support.situations import (
    AT,
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
)

COURT = SERVICES | {"court": Service(kind="judiciary")}


def one(data_class: str, **known: Any) -> Record:
    return a_record(a_segment(data_class, id="dx", **known))


def test_a_secret_place_is_sealed_whoever_grants_it() -> None:
    grants = granted_by_both("placement", "logistics")
    assert rule_for(facts(*grants, record=one("placement"))) == "H1"
    hidden = a_child(flags=frozenset({"secret_address"}))
    visits = one("logistics", reveals_place=True)
    assert rule_for(facts(*grants, record=visits, child=hidden)) == "H1"
    assert rule_for(facts(*grants, record=visits)) == "K1"


def test_pieces_of_the_court_go_to_no_service() -> None:
    assert rule_for(facts(*granted_by_both("judicial"), record=one("judicial"))) == "H2"


@pytest.mark.parametrize("kind", ["judiciary", "police"])
def test_court_and_police_get_nothing_on_the_parents_word(kind: str) -> None:
    services = SERVICES | {"court": Service(kind=kind)}
    grants = granted_by_both(to=frozenset({"court"}), purpose="justice")
    request = ask(ToService("court"), purpose="justice")
    decision = decided(facts(*grants, services=services), request)
    assert decision.segments["dx"].rule == "H3"
    assert decision.obligations == {"refer_to_human"}


def test_the_court_gets_an_extract_if_the_capable_minor_and_all_holders_agree() -> None:
    to_court = {"to": frozenset({"court"}), "purpose": "justice"}
    all_agree = (*granted_by_both(**to_court), grant("child", **to_court))
    request = ask(ToService("court"), purpose="justice")
    minor = facts(*all_agree, services=COURT, child=a_child(born=FOURTEEN))
    assert rule_for(minor, request) == "K2"
    for left_out in range(3):
        fewer = tuple(consent for index, consent in enumerate(all_agree) if index != left_out)
        assert rule_for(replace(minor, consents=fewer), request) == "H3"
    assert rule_for(replace(minor, people={}), request) == "H3"
    assert rule_for(replace(minor, child=a_child(born=date(2000, 1, 1))), request) == "H3"


def test_a_validated_order_lifts_the_judicial_bar_for_basic_data_only() -> None:
    order = Ground(kind="court_order", validated=True, classes=frozenset({"identity", "diagnosis"}))
    request = ask(ToService("court"), purpose="justice", ground=order)
    assert rule_for(facts(services=COURT, record=one("identity")), request) == "L2"
    assert rule_for(facts(services=COURT, record=one("diagnosis")), request) == "H3"
    unchecked = replace(request, ground=replace(order, validated=False))
    assert rule_for(facts(services=COURT, record=one("identity")), unchecked) == "H3"


def test_a_reporter_is_never_named() -> None:
    reported = one("development", reporter=True)
    assert rule_for(facts(*granted_by_both("development"), record=reported)) == "H4"


def test_a_confidence_waits_for_who_gave_it() -> None:
    aunt = {"aunt": Person(relation="kin")}
    told = one("confidential", given_by="aunt")
    both = granted_by_both("confidential")
    known = facts(*both, record=told, people=PARENTS | aunt)
    assert rule_for(known) == "H4"
    released = replace(known, consents=(*both, grant("aunt", "confidential")))
    assert rule_for(released) == "K1"
    stranger = replace(released, people=PARENTS)
    assert rule_for(stranger) == "H4"
    nobody = facts(*both, grant("aunt", "confidential"), record=one("confidential"))
    assert rule_for(nobody) == "H4"


def test_a_parent_sees_no_sign_of_a_capable_childs_intimate_health() -> None:
    known = facts(
        *granted_by_both("sexual_health", to=None),
        record=one("sexual_health"),
        child=a_child(born=FOURTEEN),
    )
    decision = decided(known, ask(ToPerson("mother"), purpose="subject_access"))
    assert decision.segments["dx"].rule == "H7"
    assert decision.silent
    assert decision.obligations == {"filter_log", "refer_to_source"}


def test_other_people_release_their_own_data_themselves() -> None:
    history = one("parent_data", about=frozenset({"mother"}))
    by_father = facts(grant("father", "parent_data"), record=history)
    assert rule_for(by_father) == "H5"
    by_mother = facts(grant("mother", "parent_data"), record=history)
    assert rule_for(by_mother) == "K1"
    by_vague_word = facts(grant("mother", classes=None), record=history)
    assert rule_for(by_vague_word) == "H5"


def test_family_context_reaches_a_foster_parent_only_as_far_as_everybody_in_it_agrees() -> None:
    context = one("context", about=frozenset({"child", "mother"}))
    foster = PARENTS | {"foster": Person(relation="foster_parent")}
    request = ask(ToPerson("foster"), purpose="subject_access")
    assert rule_for(facts(record=context, people=foster), request) == "H5"
    agreed = facts(grant("mother", "context", purpose=None, to=None), record=context, people=foster)
    assert rule_for(agreed, request) == "T6"


def test_the_national_number_travels_between_authorised_services_only() -> None:
    grants = granted_by_both("national_number", to=None)
    assert rule_for(facts(*grants, record=one("national_number"))) == "K1"
    services = SERVICES | {"vaph-1": Service(kind="vaph_facility", national_number=False)}
    refused = decided(facts(*grants, record=one("national_number"), services=services))
    assert refused.segments["dx"].rule == "H6"
    assert refused.obligations == {"pseudonym"}
    source = SERVICES | {"clb-1": Service(kind="clb", national_number=False)}
    assert rule_for(facts(*grants, record=one("national_number"), services=source)) == "H6"


def test_anonymous_help_gives_no_name() -> None:
    unnamed = a_child(flags=frozenset({"anonymous_help"}))
    grants = granted_by_both("identity", "logistics")
    assert rule_for(facts(*grants, record=one("identity"), child=unnamed)) == "H6"
    assert rule_for(facts(*grants, record=one("logistics"), child=unnamed)) == "K1"


def test_a_bar_is_named_before_a_refusal() -> None:
    known = facts(record=one("placement"), relations=(CareRelation(service="vaph-1"),))
    refused = replace(known, consents=(grant("mother", "placement", effect="refuse"),))
    assert rule_for(refused, at=AT) == "H1"


def test_pieces_of_the_court_may_go_back_to_the_court_and_not_to_the_police() -> None:
    for kind, rule in (("judiciary", "K2"), ("police", "H2")):
        to_court = {"to": frozenset({"court"}), "purpose": "justice"}
        agreed = (*granted_by_both("judicial", **to_court), grant("child", "judicial", **to_court))
        services = SERVICES | {"court": Service(kind=kind)}
        minor = facts(
            *agreed, services=services, child=a_child(born=FOURTEEN), record=one("judicial")
        )
        request = ask(ToService("court"), purpose="justice")
        assert rule_for(minor, request) == rule
    nobody = facts(services=COURT, record=one("judicial"))
    assert rule_for(nobody, ask(ToService("court"), purpose="justice")) == "H3"


@pytest.mark.parametrize("kind", ["statutory", "court_order"])
def test_an_order_and_a_duty_lift_the_judicial_bar_alike(kind: str) -> None:
    ground = Ground(kind=kind, validated=True, classes=frozenset({"logistics"}))
    known = facts(services=COURT, record=one("logistics"))
    assert rule_for(known, ask(ToService("court"), purpose="justice", ground=ground)) == "L2"


def test_a_confidence_of_nobody_known_is_released_by_nobody() -> None:
    grants = (*granted_by_both("confidential"), grant("stranger", "confidential"))
    for giver in (None, "stranger"):
        told = one("confidential", given_by=giver)
        assert rule_for(facts(*grants, record=told)) == "H4"


def test_a_child_may_release_its_own_confidence() -> None:
    told = one("confidential", given_by="child")
    minor = a_child(born=FOURTEEN)
    assert rule_for(facts(record=told, child=minor)) == "H4"
    assert rule_for(facts(grant("child", "confidential"), record=told, child=minor)) == "K1"


def test_intimate_health_is_barred_to_who_raises_the_child_and_to_nobody_else() -> None:
    doctor = {"bo": Actor(service="health-1", role="medical")}
    known = facts(
        services=SERVICES | {"health-1": Service(kind="health")},
        actors=doctor,
        relations=(CareRelation(service="health-1"),),
        record=one("sexual_health"),
        child=a_child(born=FOURTEEN),
    )
    assert rule_for(known, ask(ToActor("bo"))) == "T6"
    opened = grant("child", "sexual_health", purpose="subject_access", to_person="mother")
    reads = ask(ToPerson("mother"), purpose="subject_access")
    assert rule_for(replace(known, consents=(opened,)), reads) == "L8"
    assert rule_for(known, reads) == "H7"


def test_the_child_and_its_confidant_read_what_it_lived_with_others() -> None:
    people = PARENTS | {"guide": Person(relation="confidant"), "aunt": Person(relation="kin")}
    lived = one("context", about=frozenset({"child", "aunt"}))
    known = facts(people=people, record=lived, child=a_child(born=FOURTEEN))
    for name in ("child", "guide"):
        assert rule_for(known, ask(ToPerson(name), purpose="subject_access")) == "L8"
    small = replace(known, child=a_child())
    assert rule_for(small, ask(ToPerson("mother"), purpose="subject_access")) == "H5"


def test_a_person_is_no_end_that_needs_leave_to_use_the_number() -> None:
    number = facts(record=one("national_number"), child=a_child(born=FOURTEEN))
    assert rule_for(number, ask(ToPerson("child"), purpose="subject_access")) == "L8"
    unauthorised = replace(number, services=SERVICES | {"clb-1": Service(kind="caw")})
    assert rule_for(unauthorised, ask(ToPerson("child"), purpose="subject_access")) == "H6"
