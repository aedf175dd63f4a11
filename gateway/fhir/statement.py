"""What one source stated about one disorder: how it stands, how strongly, by whom and when.

The elements that are read here are the contract with the adapters (docs/one-diagnosis.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from adapters.contract import Resource, dump
from gateway.fhir.diagnosis_groups import icd10_of

BASE: Final = "https://deelregie.example/fhir/StructureDefinition"
BASIS, COPIED_FROM, REPLACES = f"{BASE}/diagnosis-basis", f"{BASE}/copied-from", f"{BASE}/replaces"
DATE_CHARACTERS: Final = len("2024-04-22")

# Rule 3 of section 5.1; what does not say on what it rests is one professional's word.
_RANKS: Final[Mapping[str, int]] = {"team": 3, "professional": 2, "quoted": 1}
_WITHOUT_BASIS: Final = "professional"


class Standing(StrEnum):
    """Whether a statement speaks, and if not, why."""

    CONFIRMED = "confirmed"
    SUSPECTED = "suspected"
    ENDED = "ended"
    REFUTED = "refuted"
    IN_ERROR = "entered-in-error"
    WITHDRAWN = "withdrawn"


TAKEN_BACK: Final = frozenset({Standing.IN_ERROR, Standing.WITHDRAWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """A Condition as one source stated it; nothing that the hub derives changes it."""

    id: UUID
    partner: str
    content: Resource
    hypothesis: bool
    asserted_at: str
    source: str = ""
    withdrawn: bool = False
    """Whether the source took it back without calling it wrong."""

    @property
    def standing(self) -> Standing:
        """Return how it stands; what is not clearly confirmed and active is a suspicion."""
        verification = _code(self.content.get("verificationStatus"))
        clinical = _code(self.content.get("clinicalStatus"))
        if verification == "entered-in-error":
            return Standing.IN_ERROR
        if self.withdrawn:
            return Standing.WITHDRAWN
        if verification == "refuted":
            return Standing.REFUTED
        if verification != "confirmed" or self.hypothesis or not clinical:
            return Standing.SUSPECTED
        return Standing.CONFIRMED if clinical == "active" else Standing.ENDED

    @property
    def code(self) -> str:
        """Return its ICD-10 code, or nothing."""
        return icd10_of(self.content) or ""

    @property
    def date(self) -> str:
        """Return the day, month or year of the diagnosis as its author gave it, never padded."""
        return str(self.content.get("recordedDate", ""))[:DATE_CHARACTERS]

    @property
    def copied_from(self) -> str | None:
        """Return the source system whose statement this copies, "unknown", or None."""
        return self._extension(COPIED_FROM)

    @property
    def author(self) -> str | None:
        """Return who made the diagnosis; a copy that names nobody has no author of its own."""
        if "asserter" in self.content:
            return _name_behind(self.content, "asserter")
        return None if self.copied_from else _name_behind(self.content, "recorder")

    @property
    def chain(self) -> frozenset[str]:
        """Return everything this statement came through: its author, its source and its origin."""
        through = {f"source:{self.source or self.partner}"}
        if self.copied_from:
            through.add(f"source:{self.copied_from}")
        if self.author:
            through.add(f"author:{_same_spelling(self.author)}")
        return frozenset(through)

    @property
    def strength(self) -> tuple[int, str, str, str, bytes]:
        """Return the order of 5.1 rule 3; then the later date, then what settles it always."""
        rank = _RANKS.get(self._extension(BASIS) or _WITHOUT_BASIS, 0)
        # A copy is never stronger than a quotation, whatever it says of itself.
        rank = min(rank, _RANKS["quoted"]) if self.copied_from else rank
        return rank, self.date, self.asserted_at, self.code, dump(self.content)

    def same_author(self, other: "Assertion") -> bool:
        """Whether both are surely one author's; two unknown authors of one source are taken so."""
        if self.author and other.author:
            return _same_spelling(self.author) == _same_spelling(other.author)
        return self.author == other.author and self.source == other.source

    def surely_before(self, other: "Assertion") -> bool:
        """Whether its date is earlier; a year and a day within it have no order."""
        known = min(len(self.date), len(other.date))
        return self.date[:known] < other.date[:known]

    def _extension(self, url: str) -> str | None:
        for one in self.content.get("extension", []):
            if one.get("url") == url:
                return str(one.get("valueCode", "")) or None
        return None


def name_of_author(one: Assertion) -> str | None:
    """Return who is to be named beside a statement: its author, or else who wrote it down."""
    return one.author or _name_behind(one.content, "recorder")


def _name_behind(content: Resource, element: str) -> str | None:
    reference: Mapping[str, Any] = content.get(element, {})
    target = str(reference.get("reference", ""))
    for inner in content.get("contained", []):
        if target == f"#{inner.get('id')}":
            organization = inner.get("organization", {})
            name = organization.get("display") or inner.get("name") or reference.get("display")
            return str(name) if name else None
    shown = reference.get("display")
    return str(shown) if shown else None


def _same_spelling(name: str) -> str:
    return " ".join(name.casefold().split())


def _code(concept: Mapping[str, Any] | None) -> str | None:
    codings = (concept or {}).get("coding", [])
    return codings[0].get("code") if codings else None
