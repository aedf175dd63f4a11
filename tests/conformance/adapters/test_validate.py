"""The check of a resource finds what structure alone lets through, and names places only."""

from typing import Any

import pytest

from gateway.fhir.validate import validate

SUBJECT = {"reference": "Patient/1"}
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def test_a_sound_resource_has_no_problem() -> None:
    condition = {
        "resourceType": "Condition",
        "subject": SUBJECT,
        "clinicalStatus": concept(CLINICAL, "active"),
        "recordedDate": "2018",
    }
    assert validate(condition) == ()


def test_a_code_beyond_the_short_list_of_the_library_is_checked_too() -> None:
    task = {"resourceType": "Task", "intent": "plan", "for": SUBJECT}
    assert validate({**task, "status": "completed"}) == ()
    assert [one.where for one in validate({**task, "status": "done"})] == ["Task.status"]


@pytest.mark.parametrize(
    ("resource", "where"),
    [
        ({}, "resourceType"),
        ({"resourceType": "Dossier"}, "resourceType"),
        ({"resourceType": "Patient", "surname": "Peeters"}, "Patient.surname"),
        ({"resourceType": "Patient", "gender": "vrouw"}, "Patient.gender"),
        ({"resourceType": "Patient", "contact": [{"gender": "v"}]}, "Patient.contact.gender"),
        (
            {"resourceType": "Condition", "subject": {"reference": "Observation/1"}},
            "Condition.subject",
        ),
        (
            {
                "resourceType": "Condition",
                "subject": SUBJECT,
                "clinicalStatus": concept(CLINICAL, "actief"),
            },
            "Condition.clinicalStatus",
        ),
        (
            {
                "resourceType": "Condition",
                "subject": SUBJECT,
                "clinicalStatus": concept(CLINICAL, "active"),
                "verificationStatus": concept(VERIFICATION, "entered-in-error"),
            },
            "Condition.clinicalStatus",
        ),
        (
            {
                "resourceType": "Condition",
                "subject": SUBJECT,
                "contained": [{"resourceType": "Organization", "id": "o", "name": "x"}],
            },
            "Condition.contained",
        ),
        (
            {"resourceType": "Condition", "subject": SUBJECT, "recorder": {"reference": "#gone"}},
            "Condition",
        ),
        (
            {
                "resourceType": "EpisodeOfCare",
                "status": "active",
                "patient": SUBJECT,
                "period": {"start": "2024-05-01", "end": "2024-04"},
            },
            "EpisodeOfCare",
        ),
        (
            {
                "resourceType": "Bundle",
                "type": "collection",
                "entry": [{"resource": {"resourceType": "Patient", "gender": "vrouw"}}],
            },
            "Patient.gender",
        ),
    ],
)
def test_a_wrong_place_is_named_without_its_value(resource: dict[str, Any], where: str) -> None:
    problems = validate(resource)
    assert [problem.where for problem in problems] == [where]
    assert not any("Peeters" in problem.message for problem in problems)
