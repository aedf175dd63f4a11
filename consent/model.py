"""The facts of one situation, the question asked about them, and the answer.

The shapes mirror the scenario format, so that a lawyer's file and the engine speak one language.
Words that come from outside stay plain text: an unknown word must be representable, and is denied.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, TypeAlias

Moment: TypeAlias = date | datetime
"""A date means that whole day in Europe/Brussels; a datetime means that instant."""

CHILD = "child"
"""The name under which the child itself decides, is spoken about and asks."""


@lru_cache(maxsize=4096)
def words(*names: str) -> frozenset[str]:
    """Give the one set of these words: most families use the same few sets, and each is held once.

    A set of its own is six times as large as the consent it belongs to, and slower to reach.
    """
    return frozenset(names)


class Effect(StrEnum):
    """What happens to one segment."""

    PERMIT = "permit"
    EXTRACT = "extract"
    WITHHOLD = "withhold"
    HOLD = "hold"


class Outcome(StrEnum):
    """What happens to the record as a whole."""

    PERMIT = "permit"
    REDACT = "redact"
    DENY = "deny"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """The child the record is about; an unknown birth date leaves capacity unknown."""

    born: date | None
    capacity: str = "presumed"
    capacity_motivated: bool = True
    capacity_contested: bool = False
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may hold a right in this file."""

    relation: str
    authority: str = "none"
    disagrees: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A unit of an organisation; its kind implies what is left None."""

    kind: str
    secrecy: str | None = None
    youth_help: bool | None = None
    status: str = "active"
    merged_into: str | None = None
    national_number: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A professional who acts for a service."""

    service: str
    role: str
    identity: str = "strong"


@dataclass(frozen=True, slots=True, kw_only=True)
class CareRelation:
    """A service's care for this child; without `actors`, its whole staff is on the care team."""

    service: str
    since: Moment | None = None
    until: Moment | None = None
    team: str | None = None
    actors: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """An agreement for systematic flows from one body to another."""

    from_service: str
    to_service: str
    until: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One decision by one person; None means any. `to_person` stands instead of `to`."""

    id: str
    by: str
    effect: str
    classes: frozenset[str] | None = None
    purpose: str | None = None
    from_services: frozenset[str] | None = None
    to: frozenset[str] | None = None
    to_person: str | None = None
    to_person_at: str | None = None
    since: Moment | None = None
    until: Moment | None = None
    withdrawn: datetime | None = None
    text_changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The smallest part of a record that is decided on its own."""

    id: str
    data_class: str
    about: frozenset[str] = frozenset({CHILD})
    given_by: str | None = None
    reporter: bool = False
    reveals_place: bool = False
    compulsory: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the source holds and would send."""

    source: str
    segments: tuple[Segment, ...]
    unsplittable: bool = False
    source_veto: bool = False


@dataclass(frozen=True, slots=True)
class ToService:
    """A delivery to a service; decided again when a person opens it."""

    service: str


@dataclass(frozen=True, slots=True)
class ToActor:
    """A professional who reads."""

    actor: str


@dataclass(frozen=True, slots=True)
class ToPerson:
    """A person of the family (or the child) who reads."""

    person: str


Recipient: TypeAlias = ToService | ToActor | ToPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A legal route invoked beside consent; which fields count depends on `kind`."""

    kind: str
    team: str | None = None
    validated: bool = False
    classes: frozenset[str] = frozenset()
    notified_on: Moment | None = None
    waived: bool = False
    due_from: Moment | None = None
    invoked_by: str | None = None
    record: str = "incomplete"
    valid: bool = False
    participants: frozenset[str] = frozenset()
    attempts: tuple[date, ...] = ()
    answer: str = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who asks what for; `classes` narrows a pull only."""

    to: Recipient
    purpose: str
    kind: str = "routed"
    classes: frozenset[str] | None = None
    ground: Ground | None = None


class _Noticed:
    """What facts notice about themselves while they are put together; no field, so never told."""

    __slots__ = ("_merged",)
    _merged: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(_Noticed):
    """Everything a decision may rest on; `protocols` None means every flow is covered."""

    child: Child
    people: Mapping[str, Person] = field(default_factory=dict[str, Person])
    services: Mapping[str, Service] = field(default_factory=dict[str, Service])
    actors: Mapping[str, Actor] = field(default_factory=dict[str, Actor])
    relations: tuple[CareRelation, ...] = ()
    consents: tuple[Consent, ...] = ()
    record: Record
    protocols: tuple[Protocol, ...] | None = None
    lapsed_bases: frozenset[str] = frozenset()
    """Keys of the register of legal bases on which nothing rests any more, or nothing yet."""

    def __post_init__(self) -> None:
        # Looked for here, so that no decision walks all services; what cannot be read waits for it.
        try:
            merged = self._found_merged()
        except Exception:  # noqa: BLE001 - to decide on these facts fails, and denies
            return
        object.__setattr__(self, "_merged", merged)

    @property
    def merged(self) -> Mapping[str, Sequence[str]]:
        """The services that merged into another, by what they merged into."""
        try:
            return self._merged
        except AttributeError:
            return self._found_merged()

    def _found_merged(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, service in self.services.items():
            if service.merged_into:
                found.setdefault(service.merged_into, []).append(name)
        return found


class SegmentDecision(NamedTuple):
    """The answer for one segment, the rule that gave it and the consents it rests on.

    A tuple, because one is made for every segment and a frozen dataclass costs twice the time.
    """

    effect: Effect
    rule: str
    obligations: frozenset[str] = frozenset()
    consents: tuple[str, ...] = ()
    basis: str = ""
    """A key of the register of legal bases."""
    waits_for: str = ""
    """The event after which a hold is decided again."""


class Decision(NamedTuple):
    """The answer for the record; silent must look like "nothing to share"."""

    outcome: Outcome
    segments: Mapping[str, SegmentDecision]
    obligations: frozenset[str] = frozenset()
    silent: bool = False
