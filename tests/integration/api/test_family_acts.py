"""The family's acts over HTTP: yes, no, contest, answer; and what services may ask and tell."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from gateway import clock
from gateway.store import children
from gateway.store.engine import transaction
from tests.support.families import Family, a_family, mock_number
from tests.support.running_hub import CAW, CLB, VAPH, Parent, RunningHub

ABSENT = "0123456789abcdef0123456789abcdef"
ABSENT_ID = "6f1ed002-ab5d-4d07-9a2c-0d1f2f2b7c11"
REASONS = "Na drie gesprekken met het kind en de ouders blijkt dat het de gevolgen overziet."


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
    return Case(family, clb["parts"][0]["patient"], *system.parents(family))


def post(person: Parent, path: str, body: Any = None) -> httpx.Response:
    return person.client.post(path, json=body, headers={"X-CSRF-Token": person.csrf})


def listed(person: Parent) -> dict[str, dict[str, Any]]:
    found = person.client.get("/consents").json()["consents"]
    return {one["id"]: one for one in found}


def test_a_no_over_http_stops_reads_and_taking_it_away_opens_them(
    system: RunningHub, case: Case
) -> None:
    for parent in (case.mother, case.father):
        parent.given(CLB, ["diagnosis"])
    assert system.search(CLB, "Condition", case.patient)
    no = case.father.say_no("refuse", classes=["diagnosis"], to=CLB)
    assert no.status_code == httpx.codes.CREATED, no.text
    assert system.search(CLB, "Condition", case.patient) == []
    decision = listed(case.father)[no.json()["id"]]
    assert (decision["effect"], decision["state"], decision["mine"]) == ("refuse", "active", True)
    assert decision["partner_name"] == "CLB Voorbeeldstreek"
    assert case.father.stop(no.json()["id"]).status_code == httpx.codes.OK
    assert system.search(CLB, "Condition", case.patient)
    assert listed(case.father)[no.json()["id"]]["state"] == "withdrawn"


def test_a_service_that_is_shut_out_sees_the_same_nothing_as_for_an_unknown_child(
    system: RunningHub, case: Case
) -> None:
    case.mother.given(CLB, ["diagnosis"])
    assert case.father.say_no("exclude", to=CLB).status_code == httpx.codes.CREATED
    known = system.call(CLB, "GET", f"/fhir/Condition?patient={case.patient}")
    absent = system.call(CLB, "GET", f"/fhir/Condition?patient={ABSENT}")
    assert known.content == absent.content


def test_a_contested_consent_carries_nothing_until_the_auditor_settles_it(
    system: RunningHub, case: Case
) -> None:
    consent = case.mother.given(CLB, ["diagnosis"])
    assert post(case.father, f"/consents/{consent}/contest").status_code == httpx.codes.OK
    assert system.search(CLB, "Condition", case.patient) == []
    assert listed(case.mother)[consent]["state"] == "contested"
    auditor = system.person("an-auditor")
    waiting = auditor.client.get("/log/contests")
    token = {"X-CSRF-Token": waiting.headers["X-CSRF-Token"]}
    pseudonym = waiting.json()["consents"][-1]
    path, upheld = f"/log/contests/{pseudonym}", {"outcome": "upheld"}
    assert auditor.client.post(path, json=upheld).status_code == httpx.codes.FORBIDDEN
    assert post(case.mother, path, upheld).status_code == httpx.codes.FORBIDDEN
    assert auditor.client.post(path, json=upheld, headers=token).status_code == httpx.codes.OK
    assert system.search(CLB, "Condition", case.patient)
    again = auditor.client.post(path, json=upheld, headers=token)
    absent = auditor.client.post(f"/log/contests/{ABSENT}", json=upheld, headers=token)
    assert again.status_code == absent.status_code == httpx.codes.NOT_FOUND
    acts = [one["act"] for one in auditor.client.get("/log?limit=20").json()["entries"]]
    assert {"consent_contested", "consent_upheld"} <= {*acts}


def test_a_youngster_signs_in_decides_and_its_parents_do_not_learn_it(system: RunningHub) -> None:
    family = a_family()
    own = mock_number("12", family.child[4:6], int(family.child[6:9]))
    raw = family.vaph_2023.replace(family.child.encode(), own.encode())
    system.delivered(VAPH, raw)
    young, mother = system.parent(own), system.parent(family.mother)
    start_care(system, own)
    before = listed(mother)
    given = young.give(CLB, ["diagnosis"])
    assert given.status_code == httpx.codes.CREATED, given.text
    decision = listed(young)[given.json()["id"]]
    assert (decision["giver"], decision["state"]) == ("self", "active")
    assert listed(mother) == before
    until = str(clock.brussels_date(clock.now()) + timedelta(days=60))
    order = {"child": young.child, "to": CLB, "purpose": "care", "until": until, "language": "nl"}
    refused = mother.client.get("/consents/wording", params=order | {"classes": "functional"})
    assert (refused.status_code, refused.json()["code"]) == (400, "child_decides")
    absent = post(mother, f"/consents/{ABSENT_ID}/contest")
    hidden = post(mother, f"/consents/{decision['id']}/contest")
    assert hidden.status_code == absent.status_code == httpx.codes.NOT_FOUND
    assert hidden.content == absent.content


def start_care(system: RunningHub, number: str) -> None:
    with transaction(system.hub.engine) as tx:
        (child,) = children.find(tx, "insz", system.hub.vault.lookup("insz", number))
        children.start_care(tx, child, CLB, at=clock.now())


def test_a_service_proposes_and_the_family_answers_without_its_learning(
    system: RunningHub, case: Case
) -> None:
    until = str(clock.brussels_date(clock.now()) + timedelta(days=60))
    body = {"patient": case.patient, "classes": ["diagnosis"], "purpose": "care", "until": until}
    first = system.call(CLB, "POST", "/proposals", json=body)
    assert first.status_code == httpx.codes.CREATED, first.text
    (asked,) = case.mother.client.get(f"/consents/proposals?child={case.mother.child}").json()[
        "proposals"
    ]
    assert (asked["id"], asked["partner"]) == (first.json()["id"], CLB)
    declined = post(case.mother, f"/consents/proposals/{asked['id']}/decline")
    assert declined.status_code == httpx.codes.OK
    again = system.call(CLB, "POST", "/proposals", json=body)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    unknown = system.call(CLB, "POST", "/proposals", json=body | {"patient": ABSENT})
    own = system.hub.vault.pairwise(CAW, UUID(case.mother.child))
    apart = system.call(CAW, "POST", "/proposals", json=body | {"patient": own})
    assert unknown.status_code == apart.status_code == httpx.codes.NOT_FOUND
    assert unknown.content == apart.content


def test_an_assessment_over_http_needs_reasons_and_a_service_that_may(
    system: RunningHub, case: Case
) -> None:
    body = {"patient": case.patient, "outcome": "capable", "assessor": "An, psycholoog"}
    refused = system.call(CLB, "POST", "/assessments", json=body)
    assert (refused.status_code, refused.json()["code"]) == (400, "reasons_required")
    assert "write why" in refused.json()["detail"]
    whole = body | {"reasons": REASONS}
    vaph = system.call(VAPH, "POST", "/assessments", json=whole)
    assert vaph.status_code == httpx.codes.FORBIDDEN
    unknown = system.call(CLB, "POST", "/assessments", json=whole | {"patient": ABSENT})
    assert unknown.status_code == httpx.codes.NOT_FOUND
    told = system.call(CLB, "POST", "/assessments", json=whole)
    assert told.status_code == httpx.codes.CREATED
    (found,) = case.mother.client.get(f"/consents/assessments?child={case.mother.child}").json()[
        "assessments"
    ]
    # The child decides now: what was written about it is not for its parents.
    assert (found["outcome"], found["reasons"], found["can_contest"]) == ("capable", None, True)
    contested = post(case.mother, f"/consents/assessments/{found['id']}/contest")
    assert contested.status_code == httpx.codes.OK


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"effect": "grant", "classes": ["diagnosis"]}, "purpose, to, until"),
        ({"effect": "refuse", "proposal": ABSENT_ID}, "body.proposal"),
        ({"effect": "grant", "sources": ["vaph"]}, "body.sources"),
    ],
)
def test_a_decision_that_is_not_whole_names_its_place_and_nobody(
    case: Case, body: dict[str, Any], where: str
) -> None:
    known = {"child": case.mother.child, "language": "nl", "wording_sha256": "0" * 64}
    answer = post(case.mother, "/consents", known | body)
    assert (answer.status_code, answer.json()["where"]) == (400, where)
    assert case.mother.child not in answer.text


def test_every_act_of_the_family_needs_the_sessions_token(case: Case) -> None:
    consent = case.mother.given(CLB, ["diagnosis"])
    for path in (
        "/consents",
        f"/consents/{consent}/reconfirm",
        f"/consents/{consent}/contest",
        f"/consents/proposals/{ABSENT_ID}/decline",
        f"/consents/assessments/{ABSENT_ID}/contest",
    ):
        words = {"child": "x", "language": "nl", "wording_sha256": "0" * 64}
        body = words if path == "/consents" else {"language": "nl", "wording_sha256": "0" * 64}
        assert case.mother.client.post(path, json=body).status_code == httpx.codes.FORBIDDEN
