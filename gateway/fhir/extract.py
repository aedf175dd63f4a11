"""The shape in which a resource leaves the hub: own pseudonyms, and nothing that refers elsewhere.

References, contained resources, business identifiers, narrative and provenance could reveal what
was withheld (rules of sharing, section 6, strip_traces), so a resource leaves on its own.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.contract import Resource, load
from gateway.fhir.diagnosis_forms import LAYER

# Never leaves: links, narrative, business keys of the source, free notes.
DROPPED = frozenset({"text", "contained", "identifier", "note", "evidence", "extension", "meta"})
# A functional extract holds what a carer needs to act, no codes of origin and no author.
EXTRACT = frozenset(
    {"resourceType", "status", "category", "code", "valueString", "valueQuantity",
     "valueCodeableConcept", "valueInteger", "component", "effectiveDateTime", "period"}
)  # fmt: skip
# Who a legal route is about: enough to recognise the child, no number and no address.
PATIENT = frozenset({"resourceType", "name", "gender", "birthDate"})


def for_recipient(
    content: bytes,
    *,
    resource_id: str,
    patient_id: str,
    version: int,
    recorded_at: datetime,
    extract: bool,
) -> Resource:
    """Return the resource for one recipient; decimals keep the spelling of the source."""
    stored = load(content)
    names = _contained_names(stored)
    is_patient = stored["resourceType"] == "Patient"
    kept = {
        name: _without_links(value, names)
        for name, value in stored.items()
        if name not in DROPPED
        and (not extract or name in EXTRACT)
        and (not is_patient or name in PATIENT)
    }
    # The other resources refer to the child by this id.
    own_id = patient_id if is_patient else resource_id
    kept |= {"id": own_id, "meta": _meta(stored, version, recorded_at)}
    for holder in ("subject", "patient", "beneficiary"):
        if holder in stored:
            kept[holder] = {"reference": f"Patient/{patient_id}"}
    # An empty object is no valid FHIR: a link without a name leaves nothing.
    return {name: value for name, value in kept.items() if value not in ({}, [], [{}])}


def _meta(stored: Mapping[str, Any], version: int, recorded_at: datetime) -> Resource:
    meta: Resource = {
        "versionId": str(version),
        "lastUpdated": recorded_at.isoformat(timespec="milliseconds"),
    }
    kept = stored.get("meta", {})
    # Whether a person confirmed that a diagnosis leads; no other tag leaves.
    tags = [tag for tag in kept.get("tag", []) if tag.get("system") == LAYER]
    told = {"security": kept.get("security"), "tag": tags}
    return meta | {name: value for name, value in told.items() if value}


def _contained_names(stored: Resource) -> dict[str, str]:
    """Return what a contained author is called: who made a diagnosis belongs to its core."""
    names = {}
    for inner in stored.get("contained", []):
        organization = inner.get("organization", {})
        name = organization.get("display") or inner.get("name")
        if isinstance(name, str):
            names[f"#{inner.get('id')}"] = name
    return names


def _without_links(value: Any, names: Mapping[str, str]) -> Any:
    """Drop references inside a value but keep their plain display, such as the author's team."""
    if isinstance(value, list):
        return [_without_links(part, names) for part in value]
    if not isinstance(value, dict):
        return value
    kept = {
        name: _without_links(part, names)
        for name, part in value.items()
        if name not in {"extension", "reference"}
    }
    if "reference" in value:
        kept.pop("identifier", None)
        display = value.get("display") or names.get(value["reference"])
        return kept | {"display": display} if display else kept
    return kept
