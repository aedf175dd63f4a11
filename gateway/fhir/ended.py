"""What a resource looks like when its source takes it back; R4 has another form for each type."""

from datetime import datetime
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from adapters.contract import Resource

ENDING: Final = "https://deelregie.example/fhir/CodeSystem/ending"
SUPERSEDED, DELETED, WITHDRAWN, ERROR = "superseded", "deleted", "withdrawn", "entered-in-error"
RANKS: Final = (SUPERSEDED, DELETED, WITHDRAWN, ERROR)
"""Why a statement no longer stands, the gravest last: an error outdoes what is merely over."""

_TERMINOLOGY: Final = "http://terminology.hl7.org/CodeSystem"
_VERIFICATION: Final = {
    "Condition": f"{_TERMINOLOGY}/condition-ver-status",
    "AllergyIntolerance": f"{_TERMINOLOGY}/allergyintolerance-verification",
}
_CLINICAL: Final = {
    "Condition": f"{_TERMINOLOGY}/condition-clinical",
    "AllergyIntolerance": f"{_TERMINOLOGY}/allergyintolerance-clinical",
}
# R4: these say it with `status`; those that are about somebody or something say `active`.
_BY_STATUS: Final = frozenset(
    {"CarePlan", "ClinicalImpression", "Composition", "Consent", "Coverage", "DiagnosticReport",
     "DocumentReference", "Encounter", "EpisodeOfCare", "Flag", "Immunization",
     "MedicationStatement", "Observation", "Procedure", "QuestionnaireResponse",
     "ServiceRequest", "Task"}
)  # fmt: skip
_BY_ACTIVE: Final = frozenset({"Organization", "Patient", "Practitioner", "RelatedPerson"})
_ACTIVITY: Final = {
    SUPERSEDED: "UPDATE",
    DELETED: "DELETE",
    WITHDRAWN: "DELETE",
    ERROR: "NULLIFY",
}


def ended_form(content: Resource, ending: str) -> Resource:
    """Return a resource as ended, with the reason as a tag.

    Only an error says that it never was true; what is superseded, withdrawn or deleted merely no
    longer counts. Of a profile nothing is claimed any more: none knows ended statements.
    """
    kind = content["resourceType"]
    meta = {name: value for name, value in content.get("meta", {}).items() if name != "profile"}
    ended = {**content, "meta": {**meta, "tag": [*meta.get("tag", []), _coding(ENDING, ending)]}}
    if kind in _BY_ACTIVE:
        return {**ended, "active": False}
    return _wrong(kind, ended) if ending == ERROR else _left(kind, ended)


def _wrong(kind: str, content: Resource) -> Resource:
    if kind in _VERIFICATION:
        # R4, con-5 and ait-2: what was entered in error has no clinical status.
        kept = {name: value for name, value in content.items() if name != "clinicalStatus"}
        error = [_coding(_VERIFICATION[kind], "entered-in-error")]
        return {**kept, "verificationStatus": {"coding": error}}
    return {**content, "status": "entered-in-error"} if kind in _BY_STATUS else content


def _left(kind: str, content: Resource) -> Resource:
    if kind in _CLINICAL and "clinicalStatus" in content:
        return {**content, "clinicalStatus": {"coding": [_coding(_CLINICAL[kind], "inactive")]}}
    return content


def ending_provenance(
    resource: Resource, version: int, ending: str | None, *, author: str, recorded: datetime
) -> Resource:
    """Return who ended (or, without an ending, corrected) a resource, and when the hub heard.

    `version` is the one that the act made; the earlier one is the revised entity.
    """
    target = f"{resource['resourceType']}/{resource['id']}"
    made = uuid5(NAMESPACE_URL, f"{ENDING}|{target}|{version}")
    activity = _ACTIVITY[ending] if ending else "UPDATE"
    revised = {"role": "revision", "what": {"reference": f"{target}/_history/{version - 1}"}}
    return {
        "resourceType": "Provenance",
        "id": str(made),
        "target": [{"reference": f"{target}/_history/{version}"}],
        "recorded": recorded.isoformat(timespec="seconds"),
        "activity": {"coding": [_coding(f"{_TERMINOLOGY}/v3-DataOperation", activity)]},
        **({"reason": [{"coding": [_coding(ENDING, ending)]}]} if ending else {}),
        "agent": [
            {
                "type": {
                    "coding": [_coding(f"{_TERMINOLOGY}/provenance-participant-type", "author")]
                },
                "who": {"display": author},
            }
        ],
        "entity": [revised],
    }


def _coding(system: str, code: str) -> Resource:
    return {"system": system, "code": code}
