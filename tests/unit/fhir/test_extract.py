"""What leaves the hub carries no trace of what stays (rules of sharing, section 6, point 10)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.contract import dump, load
from gateway.fhir.extract import for_recipient

STORED: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "inner-id",
    "meta": {"security": [{"code": "functional"}], "source": "urn:secret"},
    "identifier": [{"value": "9900123"}],
    "contained": [{"id": "r", "organization": {"display": "MDT De Wilgenkatjes"}}],
    "status": "final",
    "code": {"text": "need"},
    "subject": {"reference": "Patient/inner"},
    "performer": [{"reference": "#r"}],
    "derivedFrom": [{"reference": "Condition/hidden"}],
    "note": [{"text": "mama zegt"}],
    "valueQuantity": {"value": 0},
}


REPORT: dict[str, Any] = {
    "resourceType": "DiagnosticReport",
    "status": "final",
    "code": {"text": "report"},
    "subject": {"reference": "Patient/inner"},
    "performer": [{"reference": "Organization/inner", "display": "MDT De Wilgenkatjes"}],
    "basedOn": [{"reference": "ServiceRequest/hidden"}],
    "result": [{"reference": "Observation/hidden", "display": "IQ 84"}],
    "media": [{"link": {"reference": "Media/hidden"}}],
    "imagingStudy": [{"reference": "ImagingStudy/hidden"}],
    "conclusion": "a test must be done again",
    "conclusionCode": [{"text": "F84.0"}],
    "presentedForm": [{"contentType": "application/pdf", "data": "aGlkZGVu"}],
}
REQUEST: dict[str, Any] = {
    "resourceType": "ServiceRequest",
    "status": "active",
    "intent": "order",
    "code": {"text": "module"},
    "subject": {"type": "Patient", "identifier": {"value": "204417"}},
    "requisition": {"value": "R-1"},
    "basedOn": [{"reference": "ServiceRequest/hidden"}],
    "requester": {"reference": "RelatedPerson/hidden", "display": "moeder"},
    "reasonCode": [{"text": "F84.0"}],
    "reasonReference": [{"reference": "Condition/hidden"}],
    "supportingInfo": [{"reference": "Observation/hidden"}],
    "patientInstruction": "bel mama",
    "occurrencePeriod": {"start": "2024-09-16"},
}
DOCUMENT: dict[str, Any] = {
    "resourceType": "DocumentReference",
    "status": "current",
    "masterIdentifier": {"value": "V-2024-2991"},
    "type": {"text": "GC-verslag"},
    "subject": {"reference": "Patient/inner"},
    "author": [{"reference": "Organization/inner", "display": "Vrij CLB"}],
    "authenticator": {"display": "dr. Hidden"},
    "relatesTo": [{"code": "replaces", "target": {"identifier": {"value": "LARS-1"}}}],
    "description": "verslag met F84.0",
    "content": [
        {
            "attachment": {
                "contentType": "application/pdf",
                "data": "aGlkZGVu",
                "url": "https://clb.example/hidden",
                "hash": "aGFzaA==",
                "size": 6,
                "title": "CLB report",
                "creation": "2024-05-07",
            },
            "format": {"code": "hidden"},
        }
    ],
    "context": {
        "encounter": [{"reference": "Encounter/hidden"}],
        "period": {"start": "2024-05-13"},
        "sourcePatientInfo": {"reference": "Patient/inner"},
        "related": [{"reference": "Condition/hidden"}, {"identifier": {"value": "LARS-1"}}],
    },
}

RECIPIENTS: dict[str, Any] = {
    "subject": {"reference": "Patient/child-pseudonym"},
    "id": "pseudonym",
    "meta": {"versionId": "3", "lastUpdated": "2026-03-02T00:00:00.000+00:00"},
}


def shaped(stored: dict[str, Any] = STORED, *, extract: bool) -> dict[str, Any]:
    raw = dump(stored).replace(b'"value":0', b'"value":84.0')
    return for_recipient(
        raw,
        resource_id="pseudonym",
        patient_id="child-pseudonym",
        version=3,
        recorded_at=datetime(2026, 3, 2, tzinfo=UTC),
        extract=extract,
    )


def test_ids_are_the_recipients_own_and_links_lead_nowhere() -> None:
    found = shaped(extract=False)
    text = dump(found).decode()
    assert found["id"] == "pseudonym"
    assert found["subject"] == {"reference": "Patient/child-pseudonym"}
    for trace in ("inner", "9900123", "Condition/hidden", "mama zegt", "urn:secret"):
        assert trace not in text


def test_the_author_stays_by_name_because_it_belongs_to_the_core() -> None:
    assert shaped(extract=False)["performer"] == [{"display": "MDT De Wilgenkatjes"}]


def test_an_extract_holds_what_a_carer_needs_and_no_author() -> None:
    found = shaped(extract=True)
    assert "performer" not in found
    assert found["valueQuantity"]["value"] == load(b"84.0")


def test_decimals_keep_the_spelling_of_the_source() -> None:
    assert b"84.0" in dump(shaped(extract=False))


@pytest.mark.parametrize(
    "links",
    [
        {"derivedFrom": [{"reference": "Condition/one"}, {"reference": "Condition/other"}]},
        {"finding": [{"itemReference": {"reference": "Condition/one"}}, {"itemReference": {}}]},
        {"related": [{"identifier": {"value": "1"}, "type": "Observation"}]},
    ],
    ids=["a list", "in elements", "by a number"],
)
def test_nobody_can_count_what_a_resource_refers_to(links: dict[str, Any]) -> None:
    name = next(iter(links))
    assert name not in shaped(STORED | links, extract=False)


@pytest.mark.parametrize("stored", [REPORT, REQUEST, DOCUMENT], ids=lambda one: one["resourceType"])
@pytest.mark.parametrize("extract", [False, True], ids=["whole", "extract"])
def test_a_report_request_or_document_carries_nothing_that_was_not_decided(
    stored: dict[str, Any], *, extract: bool
) -> None:
    text = dump(shaped(stored, extract=extract)).decode()
    for trace in ("inner", "hidden", "aGlkZGVu", "aGFzaA", "F84.0", "IQ", "204417", "R-1", "LARS",
                  "V-2024", "moeder", "mama", "Hidden"):  # fmt: skip
        assert trace not in text


def test_a_report_keeps_who_made_it_and_what_it_concludes() -> None:
    assert shaped(REPORT, extract=False) == {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "code": {"text": "report"},
        "performer": [{"display": "MDT De Wilgenkatjes"}],
        "conclusion": "a test must be done again",
        **RECIPIENTS,
    }
    assert "conclusion" not in shaped(REPORT, extract=True)


def test_a_request_for_help_says_which_help_and_when() -> None:
    assert shaped(REQUEST, extract=False) == {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "code": {"text": "module"},
        "occurrencePeriod": {"start": "2024-09-16"},
        **RECIPIENTS,
    }


def test_a_document_says_what_it_is_without_its_text() -> None:
    assert shaped(DOCUMENT, extract=False) == {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"text": "GC-verslag"},
        "author": [{"display": "Vrij CLB"}],
        "content": [
            {
                "attachment": {
                    "contentType": "application/pdf",
                    "title": "CLB report",
                    "creation": "2024-05-07",
                }
            }
        ],
        "context": {"period": {"start": "2024-05-13"}},
        **RECIPIENTS,
    }


def test_what_fhir_requires_and_the_recipient_does_not_get_is_masked_for_everybody() -> None:
    only_text = {"content": [{"attachment": {"data": "aGlkZGVu"}}]}
    whole, extract = shaped(DOCUMENT | only_text, extract=False), shaped(DOCUMENT, extract=True)
    (reason,) = whole["content"][0]["attachment"]["extension"]
    assert reason["valueCode"] == "masked"
    assert whole["content"] == extract["content"]
