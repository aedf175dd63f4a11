"""One diagnosis per disorder: pure derivation of the leading statement from source assertions.

Grouping, strength and supersession follow docs/architecture.md ("One diagnosis"): the ICD-10
three-character category is the anchor, a suspicion is no diagnosis, a later date wins between
equals, and nothing is merged silently.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from adapters.contract import Resource

ICD10 = "http://hl7.org/fhir/sid/icd-10"
LAYER = "https://deelregie.example/fhir/CodeSystem/layer"
CATEGORY_CHARACTERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """A Condition as one source stated it."""

    id: UUID
    partner: str
    content: Resource
    hypothesis: bool
    asserted_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leading:
    """The statement that stands for one group of assertions."""

    group: str
    of: Assertion
    content: Resource


def leading_diagnoses(assertions: Iterable[Assertion]) -> tuple[Leading, ...]:
    """Return one leading diagnosis per ICD-10 category that somebody confirmed."""
    groups: dict[str, list[Assertion]] = defaultdict(list)
    for assertion in assertions:
        group = group_of(assertion.content)
        if group is not None and _is_confirmed(assertion):
            groups[group].append(assertion)
    return tuple(_lead(group, groups[group]) for group in sorted(groups))


def group_of(condition: Resource) -> str | None:
    """Return the ICD-10 category of a Condition ("F84"), or None when it is not mapped."""
    code = icd10_of(condition)
    return code[:CATEGORY_CHARACTERS] if code else None


def icd10_of(condition: Resource) -> str | None:
    """Return the ICD-10 code of a Condition, or None."""
    codings = condition.get("code", {}).get("coding", [])
    return next((coding.get("code") for coding in codings if coding.get("system") == ICD10), None)


def inactivated(condition: Resource) -> Resource:
    """Return the Condition as no longer current; superseded is not an error."""
    inactive = {
        "coding": [
            {
                "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                "code": "inactive",
            }
        ]
    }
    return {**condition, "clinicalStatus": inactive}


def _is_confirmed(assertion: Assertion) -> bool:
    status = _code(assertion.content.get("verificationStatus"))
    clinical = _code(assertion.content.get("clinicalStatus"))
    return status == "confirmed" and clinical == "active" and not assertion.hypothesis


def _lead(group: str, candidates: list[Assertion]) -> Leading:
    strongest = max(candidates, key=_strength)
    content = {
        **strongest.content,
        "meta": {
            **strongest.content.get("meta", {}),
            "tag": [{"system": LAYER, "code": "leading"}],
        },
    }
    return Leading(group=group, of=strongest, content=content)


def _strength(assertion: Assertion) -> tuple[str, str, str]:
    # Between confirmed statements the later date wins; the code settles a tie the same way always.
    recorded = str(assertion.content.get("recordedDate", ""))
    return recorded, assertion.asserted_at, icd10_of(assertion.content) or ""


def _code(concept: Mapping[str, Any] | None) -> str | None:
    codings = (concept or {}).get("coding", [])
    return codings[0].get("code") if codings else None
