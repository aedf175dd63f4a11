"""A family's decision in the hub as a FHIR R4 Consent that says the same when it is evaluated.

The profile is schemas/fhir/StructureDefinition-deelregie-consent.json. An end by age is written as
the end of the period, so that a reader who knows no birth date is not misled.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from adapters.systems import BASE, DATA_CLASS
from consent.lifecycle import OBJECTION_TO_TRANSFER, SELF, State
from consent.provision_codes import OWN_PURPOSE, PARTICIPATION, SCOPE

PURPOSE: Final = OWN_PURPOSE
"""The purposes of the rules of sharing; they have no equal in v3-ActReason."""
PROFILE: Final = f"{BASE}/StructureDefinition/deelregie-consent"
GIVER: Final = f"{BASE}/StructureDefinition/giver"
EFFECT: Final = f"{BASE}/StructureDefinition/decision-effect"
STATE: Final = f"{BASE}/StructureDefinition/decision-state"
WORDING: Final = f"{BASE}/StructureDefinition/consent-wording"

ANNULLED: Final = "annulled"
"""A grant that was found never to have been validly given."""
GRANT: Final = "grant"
_STATUS: Final = MappingProxyType(
    {
        State.PROPOSED: "proposed",
        State.ACTIVE: "active",
        State.RECONFIRM_DUE: "active",
        State.NOT_YET: "active",
        State.WITHDRAWN: "inactive",
        State.EXPIRED: "inactive",
        State.SUPERSEDED: "inactive",
        State.CONTESTED: "inactive",
        ANNULLED: "entered-in-error",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The exact text that was shown; the hash is SHA-256 over its UTF-8 bytes."""

    id: str
    version: str
    language: str
    sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDecision:
    """What the hub keeps of a decision, as far as a Consent tells it; None means any.

    `id`, `child` and `person` are the names by which the reader knows them.
    """

    id: str
    child: str
    person: str
    effect: str
    classes: tuple[str, ...] | None
    purpose: str | None
    partner: str | None
    since: datetime
    until: date | None
    wording: str
    """The id and version of the text that was agreed to."""
    withdrawn: bool = False
    state: str = State.ACTIVE
    giver: str = "parent"
    sources: tuple[str, ...] | None = None
    text_changed: bool = False
    words: Words | None = None
    anonymous: bool = False
    """Left out for who need not know which member of the family decided."""

    @property
    def status(self) -> str:
        """Return the FHIR status: only `active` counts when a Consent is evaluated."""
        if self.text_changed and self.effect == GRANT and _STATUS[self.state] == "active":
            # Rule K7: until the family says yes to the new text, the old one carries nothing.
            return "inactive"
        return "inactive" if self.withdrawn and self.state == "active" else _STATUS[self.state]


def consent_resource(decision: StoredDecision) -> dict[str, Any]:
    """Render a decision; whatever is no grant is a refusal, and one withdrawn is not active."""
    who = {} if decision.anonymous else {"performer": [_performer(decision)]}
    return {
        "resourceType": "Consent",
        "id": decision.id,
        "meta": {"profile": [PROFILE]},
        "extension": list(_extensions(decision)),
        "status": decision.status,
        "scope": _concept(SCOPE, "patient-privacy"),
        "category": [_concept("http://loinc.org", "59284-0")],
        "patient": {"reference": f"Patient/{decision.child}"},
        "dateTime": decision.since.isoformat(),
        **who,
        "policy": [{"uri": f"{BASE}/wording/{decision.wording}"}],
        "verification": [_verification(decision)],
        "provision": _provision(decision),
    }


def _extensions(decision: StoredDecision) -> Iterator[dict[str, Any]]:
    yield {"url": EFFECT, "valueCode": decision.effect}
    yield {"url": STATE, "valueCode": str(decision.state)}
    if words := decision.words:
        # Attachment.hash of R4 is SHA-1, so the hash has an extension of its own.
        digest = base64.b64encode(words.sha256).decode()
        parts = {"id": words.id, "version": words.version, "language": words.language}
        yield {
            "url": WORDING,
            "extension": [
                *({"url": name, "valueString": text} for name, text in parts.items()),
                {"url": "sha256", "valueBase64Binary": digest},
            ],
        }


def _performer(decision: StoredDecision) -> dict[str, Any]:
    """Who decided: a name for this reader alone, and the relation to the child."""
    own = decision.giver == SELF or decision.person == decision.child
    name = f"Patient/{decision.child}" if own else f"RelatedPerson/{decision.person}"
    giver = SELF if own else decision.giver
    return {"extension": [{"url": GIVER, "valueCode": giver}], "reference": name}


def _verification(decision: StoredDecision) -> dict[str, Any]:
    """Whether a signed-in person confirmed the words; nobody did what is only proposed."""
    if decision.state == State.PROPOSED:
        return {"verified": False}
    doubted = decision.state in {State.CONTESTED, ANNULLED}
    return {"verified": not doubted, "verificationDate": decision.since.isoformat()}


def _provision(decision: StoredDecision) -> dict[str, Any]:
    """Only what was decided: a grant to one service says nothing about another."""
    elements = {
        "type": "permit" if decision.effect == GRANT else "deny",
        "period": _period(decision),
        "actor": _recipient(decision.partner),
        "purpose": [{"system": PURPOSE, "code": one} for one in _purposes(decision)],
        "class": [{"system": DATA_CLASS, "code": one} for one in decision.classes or ()],
        "data": [
            {"meaning": "authoredby", "reference": {"reference": f"Organization/{one}"}}
            for one in decision.sources or ()
        ],
    }
    # An element that is not there limits nothing: any.
    return {name: value for name, value in elements.items() if value}


def _period(decision: StoredDecision) -> dict[str, str]:
    end = {"end": decision.until.isoformat()} if decision.until else {}
    return {"start": decision.since.isoformat(), **end}


def _purposes(decision: StoredDecision) -> tuple[str, ...]:
    # An objection to a transfer is about transfers, whatever else was written down.
    if decision.effect == OBJECTION_TO_TRANSFER:
        return ("transfer",)
    return (decision.purpose,) if decision.purpose else ()


def _recipient(partner: str | None) -> list[dict[str, Any]]:
    if partner is None:
        return []
    role = _concept(PARTICIPATION, "IRCP")
    return [{"role": role, "reference": {"reference": f"Organization/{partner}"}}]


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}
