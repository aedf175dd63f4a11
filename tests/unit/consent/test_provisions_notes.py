"""What is the matter with a FHIR Consent is said exactly: which element, and what."""

from typing import Any

import pytest

from consent.provision_codes import ACT_CODE, ACT_REASON, PARTICIPATION, SCOPE
from consent.provision_model import Note, Reason, Says
from consent.provision_reading import MAX_DEPTH
from tests.support.fhir_consents import (
    DOCTOR,
    EVERYTHING,
    JSON,
    actions,
    ask,
    coding,
    concept,
    consent,
    data,
    opt,
    permit,
    purposes,
    question,
    recipient,
    why,
)

IRCP = concept(PARTICIPATION, "IRCP")
OBSERVATION = {"reference": "Observation/1"}
TWO_SCOPES = {"coding": [coding(SCOPE, "patient-privacy"), coding(SCOPE, "research")]}
TWO_BASES = {"coding": [coding(ACT_CODE, "OPTIN"), coding(ACT_CODE, "OPTOUT")]}


def by(reference: Any) -> list[JSON]:
    return [{"role": IRCP, "reference": reference}]


IN_A_CONSENT: list[tuple[JSON, str, str]] = [
    ({"status": None}, "status", "missing"),
    ({"status": 1}, "status", "not_text"),
    ({"status": "revoked"}, "status", "unknown_word"),
    ({"patient": None}, "patient", "missing"),
    ({"patient": "Patient/mila"}, "patient", "not_an_object"),
    ({"patient": {"reference": 1}}, "patient.reference", "not_text"),
    ({"patient": {"display": "Mila"}}, "patient", "unresolved"),
    ({"patient": {"reference": "#p"}}, "patient", "unresolved"),
    ({"scope": None}, "scope", "missing"),
    ({"scope": concept(SCOPE, "gossip")}, "scope", "unknown_word"),
    ({"scope": concept("https://example.org", "patient-privacy")}, "scope", "unknown_word"),
    ({"scope": TWO_SCOPES}, "scope", "unknown_word"),
    ({"category": None}, "category", "missing"),
    ({"category": []}, "category", "not_a_list"),
    ({"category": [1]}, "category[0]", "not_an_object"),
    ({"policy": None}, "policy", "missing"),
    ({"policy": {}, "policyRule": opt("OPTIN")}, "policy", "not_a_list"),
    ({"policyRule": []}, "policyRule", "not_an_object"),
    ({"policyRule": {"text": ""}}, "policyRule.text", "not_text"),
    (
        {"policyRule": TWO_BASES, "provision": {"purpose": purposes("TREAT")}},
        "policyRule",
        "contradiction",
    ),
    ({"policyRule": opt("OPTOUT")}, "provision.type", "contradiction"),
    ({"implicitRules": "https://example.org"}, "implicitRules", "modifier"),
    ({"modifierExtension": [{}]}, "modifierExtension", "modifier"),
    ({"decision": "permit"}, "decision", "unknown_element"),
    ({"d" * 50: "permit"}, "d" * 40, "unknown_element"),
]
IN_A_PROVISION: list[tuple[JSON, str, str]] = [
    ({"documentType": []}, "documentType", "unknown_element"),
    ({"modifierExtension": [{}]}, "modifierExtension", "modifier"),
    ({"type": "allow"}, "type", "unknown_word"),
    ({"type": 1}, "type", "not_text"),
    ({"purpose": {}}, "purpose", "not_a_list"),
    ({"purpose": [*purposes("TREAT"), None]}, "purpose[1]", "not_an_object"),
    ({"purpose": [{**purposes("TREAT")[0], "system": 1}]}, "purpose[0].system", "not_text"),
    ({"purpose": [{"system": ACT_REASON, "code": " "}]}, "purpose[0].code", "not_text"),
    ({"purpose": [{**purposes("TREAT")[0], "uri": "x"}]}, "purpose[0].uri", "unknown_element"),
    ({"class": ["Observation"]}, "class[0]", "not_an_object"),
    ({"securityLabel": [{}]}, "securityLabel[0]", "not_an_object"),
    ({"action": ["access"]}, "action[0]", "not_an_object"),
    ({"action": [{"text": 1}]}, "action[0].text", "not_text"),
    ({"action": [{"coding": {}}]}, "action[0].coding", "not_a_list"),
    ({"action": [{"coding": [{"code": 1}]}]}, "action[0].coding[0].code", "not_text"),
    ({"action": [{**actions("use")[0], "code": "use"}]}, "action[0].code", "unknown_element"),
    ({"code": ["use"]}, "code[0]", "not_an_object"),
    ({"actor": [DOCTOR]}, "actor[0]", "not_an_object"),
    ({"actor": [{"reference": OBSERVATION}]}, "actor[0].role", "missing"),
    ({"actor": [{"role": "IRCP"}]}, "actor[0].role", "not_an_object"),
    ({"actor": [{"role": IRCP, "name": "x"}]}, "actor[0].name", "unknown_element"),
    ({"actor": by(DOCTOR)}, "actor[0].reference", "not_an_object"),
    ({"actor": by({"reference": ""})}, "actor[0].reference.reference", "not_text"),
    ({"actor": by({"link": DOCTOR})}, "actor[0].reference.link", "unknown_element"),
    ({"actor": by({"identifier": "7"})}, "actor[0].reference.identifier", "not_an_object"),
    (
        {"actor": by({"identifier": {"system": "urn:x", "value": 7}})},
        "actor[0].reference.identifier.value",
        "not_text",
    ),
    (
        {"actor": by({"identifier": {"system": 1, "value": "7"}})},
        "actor[0].reference.identifier.system",
        "not_text",
    ),
    ({"data": ["x"]}, "data[0]", "not_an_object"),
    ({"data": [{"meaning": "instance"}]}, "data[0].reference", "missing"),
    ({"data": [{"reference": OBSERVATION}]}, "data[0].meaning", "missing"),
    ({"data": [data("about", "Observation/1")]}, "data[0].meaning", "unknown_word"),
    ({"data": [{"meaning": "instance", "reference": 1}]}, "data[0].reference", "not_an_object"),
    ({"data": [{**data("instance", "Observation/1"), "x": 1}]}, "data[0].x", "unknown_element"),
    ({"provision": {}}, "provision", "not_a_list"),
    ({"provision": ["deny"]}, "provision[0]", "not_an_object"),
    ({"provision": [permit(), {"purpose": purposes("TREAT")}]}, "provision[1].type", "missing"),
    ({"provision": [{"type": "allow"}]}, "provision[0].type", "unknown_word"),
]
IN_A_PERIOD: list[tuple[Any, str, str]] = [
    ("2026", "", "not_an_object"),
    ({}, "", "not_an_object"),
    ({"id": "p"}, "", "empty_period"),
    ({"start": "2027", "end": "2026"}, "", "empty_period"),
    ({"start": "soon"}, ".start", "unreadable_date"),
    ({"end": "later"}, ".end", "unreadable_date"),
    ({"start": "2025", "end": 1}, ".end", "not_text"),
    ({"until": "2026"}, ".until", "unknown_element"),
]


@pytest.mark.parametrize(("elements", "path", "reason"), IN_A_CONSENT)
def test_a_fault_of_a_consent_names_its_element(elements: JSON, path: str, reason: str) -> None:
    answer = ask([EVERYTHING, consent(permit(), **elements)])
    assert answer.outcome is Says.DENY
    assert (f"Consent.{path}", reason) in why(answer).items()
    assert answer.heard[1].path == f"Consent.{path}"


@pytest.mark.parametrize(("elements", "path", "reason"), IN_A_PROVISION)
def test_a_fault_of_a_provision_names_its_element(elements: JSON, path: str, reason: str) -> None:
    for place in ("", "provision[0].", "provision[0].provision[0]."):
        tree: JSON = {**permit(), **elements}
        for _ in range(place.count(".")):
            tree = permit(tree)
        answer = ask([EVERYTHING, consent(tree)])
        assert (answer.outcome, answer.heard[1].says) == (Says.DENY, Says.DENY)
        assert why(answer) == {f"Consent.provision.{place}{path}": reason}
        assert answer.heard[1].reason == Reason(reason)


@pytest.mark.parametrize(("period", "path", "reason"), IN_A_PERIOD)
@pytest.mark.parametrize("name", ["period", "dataPeriod"])
def test_a_fault_of_a_period_names_its_side(name: str, period: Any, path: str, reason: str) -> None:
    answer = ask([EVERYTHING, consent(permit(permit(**{name: period})))])
    assert (f"Consent.provision.provision[0].{name}{path}", reason) in why(answer).items()
    assert set(why(answer)) <= {f"Consent.provision.provision[0].{name}{one}" for one in (path, "")}


def test_the_first_element_that_is_too_deep_is_named() -> None:
    tree: JSON = permit()
    for _ in range(MAX_DEPTH):
        tree = permit(tree)
    path = "Consent.provision" + ".provision[0]" * MAX_DEPTH
    assert why(ask(consent(tree))) == {path: "too_deep"}


def test_all_faults_are_told_in_the_order_of_the_document() -> None:
    broken = consent(
        {"type": "permit", "purpose": [1], "provision": [{"type": "x"}, {"type": "y"}]},
        scope=None,
        category=None,
    )
    [heard] = ask(broken).heard
    assert heard.not_understood == (
        Note("Consent.scope", Reason.MISSING),
        Note("Consent.category", Reason.MISSING),
        Note("Consent.provision.purpose[0]", Reason.NOT_AN_OBJECT),
        Note("Consent.provision.provision[0].type", Reason.UNKNOWN_WORD),
        Note("Consent.provision.provision[1].type", Reason.UNKNOWN_WORD),
    )
    assert (heard.consent, heard.id, heard.path) == (0, "c1", "Consent.scope")


@pytest.mark.parametrize(
    ("elements", "path", "reason"),
    [
        ({"status": "inactive"}, "Consent.status", "not_active"),
        ({"patient": {"reference": "Patient/noor"}}, "Consent.patient", "other_patient"),
        ({"scope": concept(SCOPE, "adr")}, "Consent.scope", "other_scope"),
        (
            {"provision": permit(period={"end": "2025"})},
            "Consent.provision.period",
            "out_of_period",
        ),
    ],
)
def test_why_a_consent_does_not_count_is_told(elements: JSON, path: str, reason: str) -> None:
    [heard] = ask(consent(**{"root": permit(), **elements})).heard
    assert (heard.says, heard.id, heard.path) == (Says.ABSENT, "c1", path)
    assert heard.reason == Reason(reason)
    assert heard.not_understood == ()


def test_every_element_of_fhir_that_does_not_matter_here_is_let_be() -> None:
    whole = consent(
        permit(
            id="p",
            extension=[{"url": "https://example.org"}],
            actor=[{"id": "a", "extension": [{}], **recipient(DOCTOR)}],
            purpose=[
                {
                    **purposes("TREAT")[0],
                    "id": "c",
                    "extension": [{}],
                    "version": "1",
                    "display": "x",
                    "userSelected": True,
                }
            ],
            action=[{**actions("access")[0], "id": "c", "extension": [{}], "text": "read"}],
            period={"id": "t", "extension": [{}], "start": "2025"},
        ),
        meta={},
        implicitRules=None,
        language="nl",
        text={},
        contained=[],
        extension=[],
        identifier=[],
        performer=[],
        organization=[],
        sourceReference={},
        verification=[],
        patient={
            "id": "r",
            "extension": [{}],
            "type": "Patient",
            "display": "Mila",
            "reference": "Patient/mila",
        },
    )
    assert ask(whole).outcome is Says.PERMIT
    attached = {**whole, "sourceAttachment": {}}
    assert ask(attached).outcome is Says.PERMIT
    named = by(
        {
            "identifier": {
                "use": "official",
                "type": {},
                "period": {},
                "assigner": {},
                "id": "i",
                "extension": [],
                "system": "urn:x",
                "value": "7",
            }
        }
    )
    assert set(why(ask(consent(permit(actor=named)))).values()) == {"unresolved"}
    about = data("instance", "Observation/1") | {"id": "d", "extension": [{}]}
    assert set(why(ask(consent(permit(data=[about])), question())).values()) == {"unresolved"}
