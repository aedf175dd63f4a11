"""A family's decision in the hub as a FHIR R4 Consent that says the same when it is evaluated."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from adapters.systems import BASE, DATA_CLASS
from consent.provision_codes import PARTICIPATION, SCOPE

PURPOSE: Final = f"{BASE}/CodeSystem/purpose"
"""The purposes of the rules of sharing; they have no equal in v3-ActReason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDecision:
    """What the hub keeps of a decision, as far as a Consent tells it; ids are those of the hub."""

    id: str
    child: str
    person: str
    effect: str
    classes: tuple[str, ...]
    purpose: str
    partner: str
    since: datetime
    until: date
    wording: str
    """The id and version of the text that was agreed to."""
    withdrawn: bool = False


def consent_resource(decision: StoredDecision) -> dict[str, Any]:
    """Render a decision; whatever is no grant is a refusal, and one withdrawn is not active."""
    whose = "Patient" if decision.person == decision.child else "RelatedPerson"
    return {
        "resourceType": "Consent",
        "id": decision.id,
        "status": "inactive" if decision.withdrawn else "active",
        "scope": _concept(SCOPE, "patient-privacy"),
        "category": [_concept("http://loinc.org", "59284-0")],
        "patient": {"reference": f"Patient/{decision.child}"},
        "dateTime": decision.since.isoformat(),
        "performer": [{"reference": f"{whose}/{decision.person}"}],
        "policy": [{"uri": f"{BASE}/wording/{decision.wording}"}],
        "provision": _provision(decision),
    }


def _provision(decision: StoredDecision) -> dict[str, Any]:
    """Only what was decided: a grant to one service says nothing about another."""
    return {
        "type": "permit" if decision.effect == "grant" else "deny",
        "period": {"start": decision.since.isoformat(), "end": decision.until.isoformat()},
        "actor": [
            {
                "role": _concept(PARTICIPATION, "IRCP"),
                "reference": {"reference": f"Organization/{decision.partner}"},
            }
        ],
        "purpose": [{"system": PURPOSE, "code": decision.purpose}],
        "class": [{"system": DATA_CLASS, "code": one} for one in decision.classes],
    }


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}
