"""The family's decisions as FHIR Consent: to a partner those that open something, to the family."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from gateway.fhir.consent_resource import PROFILE, STATE
from gateway.fhir.validate import validate
from tests.support.families import Family, a_family
from tests.support.running_hub import CLB, VAPH, Parent, RunningHub

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


def looks(answer: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    return (
        answer.status_code,
        answer.content,
        sorted((name, value) for name, value in answer.headers.items() if name != "date"),
    )


def of_family(parent: Parent) -> list[dict[str, Any]]:
    answer = parent.client.get(f"/children/{parent.child}/consents.fhir")
    assert answer.status_code == httpx.codes.OK, answer.text
    bundle: dict[str, Any] = answer.json()
    assert validate(bundle) == ()
    return [entry["resource"] for entry in bundle.get("entry", [])]


def test_a_partner_sees_the_consents_by_which_it_sees_something_and_no_others(
    system: RunningHub, case: Case
) -> None:
    case.mother.given(CLB, ["diagnosis"])
    case.father.given(VAPH, ["functional"], purpose="entitlement")
    (consent,) = system.search(CLB, "Consent", case.patient)
    assert validate(consent) == ()
    assert consent["status"] == "active"
    assert consent["patient"] == {"reference": f"Patient/{case.patient}"}
    assert consent["provision"]["actor"][0]["reference"] == {"reference": f"Organization/{CLB}"}
    read = system.call(CLB, "GET", f"/fhir/Consent/{consent['id']}")
    assert read.json() == consent
    assert case.mother.child not in read.text


def test_absent_denied_and_stopped_look_the_same(system: RunningHub, case: Case) -> None:
    stopped = case.mother.given(CLB, ["diagnosis"])
    (consent,) = system.search(CLB, "Consent", case.patient)
    case.mother.stop(stopped)
    known = system.call(CLB, "GET", f"/fhir/Consent?patient={case.patient}")
    absent = system.call(CLB, "GET", f"/fhir/Consent?patient={ABSENT}")
    assert looks(known) == looks(absent)
    gone = system.call(CLB, "GET", f"/fhir/Consent/{consent['id']}")
    never = system.call(CLB, "GET", f"/fhir/Consent/{ABSENT}")
    other = system.call(VAPH, "GET", f"/fhir/Consent/{consent['id']}")
    assert looks(gone) == looks(never) == looks(other)
    assert gone.status_code == httpx.codes.NOT_FOUND


def test_a_consent_that_opens_nothing_is_not_shown(system: RunningHub, case: Case) -> None:
    # Everything but the everyday needs both parents.
    case.mother.given(CLB, ["context"])
    assert system.search(CLB, "Consent", case.patient) == []
    case.mother.given(CLB, ["diagnosis"])
    other = {"Purpose-Of-Use": "referral"}
    answer = system.call(CLB, "GET", f"/fhir/Consent?patient={case.patient}", headers=other)
    assert "entry" not in answer.json()


def test_who_decided_is_named_to_the_family_only(system: RunningHub, case: Case) -> None:
    case.mother.given(CLB, ["diagnosis"])
    (partners,) = system.search(CLB, "Consent", case.patient)
    (own,) = of_family(case.mother)
    assert "performer" not in partners
    assert own["performer"][0]["extension"][0]["valueCode"] == "parent"
    assert "display" not in own["performer"][0]
    assert "share" in own["policy"][0]["uri"]
    assert partners["policy"][0]["uri"].endswith("/wording/share")


def test_reading_consents_is_a_line_that_the_family_sees(system: RunningHub, case: Case) -> None:
    case.mother.given(CLB, ["diagnosis"])
    system.search(CLB, "Consent", case.patient)
    assert "Las jouw toestemming" in case.mother.client.get("/wie-keek").text


def test_the_family_gets_every_decision_with_its_state(case: Case) -> None:
    stopped = case.mother.given(CLB, ["diagnosis"])
    case.mother.stop(stopped)
    case.father.given(CLB, ["logistics"])
    found = {one["status"]: one for one in of_family(case.mother)}
    assert set(found) == {"active", "inactive"}
    assert found["inactive"]["id"] == stopped
    assert all(one["meta"]["profile"] == [PROFILE] for one in found.values())
    states = {one["valueCode"] for one in found["inactive"]["extension"] if one["url"] == STATE}
    assert states == {"withdrawn"}


def test_somebody_elses_decisions_are_absent(system: RunningHub, case: Case) -> None:
    other = a_family()
    system.delivered(VAPH, other.vaph_2023)
    stranger = system.parents(other)[0]
    answer = stranger.client.get(f"/children/{case.mother.child}/consents.fhir")
    assert answer.status_code == httpx.codes.NOT_FOUND
