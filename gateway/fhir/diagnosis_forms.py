"""The forms of a diagnosis in FHIR: leading, superseded, wrong, ruled out (section 5.1 rule 5)."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from adapters.contract import Resource
from gateway.fhir.diagnosis import Diagnosis
from gateway.fhir.statement import REPLACES, Assertion, Standing

LAYER: Final = "https://deelregie.example/fhir/CodeSystem/layer"
LEADING, PROPOSED, CONFIRMED, DISPUTING = "leading", "proposed", "confirmed", "disputing"
_CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFICATION: Final = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def leading(diagnosis: Diagnosis, *, confirmed: bool) -> Resource:
    """Return the leading Condition: its author's words, with what it rests on and replaces."""
    state = CONFIRMED if confirmed else PROPOSED
    content = _derived(diagnosis.leads, LEADING, state)
    replaced = [
        {"url": REPLACES, "valueReference": {"reference": f"Condition/{one.id}"}}
        for one in diagnosis.replaces
    ]
    extensions = [*content.get("extension", []), *replaced]
    return {**content, "extension": extensions} if extensions else content


def disputing(one: Assertion) -> Resource:
    """Return what another author says about the same disorder, beside the leading statement."""
    return _derived(one, DISPUTING)


def inactive(condition: Resource) -> Resource:
    """Return the Condition as superseded: no longer current, and no error."""
    return {**condition, "clinicalStatus": _concept(_CLINICAL, "inactive")}


def in_error(condition: Resource) -> Resource:
    """Return the Condition as wrong; it has no clinical status (FHIR invariant con-5)."""
    kept = {name: value for name, value in condition.items() if name != "clinicalStatus"}
    return {**kept, "verificationStatus": _concept(_VERIFICATION, "entered-in-error")}


def refuted(condition: Resource) -> Resource:
    """Return the Condition as ruled out."""
    return {**inactive(condition), "verificationStatus": _concept(_VERIFICATION, "refuted")}


def ended(condition: Resource, because: Standing) -> Resource:
    """Return what led until now in the form in which it ends; what was taken back is inactive."""
    if because is Standing.IN_ERROR:
        return in_error(condition)
    return refuted(condition) if because is Standing.REFUTED else inactive(condition)


def statement_behind(condition: Resource) -> UUID | None:
    """Return the source assertion whose words a derived Condition gives, or None."""
    for evidence in condition.get("evidence", []):
        for detail in evidence.get("detail", []):
            return UUID(str(detail["reference"]).removeprefix("Condition/"))
    return None


def _derived(one: Assertion, *tags: str) -> Resource:
    meta: Mapping[str, Any] = one.content.get("meta", {})
    return {
        **one.content,
        "meta": {**meta, "tag": [{"system": LAYER, "code": tag} for tag in tags]},
        # Only the statement itself: a new confirmation must not show as a new version.
        "evidence": [{"detail": [{"reference": f"Condition/{one.id}"}]}],
    }


def _concept(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}
