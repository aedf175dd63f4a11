"""The shape in which a resource leaves the hub: own pseudonyms, and nothing that refers elsewhere.

References, contained resources, business identifiers, narrative and provenance could reveal what
was withheld (rules of sharing, section 6, strip_traces), so a resource leaves on its own. Nor does
it tell how much it referred to: a list of references of which nothing is left leaves nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from adapters.contract import Resource, load
from gateway.fhir.diagnosis_forms import LAYER

# Never leaves: links, narrative, business keys of the source, free notes.
DROPPED = frozenset({"text", "contained", "identifier", "note", "evidence", "extension", "meta"})
# A functional extract holds what a carer needs to act, no codes of origin and no author.
EXTRACT = frozenset(
    {"resourceType", "status", "intent", "category", "code", "valueString", "valueQuantity",
     "valueCodeableConcept", "valueInteger", "component", "effectiveDateTime", "period"}
)  # fmt: skip
_CORE: Final = frozenset({"resourceType", "status", "category", "code"})
ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    # Who a legal route is about: enough to recognise the child, no number and no address.
    "Patient": frozenset({"resourceType", "name", "gender", "birthDate"}),
    # What measured or showed it (result, media), the document itself (presentedForm) and a coded
    # diagnosis (conclusionCode) are decided about under labels of their own.
    "DiagnosticReport": _CORE
    | {"effectiveDateTime", "effectivePeriod", "issued", "performer", "conclusion"},
    # That there is such help; not why, at whose request, nor what it belongs to.
    "ServiceRequest": _CORE
    | {"intent", "priority", "doNotPerform", "quantityQuantity", "occurrenceDateTime",
       "occurrencePeriod", "authoredOn", "performer"},
    # That there is a document, and since when; not its text, nor what it replaces or belongs to.
    "DocumentReference": _CORE
    | {"docStatus", "type", "date", "author", "custodian", "content", "context"},
}  # fmt: skip
"""Of these types nothing else leaves; of the others everything that is not `DROPPED`."""
_INNER: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "DocumentReference": {
        "content": frozenset({"attachment"}),
        # No data, no address, and no hash or size by which a text can be recognised.
        "attachment": frozenset({"contentType", "language", "title", "creation"}),
        "context": frozenset({"period"}),
    }
}
"""Of these elements, at any depth, nothing else leaves."""
# What FHIR requires and the recipient does not get: masked for everybody alike, so that it tells
# nothing about this resource.
_MASKED: Final = {
    "extension": [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
            "valueCode": "masked",
        }
    ]
}
_REQUIRED: Final[Mapping[str, Resource]] = {
    "Coverage": {"payor": [_MASKED]},
    "DocumentReference": {"content": [{"attachment": _MASKED}]},
}


# A business key names what it belongs to as well as a reference does.
_REFERENCE: Final = frozenset({"reference", "identifier"})
_OF_REFERENCE: Final = _REFERENCE | {"id", "type", "display", "extension"}
_NAMING: Final = _REFERENCE | {"extension"}


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
    kind = str(stored["resourceType"])
    names, inner = _contained_names(stored), _INNER.get(kind, {})
    kept = {
        name: _without_links(_only(value, inner.get(name)), names, inner)
        for name, value in stored.items()
        if _may_leave(kind, name, extract=extract)
    }
    # An empty object is no valid FHIR, and a list of them tells how many there were.
    kept = {name: value for name, value in kept.items() if not _is_empty(value)}
    for name, masked in _REQUIRED.get(kind, {}).items():
        kept.setdefault(name, masked)
    # The other resources refer to the child by this id.
    own_id = patient_id if kind == "Patient" else resource_id
    kept |= {"id": own_id, "meta": _meta(stored, version, recorded_at)}
    for holder in ("subject", "patient", "beneficiary"):
        if holder in stored:
            kept[holder] = {"reference": f"Patient/{patient_id}"}
    return kept


def _may_leave(kind: str, name: str, *, extract: bool) -> bool:
    if name in DROPPED or (extract and name not in EXTRACT):
        return False
    return kind not in ALLOWED or name in ALLOWED[kind]


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


def _without_links(
    value: Any, names: Mapping[str, str], inner: Mapping[str, frozenset[str]]
) -> Any:
    """Drop references inside a value but keep their plain display, such as the author's team.

    What is left empty by it is dropped too.
    """
    if isinstance(value, list):
        parts = [_without_links(part, names, inner) for part in value]
        return [part for part in parts if not _is_empty(part)]
    if not isinstance(value, dict):
        return value
    if _REFERENCE & value.keys() and value.keys() <= _OF_REFERENCE:
        display = value.get("display") or names.get(str(value.get("reference")))
        return {"display": display} if display else {}
    kept = {
        name: _without_links(_only(part, inner.get(name)), names, inner)
        for name, part in value.items()
        if name not in _NAMING
    }
    return {name: part for name, part in kept.items() if not _is_empty(part)}


def _only(value: Any, allowed: frozenset[str] | None) -> Any:
    if allowed is None:
        return value
    if isinstance(value, list):
        return [_only(part, allowed) for part in value]
    return {name: part for name, part in value.items() if name in allowed}


def _is_empty(value: Any) -> bool:
    return value in ({}, [])
