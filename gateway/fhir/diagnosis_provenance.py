"""Who said a diagnosis and when, and what was done to it, as FHIR Provenance.

One for each independent author, apart from the Condition, so that each is decided about by the
labels of its own statement and none betrays a source that a reader may not see.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from adapters.contract import Resource, load
from gateway.fhir.diagnosis import Diagnosis
from gateway.fhir.diagnosis_groups import map_version
from gateway.fhir.statement import Assertion, Standing, name_of_author

_AGENT: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_OPERATION: Final = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
_MAP: Final = "https://deelregie.example/fhir/ConceptMap/diagnosis-groups"
_UNKNOWN: Final = "author not named by the source"
# v3-DataOperation: UPDATE is shown as "revise".
STATE, REVISE, NULLIFY, TAKE_BACK = "CREATE", "UPDATE", "NULLIFY", "DELETE"
_SHOWN: Final[Mapping[str, str]] = {
    STATE: "create",
    REVISE: "revise",
    NULLIFY: "nullify",
    TAKE_BACK: "delete",
}
_ENDINGS: Final[Mapping[Standing, str]] = {
    Standing.IN_ERROR: NULLIFY,
    Standing.WITHDRAWN: TAKE_BACK,
}
# What a reader gets: nothing that leads to another resource than the Condition it may read.
_LEAVES: Final[tuple[str, ...]] = ("resourceType", "occurredDateTime", "recorded", "activity")


def provenance(
    diagnosis: Diagnosis, voice: Assertion, target: UUID, *, recorded: datetime
) -> Resource:
    """Return the Provenance of one author's statement about the Condition `target`."""
    leads = voice is diagnosis.leads
    activity = REVISE if leads and diagnosis.replaces else STATE
    replaced = diagnosis.replaces if leads else ()
    return _provenance(voice, target, activity, replaced, recorded=recorded)


def simple(voice: Assertion, target: UUID, *, recorded: datetime) -> Resource:
    """Return the Provenance of a statement that stands by itself."""
    return _provenance(voice, target, STATE, (), recorded=recorded)


def ending(voice: Assertion, target: UUID, because: Standing, *, recorded: datetime) -> Resource:
    """Return the Provenance of the end of a statement: revised, nullified or taken back."""
    return _provenance(voice, target, _ENDINGS.get(because, REVISE), (voice,), recorded=recorded)


def for_reader(content: bytes, *, own_id: str, condition_id: str, version: int) -> Resource:
    """Return a Provenance as it leaves: author, dates and activity, about the Condition given."""
    stored = load(content)
    kept: Resource = {name: stored[name] for name in _LEAVES if name in stored}
    agents = [_without_reference(one) for one in stored["agent"]]
    meta = {"versionId": str(version), "security": stored["meta"]["security"]}
    return {
        **kept,
        "id": own_id,
        "meta": meta,
        "target": [{"reference": f"Condition/{condition_id}"}],
        "agent": agents,
    }


def target_of(stored: Resource) -> UUID:
    """Return the derived Condition that a stored Provenance is about."""
    return UUID(str(stored["target"][0]["reference"]).removeprefix("Condition/"))


def source_of(stored: Resource) -> UUID:
    """Return the statement whose author a stored Provenance names."""
    return UUID(str(stored["entity"][0]["what"]["reference"]).removeprefix("Condition/"))


def _provenance(
    voice: Assertion,
    target: UUID,
    activity: str,
    replaced: tuple[Assertion, ...],
    *,
    recorded: datetime,
) -> Resource:
    made = {
        "resourceType": "Provenance",
        "meta": {"security": voice.content.get("meta", {}).get("security", [])},
        "target": [{"reference": f"Condition/{target}"}],
        "policy": [f"{_MAP}|{map_version()}"],
        "activity": _concept(_OPERATION, activity, _SHOWN[activity]),
        "recorded": recorded.isoformat(timespec="milliseconds"),
        "agent": [_author(voice)],
        "entity": [_entity("source", voice), *(_entity("revision", one) for one in replaced)],
    }
    date = voice.content.get("recordedDate")
    return {**made, "occurredDateTime": date} if date else made


def _author(voice: Assertion) -> Resource:
    who = {"display": name_of_author(voice) or _UNKNOWN}
    return {"type": _concept(_AGENT, "author", "Author"), "who": who}


def _entity(role: str, one: Assertion) -> Resource:
    return {"role": role, "what": {"reference": f"Condition/{one.id}"}}


def _without_reference(agent: Mapping[str, Any]) -> Resource:
    return {"type": agent["type"], "who": {"display": agent["who"]["display"]}}


def _concept(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}]}
