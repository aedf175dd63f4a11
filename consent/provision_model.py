"""A FHIR Consent in the engine's own form, the question put to it, and the answer.

Words from outside stay plain text: an unknown word must be representable, and is denied.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from consent.provision_times import Interval

_NOBODY: frozenset[str] = frozenset()


class Coding(NamedTuple):
    """One code of one code system."""

    system: str
    code: str


class Identifier(NamedTuple):
    """A business identifier; a value says nothing without its system."""

    system: str
    value: str


class Says(StrEnum):
    """What one consent, or all of them together, says about the data asked for."""

    PERMIT = "permit"
    DENY = "deny"
    NOTHING = "nothing"
    """No provision of the consent reaches this question."""
    ABSENT = "absent"
    """Not active, out of its period, about somebody or something else."""


class Reason(StrEnum):
    """Why something could not be understood, or why a consent does not count."""

    NOT_A_CONSENT = "not_a_consent"
    NOT_AN_OBJECT = "not_an_object"
    NOT_A_LIST = "not_a_list"
    NOT_TEXT = "not_text"
    MISSING = "missing"
    UNKNOWN_ELEMENT = "unknown_element"
    MODIFIER = "modifier"
    UNKNOWN_WORD = "unknown_word"
    UNREADABLE_DATE = "unreadable_date"
    EMPTY_PERIOD = "empty_period"
    TOO_DEEP = "too_deep"
    CONTRADICTION = "contradiction"
    NO_BASE = "no_base"
    NO_CODE = "no_code"
    NOT_COMPARABLE = "not_comparable"
    UNRESOLVED = "unresolved"
    UNLABELLED = "unlabelled"
    UNDATED = "undated"
    NO_ZONE = "no_zone"
    NO_PURPOSE = "no_purpose"
    BROKEN = "broken"
    NOT_ACTIVE = "not_active"
    OUT_OF_PERIOD = "out_of_period"
    OTHER_PATIENT = "other_patient"
    OTHER_SCOPE = "other_scope"


class Note(NamedTuple):
    """A place, as a FHIRPath in the resource (or `request.…`), and what is the matter there."""

    path: str
    reason: Reason


class Reference(NamedTuple):
    """Where a reference points, by address or by identifier; `text` None means neither."""

    path: str
    text: str | None
    identifier: Identifier | None


class Concept(NamedTuple):
    """One value of a selector: the codings that mean the same; empty means not comparable."""

    path: str
    codings: tuple[Coding, ...]


class ActorRule(NamedTuple):
    """Who a provision is about; role and reference are AND-ed."""

    role: Concept
    reference: Reference | None


class DataRule(NamedTuple):
    """Which data a provision is about: `meaning` is a code of consent-data-meaning."""

    meaning: str
    reference: Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """One node of the tree; an empty selector limits nothing."""

    path: str
    permits: bool
    parent: int | None = None
    period: Interval | None = None
    actors: tuple[ActorRule, ...] = ()
    actions: tuple[Concept, ...] = ()
    labels: tuple[Concept, ...] = ()
    purposes: tuple[Concept, ...] = ()
    classes: tuple[Concept, ...] = ()
    codes: tuple[Concept, ...] = ()
    data_period: Interval | None = None
    data_period_path: str = ""
    data: tuple[DataRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """A consent read whole: its provisions in document order, or why it does not count."""

    provisions: tuple[Provision, ...] = ()
    absent: Note | None = None
    faults: tuple[Note, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, expanded by the caller for the instant of access.

    `organisations` with those above them; `groups` (Group, CareTeam) the asker is in. `complete`
    says that nothing is left out: a reference that is not here is then somebody else.
    """

    references: frozenset[str] = _NOBODY
    organisations: frozenset[str] = _NOBODY
    groups: frozenset[str] = _NOBODY
    identifiers: frozenset[Identifier] = frozenset()
    roles: frozenset[Coding] = frozenset()
    complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """The data asked for, from the index; None means not known, and counts against sharing."""

    reference: str | None = None
    classes: frozenset[Coding] = frozenset()
    codes: frozenset[Coding] = frozenset()
    labels: frozenset[Coding] = frozenset()
    period: Interval | None = None
    """When the data was made or valid; an open side is EARLIEST or LATEST."""
    refers_to: frozenset[str] | None = None
    referred_to_by: frozenset[str] | None = None
    authors: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whether this asker may do this with these data of this patient, for all these purposes."""

    patient: str
    asker: Asker
    purposes: frozenset[Coding]
    action: str
    at: datetime
    data: Data


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one consent said: the provision that decided and what was not understood."""

    consent: int
    """Its place in the list of consents asked, from 0."""
    id: str | None
    says: Says
    path: str | None = None
    reason: Reason | None = None
    not_understood: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Permit or deny, what every consent said, and what was wrong with the question itself."""

    outcome: Says
    heard: tuple[Heard, ...] = ()
    not_understood: tuple[Note, ...] = ()

    @property
    def decided_by(self) -> tuple[Heard, ...]:
        """The consents that decided; none when nothing matched."""
        return tuple(one for one in self.heard if one.says is self.outcome)
