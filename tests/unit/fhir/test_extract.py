"""What leaves the hub carries no trace of what stays (rules of sharing, section 6, point 10)."""

from datetime import UTC, datetime
from typing import Any

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


def shaped(*, extract: bool) -> dict[str, Any]:
    raw = dump(STORED).replace(b'"value":0', b'"value":84.0')
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
