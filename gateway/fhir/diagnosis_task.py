"""A question about a diagnosis as a FHIR Task for the service whose statement it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.contract import Resource

SYSTEM: Final = "https://deelregie.example/fhir/CodeSystem/diagnosis-task"
CODES: Final = {"confirm": "confirm-leading", "inactivate": "inactivate"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A task in the reader's own ids; `own` is the reader's own statement, when it is that."""

    id: str
    kind: str
    status: str
    focus: str
    version: int
    patient: str
    owner: str
    reasons: tuple[str, ...]
    raised_at: datetime
    changed_at: datetime
    own: Resource | None


def task_resource(asked: Asked) -> Resource:
    """Return the Task; it repeats no word of a statement that is not the reader's own."""
    return {
        "resourceType": "Task",
        "id": asked.id,
        "status": asked.status,
        "intent": "proposal",
        "code": {"coding": [{"system": SYSTEM, "code": CODES[asked.kind]}]},
        "focus": {"reference": f"Condition/{asked.focus}"},
        "for": {"reference": f"Patient/{asked.patient}"},
        "authoredOn": _instant(asked.raised_at),
        "lastModified": _instant(asked.changed_at),
        "owner": {"display": asked.owner},
        "input": [
            *({"type": {"text": "why"}, "valueCoding": _coding(one)} for one in asked.reasons),
            {"type": {"text": "version"}, "valuePositiveInt": asked.version},
            *_own(asked.own or {}),
        ],
    }


def _own(statement: Resource) -> list[Resource]:
    said = []
    if code := statement.get("code"):
        said.append({"type": {"text": "diagnosis"}, "valueCodeableConcept": code})
    if date := statement.get("recordedDate"):
        said.append({"type": {"text": "date"}, "valueDateTime": date})
    return said


def _coding(code: str) -> Resource:
    return {"system": SYSTEM, "code": code}


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
