"""What a FHIR Consent says and nobody understands never permits, always denies, and is reported."""

from typing import Any

import pytest

from consent.provision_codes import ACT_REASON, CONFIDENTIALITY, PARTICIPATION
from consent.provision_model import Says
from tests.support.fhir_consents import (
    AT,
    DOCTOR,
    EVERYTHING,
    JSON,
    ROLES,
    SNOMED,
    UNKNOWN_CODE,
    ask,
    classes,
    coding,
    concept,
    consent,
    data,
    permit,
    permitted,
    question,
    recipient,
    refused_within,
    why,
)

NOT_KNOWN: dict[str, dict[str, Any]] = {
    "purpose": {"purpose": [UNKNOWN_CODE]},
    "purpose outside the hierarchy": {"purpose": [coding(ACT_REASON, "TREATS")]},
    "purpose without system": {"purpose": [{"code": "TREAT"}]},
    "action": {"action": [concept("https://example.org/words", "peek")]},
    "action in text only": {"action": [{"text": "read"}]},
    "label": {"securityLabel": [UNKNOWN_CODE]},
    "confidentiality": {"securityLabel": [coding(CONFIDENTIALITY, "X")]},
    "class": {"class_": [UNKNOWN_CODE]},
    "class misspelt": {"class_": classes("Observaton")},
    "code in text only": {"code": [{"text": "alcohol"}]},
    "code of an unseen system": {"code": [concept(SNOMED, "74732009")]},
    "dataPeriod of undated data": {"dataPeriod": {"start": "2020"}},
    "group": {"actor": [recipient("Group/who-knows")]},
    "care team": {"actor": [recipient("CareTeam/who-knows")]},
    "organisation": {"actor": [recipient("Organization/who-knows")]},
    "practitioner role": {"actor": [recipient("PractitionerRole/who-knows")]},
    "another server": {"actor": [recipient("https://elsewhere.example/fhir/Practitioner/ann")]},
    "contained actor": {"actor": [recipient("#ann")]},
    "not an address": {"actor": [recipient("Practitioner/")]},
    "actor by identifier": {
        "actor": [
            {
                "role": concept(PARTICIPATION, "IRCP"),
                "reference": {"identifier": {"system": "urn:oid:1.2", "value": "7"}},
            }
        ]
    },
    "role": {"actor": [{"role": concept(ROLES, "nurse"), "reference": {"reference": DOCTOR}}]},
    "recipient nobody names": {"actor": [{"role": concept(PARTICIPATION, "IRCP")}]},
    "authors of unseen data": {"data": [data("authoredby", DOCTOR)]},
    "relations of unseen data": {"data": [data("related", "Encounter/1")]},
    "instance of nameless data": {"data": [data("instance", "Observation/1")]},
}


@pytest.mark.parametrize("selectors", NOT_KNOWN.values(), ids=NOT_KNOWN)
def test_what_is_not_known_does_not_permit_but_denies_and_is_reported(selectors: Any) -> None:
    for tree in (consent(permit(**selectors)), refused_within(**selectors)):
        answer = ask(tree)
        assert answer.outcome is Says.DENY
        assert why(answer)


BROKEN: dict[str, dict[str, Any]] = {
    "no type": {"type": None},
    "type nobody knows": {"type": "allow"},
    "no list": {"purpose": coding(ACT_REASON, "TREAT")},
    "empty list": {"purpose": []},
    "null in a list": {"purpose": [None]},
    "empty object": {"purpose": [{}]},
    "number for a code": {"purpose": [{"system": ACT_REASON, "code": 1}]},
    "element of a later FHIR": {"documentType": classes("Observation")},
    "modifier extension": {"modifierExtension": [{"url": "https://example.org/not"}]},
    "actor without role": {"actor": [{"reference": {"reference": DOCTOR}}]},
    "data without meaning": {"data": [{"reference": {"reference": "Observation/1"}}]},
    "data without reference": {"data": [{"meaning": "instance"}]},
    "meaning nobody knows": {"data": [data("about", "Observation/1")]},
    "provisions in an object": {"provision": {"type": "permit"}},
    "provision in a text": {"provision": ["deny"]},
}


@pytest.mark.parametrize("elements", BROKEN.values(), ids=BROKEN)
def test_a_provision_that_is_not_fhir_makes_its_whole_consent_deny(elements: Any) -> None:
    nested = {name: value for name, value in {**permit(), **elements}.items() if value is not None}
    answer = ask([EVERYTHING, consent(permit(nested))])
    assert answer.outcome is Says.DENY
    assert all(path.startswith("Consent.provision.provision[0]") for path in why(answer))


@pytest.mark.parametrize("resource", [None, [], "Consent", 1, {}, {"resourceType": "Patient"}])
def test_what_is_no_consent_denies(resource: object) -> None:
    assert why(ask([EVERYTHING, resource])) == {"Consent": "not_a_consent"}
    assert not permitted([EVERYTHING, resource])


@pytest.mark.parametrize("name", ["implicitRules", "modifierExtension", "decision"])
def test_an_element_that_could_change_the_meaning_denies(name: str) -> None:
    answer = ask(consent(permit(), **{name: "https://example.org/rules"}))
    assert answer.outcome is Says.DENY
    assert f"Consent.{name}" in why(answer)


def test_a_question_that_cannot_be_understood_denies() -> None:
    assert why(ask(EVERYTHING, question(at=AT.replace(tzinfo=None)))) == {"request.at": "no_zone"}
    assert why(ask(EVERYTHING, question(action="peek"))) == {"request.action": "unknown_word"}
    assert why(ask(EVERYTHING, question(patient=""))) == {"request.patient": "missing"}


@pytest.mark.parametrize(
    "broken",
    [
        {**EVERYTHING, "_implicitRules": {"extension": [{"url": "https://example.org/x"}]}},
        consent(permit(period={"start": "2020", "_end": {"extension": []}})),
        consent({**permit(), "_provision": [{"type": "deny"}]}),
        consent({**permit(), "_actor": []}),
    ],
)
def test_what_extends_an_element_may_mean_another_thing_and_denies(broken: JSON) -> None:
    answer = ask(broken)
    assert answer.outcome is Says.DENY
    assert any("_" in place for place in why(answer))
