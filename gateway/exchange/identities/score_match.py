"""How likely are two descriptions of a child about one child? Evidence for a person, no decision.

A score is symmetric and lies between 0 and 100. What agreed is named, the values never are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from gateway.exchange.identities.compare_names import (
    Agreement,
    compare_family,
    compare_given,
    family_words,
    is_damaged,
    is_initial,
    words_of,
)

FULL_DATE: Final = 10
YEAR: Final = 4
SHARED: Final = "shared"
LOWEST: Final = 45
"""From here on a pair is proposed to a person."""
_STRONG: Final = 85
_RIVAL: Final = 15
_ALMOST: Final = frozenset({Agreement.AGREES, Agreement.NEARLY})
_AKIN: Final = _ALMOST | {Agreement.DAMAGED}
_POINTS: Final[Mapping[str, Mapping[Agreement, int]]] = {
    "birth_date": {
        Agreement.AGREES: 35, Agreement.PARTIAL: 20, Agreement.NEARLY: 15, Agreement.DIFFERS: -30,
    },
    "family_name": {
        Agreement.AGREES: 25, Agreement.NEARLY: 15, Agreement.DAMAGED: 15, Agreement.ABBREVIATED: 8,
    },
    "given_name": {
        Agreement.AGREES: 25, Agreement.NEARLY: 14, Agreement.DAMAGED: 14, Agreement.ABBREVIATED: 8,
        Agreement.DIFFERS: -10,
    },
    "sex": {Agreement.AGREES: 5, Agreement.DIFFERS: -15},
    "parent": {Agreement.AGREES: 10},
}  # fmt: skip


class Strength(StrEnum):
    """How much a proposal says; no class is ever linked without a person."""

    STRONG = "strong"
    WEAK = "weak"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """One spelling that was heard; whole ones come before damaged and abbreviated ones."""

    damaged: bool
    abbreviated: bool
    family: str
    given: str

    @classmethod
    def heard(
        cls, family: str, given: str, *, damaged: bool = False, abbreviated: bool = False
    ) -> "Name":
        """Return a spelling; what is visibly damaged or abbreviated is so without being told."""
        lost = damaged or is_damaged(family) or is_damaged(given)
        short = abbreviated or is_initial(family) or is_initial(given)
        return cls(lost, short, family, given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What is known to recognise a child by; any of it may be empty.

    `born` holds ISO dates, also partial ones; `parents` the hub's ids of parents.
    """

    names: tuple[Name, ...] = ()
    born: frozenset[str] = frozenset()
    genders: frozenset[str] = frozenset()
    parents: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What agrees between two descriptions, feature by feature, and the score."""

    score: int
    features: Mapping[str, str]
    notes: tuple[str, ...] = ()
    strength: Strength = Strength.WEAK

    @property
    def proposed(self) -> bool:
        """Whether a person should be asked; a birth date alone says nothing, nor a name alone."""
        born, parent = self.features["birth_date"], self.features["parent"] == SHARED
        if born == Agreement.DIFFERS or (born == Agreement.MISSING and not parent):
            return False
        nothing = {Agreement.DIFFERS, Agreement.MISSING}
        named = any(self.features[one] not in nothing for one in ("family_name", "given_name"))
        return self.score >= LOWEST and (named or parent)

    def plain(self) -> dict[str, Any]:
        """Return it as JSON, without any value that was compared."""
        return {
            "score": self.score,
            "class": str(self.strength),
            "features": dict(self.features),
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True)
class _Compared:
    points: int
    found: Mapping[str, Agreement] = field(hash=False)


def score_match(one: Description, other: Description) -> Evidence:
    """Compare two descriptions; which of them is the new one does not matter."""
    named = max(
        (_compare_names(a, b) for a in one.names for b in other.names),
        key=lambda found: (found.points, sorted(found.found.items())),
        default=_Compared(0, {"family_name": Agreement.MISSING, "given_name": Agreement.MISSING}),
    )
    found = {
        **named.found,
        "birth_date": _compare_births(one.born, other.born),
        "sex": _compare_sets(one.genders, other.genders),
        "parent": _compare_parents(one.parents, other.parents),
    }
    score = max(0, min(100, _sum(found)))
    notes = _notes(found)
    features = {name: str(value) for name, value in found.items()}
    features["parent"] = SHARED if found["parent"] == Agreement.AGREES else str(Agreement.MISSING)
    return Evidence(
        score=score, features=features, notes=notes, strength=_strength(score, found, notes)
    )


def weigh_rivals(found: Mapping[UUID, Evidence]) -> dict[UUID, Evidence]:
    """Return the proposals, best first; what another comes close to is ambiguous."""
    proposed = {child: one for child, one in found.items() if one.proposed}
    ranked = sorted(proposed.items(), key=lambda item: (-item[1].score, item[0]))
    return {
        child: _beside(one, [rival for other, rival in ranked if other != child])
        for child, one in ranked
    }


def _beside(one: Evidence, rivals: Iterable[Evidence]) -> Evidence:
    others = list(rivals)
    twins = one.features["birth_date"] == Agreement.AGREES and any(
        rival.features["birth_date"] == Agreement.AGREES
        and rival.features["family_name"] in _AKIN
        and one.features["family_name"] in _AKIN
        for rival in others
    )
    close = any(abs(one.score - rival.score) <= _RIVAL for rival in others)
    notes = set(one.notes) | ({"twin-suspicion"} if twins else set())
    notes |= {"another-candidate-comes-close"} if close else set()
    ambiguous = twins or close or one.strength is Strength.AMBIGUOUS
    return Evidence(
        score=one.score,
        features=one.features,
        notes=tuple(sorted(notes)),
        strength=Strength.AMBIGUOUS if ambiguous else one.strength,
    )


def _compare_names(one: Name, other: Name) -> _Compared:
    """Compare both parts; words that a source put in the other part still agree."""
    if not (one.damaged or other.damaged or one.abbreviated or other.abbreviated):
        all_words = sorted(family_words(one.family) + words_of(one.given))
        if all_words and all_words == sorted(family_words(other.family) + words_of(other.given)):
            return _named(
                {"family_name": Agreement.AGREES, "given_name": Agreement.AGREES}
                if compare_given(one.given, other.given) != Agreement.MISSING
                else {
                    "family_name": Agreement.AGREES,
                    "given_name": Agreement.MISSING,
                }
            )
    family = compare_family(one.family, other.family)
    # A source may say that letters were lost without leaving a mark in their place.
    if (_unmarked(one) or _unmarked(other)) and family in _ALMOST:
        family = Agreement.DAMAGED
    return _named({"family_name": family, "given_name": compare_given(one.given, other.given)})


def _unmarked(name: Name) -> bool:
    return name.damaged and not is_damaged(name.family) and not is_damaged(name.given)


def _named(found: Mapping[str, Agreement]) -> _Compared:
    return _Compared(_sum(found), found)


def _compare_births(one: frozenset[str], other: frozenset[str]) -> Agreement:
    order = [Agreement.AGREES, Agreement.PARTIAL, Agreement.NEARLY, Agreement.DIFFERS]
    found = {_compare_dates(a, b) for a in one for b in other}
    return next((level for level in order if level in found), Agreement.MISSING)


def _compare_dates(one: str, other: str) -> Agreement:
    if one == other:
        return Agreement.AGREES if len(one) == FULL_DATE else Agreement.PARTIAL
    if one.startswith(other) or other.startswith(one):
        return Agreement.PARTIAL
    if len(one) != FULL_DATE or len(other) != FULL_DATE:
        return Agreement.DIFFERS
    swapped = one[:YEAR] == other[:YEAR] and one[5:7] == other[8:] and one[8:] == other[5:7]
    slips = sum(a != b for a, b in zip(one, other, strict=True))
    return Agreement.NEARLY if swapped or slips == 1 else Agreement.DIFFERS


def _compare_sets(one: frozenset[str], other: frozenset[str]) -> Agreement:
    if not one or not other:
        return Agreement.MISSING
    return Agreement.AGREES if one & other else Agreement.DIFFERS


def _compare_parents(one: frozenset[UUID], other: frozenset[UUID]) -> Agreement:
    # Other parents say nothing: a source rarely names both.
    return Agreement.AGREES if one & other else Agreement.MISSING


def _sum(found: Mapping[str, Agreement]) -> int:
    return sum(_POINTS[name].get(value, 0) for name, value in found.items())


def _notes(found: Mapping[str, Agreement]) -> tuple[str, ...]:
    values = {found["family_name"], found["given_name"]}
    notes = {
        "damaged-letters": Agreement.DAMAGED in values,
        "abbreviated-name": Agreement.ABBREVIATED in values,
        "twin-suspicion": _may_be_twins(found),
    }
    return tuple(sorted(name for name, holds in notes.items() if holds))


def _may_be_twins(found: Mapping[str, Agreement]) -> bool:
    """The same day, the same family and another given name, even by one letter: Lisa and Lise."""
    return (
        found["birth_date"] == Agreement.AGREES
        and (found["family_name"] in _AKIN or found["parent"] == Agreement.AGREES)
        and found["given_name"] in {Agreement.NEARLY, Agreement.DIFFERS}
    )


def _strength(score: int, found: Mapping[str, Agreement], notes: tuple[str, ...]) -> Strength:
    if "twin-suspicion" in notes or found["given_name"] == Agreement.ABBREVIATED:
        return Strength.AMBIGUOUS
    sure = (
        found["birth_date"] == Agreement.AGREES
        and found["given_name"] == Agreement.AGREES
        and found["family_name"] in _ALMOST
        and found["sex"] != Agreement.DIFFERS
    )
    return Strength.STRONG if sure and score >= _STRONG and not notes else Strength.WEAK
