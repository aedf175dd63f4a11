"""What leaves of every sample is valid FHIR R4 for two validators, and names nothing else."""

import re
from datetime import UTC, datetime
from typing import Any

import fhirkit
import pytest

from adapters.contract import Resource, Segment, Translation, dump
from adapters.registry import ADAPTERS
from adapters.translate import translate
from gateway.fhir.capability import READ_TYPES, SEARCHED_TYPES, capability_statement
from gateway.fhir.extract import for_recipient
from gateway.fhir.validate import validate
from gateway.kit.samples import ALLOWED, samples_of

PATIENT = "Patient/pseudonym-of-the-child"
# Elements by which something else, or the text of a document, could be recognised.
NAMING = {
    "reference", "identifier", "result", "basedOn", "relatesTo", "replaces", "encounter", "media",
    "presentedForm", "data", "url", "hash", "size", "contained", "note", "requester",
    "masterIdentifier", "requisition", "groupIdentifier", "related", "conclusionCode", "source",
}  # fmt: skip


def every_segment() -> list[Segment]:
    found = [
        translate(source, one.raw, ALLOWED)
        for source in sorted(ADAPTERS)
        for one in samples_of(source)
    ]
    return [
        segment
        for one in found
        if isinstance(one, Translation)
        for part in one.parts
        for segment in part.segments
        if segment.resource["resourceType"] in READ_TYPES
    ]


SEGMENTS = every_segment()


def shaped(resource: Resource, *, extract: bool) -> Resource:
    return for_recipient(
        dump(resource),
        resource_id="pseudonym-of-the-resource",
        patient_id="pseudonym-of-the-child",
        version=2,
        recorded_at=datetime(2026, 3, 2, tzinfo=UTC),
        extract=extract,
    )


def places(value: Any, path: str) -> list[tuple[str, str]]:
    """Name and path of every element."""
    if isinstance(value, list):
        return [found for one in value for found in places(one, path)]
    if not isinstance(value, dict):
        return []
    return [
        found
        for name, inner in value.items()
        for found in [(name, f"{path}.{name}"), *places(inner, f"{path}.{name}")]
    ]


def test_every_type_that_can_be_read_stands_in_a_sample() -> None:
    assert {one.resource["resourceType"] for one in SEGMENTS} == READ_TYPES


@pytest.mark.parametrize("extract", [False, True], ids=["whole", "extract"])
def test_what_leaves_is_valid_for_both_validators(*, extract: bool) -> None:
    for segment in SEGMENTS:
        found = shaped(segment.resource, extract=extract)
        assert validate(found) == ()
        assert fhirkit.validate(dump(found)) == []


@pytest.mark.parametrize("extract", [False, True], ids=["whole", "extract"])
def test_what_leaves_names_the_child_by_its_pseudonym_and_nothing_else(*, extract: bool) -> None:
    for segment in SEGMENTS:
        found = shaped(segment.resource, extract=extract)
        kind = found["resourceType"]
        holder = next(name for name in ("subject", "patient", "beneficiary") if name in found)
        assert found.pop(holder) == {"reference": PATIENT}
        told = [path for name, path in places(found, kind) if name in NAMING]
        # What is masked names the extension that says so.
        assert [path for path in told if not path.endswith(".extension.url")] == []
        assert "text" not in found


def test_no_number_or_id_of_a_source_leaves() -> None:
    for segment in SEGMENTS:
        inner = dump(segment.resource).decode()
        numbers = set(re.findall(r'"identifier":\[?\{[^}]*"value":"([^"]+)"', inner))
        ids = set(re.findall(r'"(?:id|reference)":"#?(?:[A-Z]\w+/)?([0-9a-f-]{36})"', inner))
        left = dump(shaped(segment.resource, extract=False)).decode()
        assert [one for one in numbers | ids if one in left] == []


def test_the_capability_statement_names_every_type_and_how_it_is_asked_for() -> None:
    statement = capability_statement("https://hub.example")
    assert validate(statement) == ()
    assert fhirkit.validate(dump(statement)) == []
    told = {
        one["type"]: {act["code"] for act in one["interaction"]}
        for one in statement["rest"][0]["resource"]
    }
    assert {name for name, acts in told.items() if "read" in acts} == READ_TYPES | {
        "AuditEvent",
        "Consent",
    }
    searched = {name for name, acts in told.items() if "search-type" in acts}
    assert searched == SEARCHED_TYPES | {"AuditEvent", "Consent", "Provenance"}
