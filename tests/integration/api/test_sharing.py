"""The family decides: what a partner may read, from the first yes to the last stop."""

import itertools
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from gateway import clock
from gateway.exchange.disclose import Asked, disclose
from gateway.identity.callers import PartnerCaller
from gateway.store.engine import transaction
from gateway.store.tables import delivery, resource
from tests.support.families import Family, a_family
from tests.support.running_hub import (
    CLB,
    MOTHER,
    STRANGER,
    VAPH,
    Parent,
    RunningHub,
    eventually,
    register_partners,
)

ABSENT = "0123456789abcdef0123456789abcdef"


@dataclass
class Case:
    """A child that VAPH and CLB told about, with both parents signed in."""

    family: Family
    patient: str
    mother: Parent
    father: Parent


@pytest.fixture
def case(system: RunningHub) -> Case:
    family = a_family()
    system.delivered(VAPH, family.vaph_2023)
    clb = system.delivered(CLB, family.clb_2024)
    mother, father = system.parents(family)
    return Case(family, clb["parts"][0]["patient"], mother, father)


def codes(resources: list[dict[str, Any]]) -> set[str]:
    return {one["code"]["coding"][0]["code"] for one in resources}


def looks(answer: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    headers = sorted((k, v) for k, v in answer.headers.items() if k != "date")
    return answer.status_code, answer.content, headers


def test_without_a_grant_a_known_child_looks_like_an_unknown_one(
    system: RunningHub, case: Case
) -> None:
    known = system.call(CLB, "GET", f"/fhir/Condition?patient={case.patient}")
    absent = system.call(CLB, "GET", f"/fhir/Condition?patient={ABSENT}")
    garbage = system.call(CLB, "GET", "/fhir/Condition?patient=Noor")
    assert looks(known) == looks(absent) == looks(garbage)
    assert known.json() == {"resourceType": "Bundle", "type": "searchset"}


def test_both_parents_grant_and_the_service_reads_the_one_diagnosis(
    system: RunningHub, case: Case
) -> None:
    for parent in (case.mother, case.father):
        parent.given(CLB, ["diagnosis"])
    (found,) = system.search(CLB, "Condition", case.patient)
    assert codes([found]) == {"F80.2"}
    assert found["recorder"]["display"].startswith("MDT")
    read = system.call(CLB, "GET", f"/fhir/Condition/{found['id']}")
    assert read.json() == found
    assert read.headers["ETag"] == 'W/"1"'


def test_a_resource_that_may_not_be_read_is_the_same_404_as_one_that_is_absent(
    system: RunningHub, case: Case
) -> None:
    consents = [parent.given(CLB, ["diagnosis"]) for parent in (case.mother, case.father)]
    (found,) = system.search(CLB, "Condition", case.patient)
    case.mother.stop(consents[0])
    denied = system.call(CLB, "GET", f"/fhir/Condition/{found['id']}")
    absent = system.call(CLB, "GET", f"/fhir/Condition/{ABSENT}")
    assert denied.status_code == httpx.codes.NOT_FOUND
    assert looks(denied) == looks(absent)


def test_a_grant_of_needs_does_not_open_the_diagnosis(system: RunningHub, case: Case) -> None:
    for parent in (case.mother, case.father):
        parent.given(CLB, ["functional"])
    assert system.search(CLB, "Observation", case.patient)
    assert system.search(CLB, "Condition", case.patient) == []


def test_one_parent_alone_opens_everyday_classes_and_a_stop_by_either_closes_them(
    system: RunningHub, case: Case
) -> None:
    consent = case.mother.given(CLB, ["diagnosis", "diagnostic_report"])
    assert system.search(CLB, "Condition", case.patient)
    iq_only = [one for one in system.search(CLB, "Observation", case.patient) if "iq" in str(one)]
    assert iq_only == []
    assert case.mother.stop(consent).status_code == httpx.codes.OK
    assert system.search(CLB, "Condition", case.patient) == []


def test_after_a_stop_nothing_is_read_any_more_and_a_repeat_is_harmless(
    system: RunningHub, case: Case
) -> None:
    consents = [parent.given(CLB, ["diagnosis"]) for parent in (case.mother, case.father)]
    assert system.search(CLB, "Condition", case.patient)
    for _ in range(2):
        assert case.mother.stop(consents[0]).status_code == httpx.codes.OK
    assert system.search(CLB, "Condition", case.patient) == []


def test_a_parent_cannot_stop_or_see_the_other_familys_consent(
    system: RunningHub, case: Case
) -> None:
    consent = case.mother.given(CLB, ["diagnosis"])
    stranger = system.parents(a_family_known_to(system))[0]
    mine, absent = stranger.stop(consent), stranger.stop("6f1ed002-ab5d-4d07-9a2c-0d1f2f2b7c11")
    assert mine.status_code == absent.status_code == httpx.codes.NOT_FOUND
    assert mine.content == absent.content
    assert consent not in stranger.client.get("/consents").text


def a_family_known_to(system: RunningHub) -> Family:
    family = a_family()
    system.delivered(VAPH, family.vaph_2023)
    return family


def test_a_person_no_source_named_as_family_is_not_known(system: RunningHub) -> None:
    assert system.person(STRANGER).client.get("/consents").status_code in {401, 403, 404}


def test_only_the_words_that_were_shown_can_be_agreed_to(system: RunningHub, case: Case) -> None:
    mother = case.mother
    order = {
        "child": mother.child,
        "to": CLB,
        "purpose": "care",
        "until": str(clock.brussels_date(clock.now()) + timedelta(days=9)),
        "language": "nl",
        "classes": ["diagnosis"],
        "wording_sha256": "0" * 64,
    }
    refused = mother.client.post("/consents", json=order, headers={"X-CSRF-Token": mother.csrf})
    assert refused.status_code >= httpx.codes.BAD_REQUEST
    assert "read the text again" in refused.text
    assert system.search(CLB, "Condition", case.patient) == []


def test_a_consent_for_longer_than_the_rules_allow_is_refused(case: Case) -> None:
    far = clock.brussels_date(clock.now()) + timedelta(days=200)
    assert case.mother.give(CLB, ["medical"], until=far).status_code >= httpx.codes.BAD_REQUEST
    assert case.mother.give(CLB, ["diagnosis"], until=far).status_code == httpx.codes.CREATED


def test_a_change_without_the_sessions_token_is_refused(case: Case) -> None:
    consent = case.mother.given(CLB, ["diagnosis"])
    forged = case.mother.client.post(f"/consents/{consent}/withdraw")
    assert forged.status_code == httpx.codes.FORBIDDEN


def test_two_partners_see_the_same_child_under_pseudonyms_that_do_not_meet(
    system: RunningHub,
) -> None:
    family = a_family()
    vaph = system.delivered(VAPH, family.vaph_2023)["parts"][0]["patient"]
    clb = system.delivered(CLB, family.clb_2024)["parts"][0]["patient"]
    assert vaph != clb
    assert system.search(CLB, "Condition", vaph) == []


@pytest.mark.parametrize("order", list(itertools.permutations(("2023", "2024", "clb"))))
def test_one_diagnosis_comes_out_whatever_the_order_of_deliveries(
    system: RunningHub, order: tuple[str, ...]
) -> None:
    family = a_family()
    records = {
        "2023": (VAPH, family.vaph_2023),
        "2024": (VAPH, family.vaph_2024),
        "clb": (CLB, family.clb_2024),
    }
    receipts = {name: system.delivered(*records[name]) for name in order}
    for parent in system.parents(family):
        parent.given(CLB, ["diagnosis"])
    found = system.search(CLB, "Condition", receipts["clb"]["parts"][0]["patient"])
    by_code = {one["code"]["coding"][0]["code"]: one for one in found}
    # Ground truth: F84.0 leads, F80.2 gave way to F80, and a suspicion is no second diagnosis.
    assert set(by_code) == {"F84.0", "F80"}
    autism = by_code["F84.0"]
    assert autism["verificationStatus"]["coding"][0]["code"] == "confirmed"
    assert autism["recordedDate"] == "2024-10-21"


def test_who_looked_tells_the_family_every_read_with_purpose_and_reason(
    system: RunningHub, case: Case
) -> None:
    for parent in (case.mother, case.father):
        parent.given(CLB, ["diagnosis"])
    system.search(CLB, "Condition", case.patient)
    page = case.mother.client.get("/wie-keek").text
    assert "CLB Voorbeeldstreek" in page


def test_the_overview_counts_looks_that_opened_something_and_no_denials(
    system: RunningHub, case: Case
) -> None:
    system.search(CLB, "Condition", case.patient)
    case.mother.given(CLB, ["diagnosis"])
    system.search(CLB, "Condition", case.patient)
    assert "is er 1 keer gekeken" in case.mother.client.get("/").text


def test_a_browser_gets_a_page_and_a_program_a_problem_for_a_path_that_is_not_there(
    system: RunningHub,
) -> None:
    browser = {"Accept": "text/html"}
    page = httpx.get(f"{system.base_url}/nergens", headers=browser)
    problem = httpx.get(f"{system.base_url}/nergens")
    assert page.status_code == problem.status_code == httpx.codes.NOT_FOUND
    assert page.headers["Content-Type"].startswith("text/html")
    assert problem.headers["Content-Type"] == "application/problem+json"


def test_the_auditor_finds_every_act_without_a_name(system: RunningHub, case: Case) -> None:
    consents = [parent.given(CLB, ["diagnosis"]) for parent in (case.mother, case.father)]
    system.search(CLB, "Condition", case.patient)
    case.mother.stop(consents[0])
    system.search(CLB, "Condition", case.patient)
    auditor = system.person("an-auditor").client
    entries = auditor.get(f"/log?partner={CLB}&limit=20").json()["entries"]
    acts = [(one["act"], one["outcome"]) for one in entries if one["act"] != "route"]
    assert acts[:3] == [("search", "deny"), ("consent_withdrawn", "done"), ("search", "permit")]
    told = auditor.get("/log?limit=200").text
    for secret in (case.family.child, case.family.mother, "Noor", "F84", "F80", case.patient):
        assert secret not in told


def test_the_log_is_for_auditors_only(system: RunningHub, case: Case) -> None:
    assert case.mother.client.get("/log").status_code in {401, 403, 404}
    assert system.person(MOTHER).client.get("/log").status_code in {401, 403, 404}
    assert httpx.get(f"{system.base_url}/log").status_code in {401, 403, 404}


def test_a_purpose_that_the_rules_do_not_know_is_refused_by_name(
    system: RunningHub, case: Case
) -> None:
    headers = {"Purpose-Of-Use": "curiosity"}
    path = f"/fhir/Condition?patient={case.patient}"
    answer = system.call(CLB, "GET", path, headers=headers)
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert "referral" in answer.text


def test_a_grant_for_care_does_not_serve_another_purpose(system: RunningHub, case: Case) -> None:
    for parent in (case.mother, case.father):
        parent.given(CLB, ["diagnosis"])
    headers = {"Purpose-Of-Use": "referral"}
    path = f"/fhir/Condition?patient={case.patient}"
    assert "entry" not in system.call(CLB, "GET", path, headers=headers).json()
    assert "entry" in system.call(CLB, "GET", path).json()


def test_a_suspended_partner_reads_nothing_delivers_nothing_and_gets_no_token(
    system: RunningHub, case: Case
) -> None:
    for parent in (case.mother, case.father):
        parent.given(CLB, ["diagnosis"])
    assert system.search(CLB, "Condition", case.patient)
    system.stack.run("partner", "suspend", CLB)
    try:
        assert system.search(CLB, "Condition", case.patient) == []
        refused = system.deliver(CLB, a_family().clb_2024)
        assert refused.status_code == httpx.codes.FORBIDDEN
        assert system.ask_token(system.assertion(CLB)).status_code == httpx.codes.UNAUTHORIZED
    finally:
        system.stack.run("partner", "activate", CLB)
    assert system.search(CLB, "Condition", case.patient)


def test_new_keys_do_not_end_a_suspension(system: RunningHub) -> None:
    system.stack.run("partner", "suspend", CLB)
    try:
        register_partners(system.hub, keys=system.keys)
        assert system.ask_token(system.assertion(CLB)).status_code == httpx.codes.UNAUTHORIZED
    finally:
        system.stack.run("partner", "activate", CLB)


def test_a_request_that_read_its_clock_before_the_stop_gets_nothing_after_it(
    system: RunningHub, case: Case
) -> None:
    consents = [parent.given(CLB, ["diagnosis"]) for parent in (case.mother, case.father)]
    before, clb = clock.now(), PartnerCaller(partner=CLB, scopes=frozenset())
    asked = Asked(type="Condition", purpose="care", patient=case.patient)
    assert disclose(system.hub, clb, asked, at=before)
    case.mother.stop(consents[0])
    assert disclose(system.hub, clb, asked, at=before) == ()


def test_a_grant_for_another_purpose_streams_what_it_opens(system: RunningHub, case: Case) -> None:
    for parent in (case.mother, case.father):
        parent.given(CLB, ["functional"])
        parent.given(CLB, ["diagnosis"], purpose="diagnosis")
    child = case.mother.child
    found = eventually(lambda: _delivered(system, child))
    system.delivered(VAPH, case.family.vaph_2024)
    wanted = {("care", "Observation"), ("diagnosis", "Condition")}
    eventually(lambda: wanted <= _delivered(system, child) and len(_delivered(system, child)) > 1)
    assert found


def _delivered(system: RunningHub, child: str) -> set[tuple[str, str]]:
    query = (
        select(delivery.c.purpose, resource.c.type)
        .join(resource, resource.c.id == delivery.c.resource)
        .where(delivery.c.child == child, delivery.c.version > 0)
    )
    with transaction(system.hub.engine) as tx:
        return {(row.purpose, row.type) for row in tx.execute(query)}


def test_a_source_that_corrects_a_parents_authority_is_believed(
    system: RunningHub, case: Case
) -> None:
    corrected = case.family.clb_2024.replace(
        b"<ouderlijkGezag>J</ouderlijkGezag>", b"<ouderlijkGezag>N</ouderlijkGezag>"
    ).replace(b"<volgnummer>1<", b"<volgnummer>2<")
    other = a_family()
    first = other.record("clb", "clb_01_noor_hgd_traject.xml")
    patient = system.delivered(CLB, first)["parts"][0]["patient"]
    second = corrected
    for old, new in (
        (case.family.child, other.child),
        (case.family.mother, other.mother),
        (case.family.father, other.father),
    ):
        second = second.replace(old.encode(), new.encode())
    system.delivered(CLB, second)
    mother = system.parents(other)[0]
    assert "Je ziet hier alleen wat je zelf koos" in mother.overview
    assert system.search(CLB, "Observation", patient) == []


def test_a_key_asked_for_in_another_spelling_is_gone_and_stays_unread(
    system: RunningHub, case: Case
) -> None:
    for parent in (case.mother, case.father):
        parent.given(CLB, ["diagnosis"])
    query = select(delivery.c.id).where(delivery.c.child == case.mother.child)

    def sealed() -> list[str]:
        with transaction(system.hub.engine) as tx:
            return [str(one) for one in tx.execute(query).scalars()]

    (message, *_) = eventually(sealed)
    loud = system.call(CLB, "POST", "/keys", json={"ids": [message.upper()]}).json()
    assert loud["keys"][0]["state"] == "gone"
    right = system.call(CLB, "POST", "/keys", json={"ids": [message]}).json()
    assert right["keys"][0]["state"] == "released"
