"""Who looks at the pages of a family, and which parts of the file this person may know of.

The engine answers both: whoever may read the own file, or a child's in its place (rule L8), may
know what there is and who can see it. Everybody else may know of the own decisions only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from consent.authority import authority_over, capacity_of
from consent.model import CHILD, Record, Request, Segment, ToPerson
from gateway.clock import brussels_date
from gateway.exchange.disclose import GOES, decide_only, shareable
from gateway.exchange.facts import SELF, facts_for
from gateway.exchange.families.family import own_children
from gateway.exchange.families.weigh import weigh
from gateway.exchange.hub import Hub
from gateway.fhir.capability import READ_TYPES
from gateway.identity.callers import PersonCaller
from gateway.store import access_log, children, facts
from gateway.store.engine import Transaction
from gateway.store.facts import StoredFacts
from gateway.store.resources import StoredResource

NOBODY: Final = ""
"""A recipient that no service can be: only the facts about the child and the sources count."""
# The most ordinary part of a file; written by a service that is active and stands for every source.
_ORDINARY: Final = Segment(id="ordinary", data_class="functional")
_ANY_SOURCE: Final = [NOBODY, "clb", None, None, "active", None]


class Standing(StrEnum):
    """What a person of the family is to the file now."""

    DECIDES = "decides"
    DECIDES_ONLY = "decides_only"
    """A foster parent to whom decisions were delegated: rule L8 opens no file to a carer."""
    CHILD_DECIDES = "child_decides"
    UNSETTLED = "unsettled"
    NO_AUTHORITY = "no_authority"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """A person of the family before one child's file."""

    child: UUID
    person: UUID
    relation: str
    standing: Standing

    @property
    def name(self) -> str:
        """The name by which the engine knows this person."""
        return CHILD if self.is_child else str(self.person)

    @property
    def is_child(self) -> bool:
        """Whether this is the child itself."""
        return self.relation == SELF

    @property
    def sees_file(self) -> bool:
        """Whether this person may know what is in the file and who can see it."""
        return self.standing is Standing.DECIDES

    @property
    def decides(self) -> bool:
        """Whether this person decides about the child now."""
        return self.standing in {Standing.DECIDES, Standing.DECIDES_ONLY}

    @property
    def role(self) -> str:
        """The role under which the log keeps what this person does."""
        return "child" if self.is_child else "parent"


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A child's file as one person of the family may know it, and the facts towards services."""

    viewer: Viewer
    parts: tuple[StoredResource, ...]
    towards: Mapping[str, StoredFacts]

    def parts_of_others(self, service: str) -> tuple[StoredResource, ...]:
        """Return what others wrote; who may see its own words is no question."""
        return tuple(part for part in self.parts if part.partner != service)


def viewed(act: str, person: PersonCaller, viewer: Viewer, *, at: datetime) -> access_log.Entry:
    """Return the line of a person of the family who looks at what the hub tells of a file."""
    return access_log.Entry(
        at=at,
        act=act,
        actor=f"person/{person.person}",
        role=viewer.role,
        child=viewer.child,
        outcome="done",
        correlation=person.correlation,
    )


def own_child(tx: Transaction, hub: Hub, person: UUID, child: str, *, at: datetime) -> UUID | None:
    """Return the child with this id if it is this person's own, or the person itself."""
    return next((one for one in own_children(tx, hub, person, at=at) if str(one) == child), None)


def viewer_of(hub: Hub, stored: StoredFacts, person: UUID, *, at: datetime) -> Viewer | None:
    """Return what this person is to the file; None for who is no family, or of a grown-up."""
    relation = next((row[1] for row in stored.ties if str(row[0]) == str(person)), None)
    if relation is None or (relation != SELF and _grown_up(hub, stored, at=at)):
        return None
    name = CHILD if relation == SELF else str(person)
    standing = _standing(hub, stored, name, at=at)
    return Viewer(child=stored.child, person=person, relation=relation, standing=standing)


def look_into(
    tx: Transaction,
    hub: Hub,
    child: UUID,
    person: UUID,
    services: Iterable[str],
    *,
    at: datetime,
) -> File | None:
    """Return what this person may know of the file; None for no family or no such child."""
    towards = [NOBODY, *services]
    held = facts.load_locked(tx, [(child, one) for one in towards], READ_TYPES, wait=True)
    own = held.facts.get((child, NOBODY))
    viewer = viewer_of(hub, own, person, at=at) if own else None
    if own is None or viewer is None:
        return None
    parts = [one for one in held.parts.get(child, ()) if shareable(one)]
    return File(
        viewer=viewer,
        parts=_known_to(hub, viewer, own, parts, at=at) if viewer.sees_file else (),
        towards={one: held.facts[child, one] for one in towards},
    )


def standing_of(
    tx: Transaction, hub: Hub, child: UUID, person: UUID, *, at: datetime
) -> Viewer | None:
    """Return what this person is to the child's file now."""
    children.lock_shared(tx, child)
    stored = facts.load(tx, child, NOBODY)
    return viewer_of(hub, stored, person, at=at) if stored else None


def _grown_up(hub: Hub, stored: StoredFacts, *, at: datetime) -> bool:
    _, known = facts_for(stored, hub.vault, stored.child, NOBODY, (), at=at)
    return capacity_of(known.child, brussels_date(at)).adult


def _standing(hub: Hub, stored: StoredFacts, name: str, *, at: datetime) -> Standing:
    effect, rule = _may_read(hub, stored, name, at=at)
    if effect in GOES:
        return Standing.DECIDES
    if name != CHILD and _may_read(hub, stored, CHILD, at=at)[0] in GOES:
        return Standing.CHILD_DECIDES
    if _was_delegated(hub, stored, name, at=at):
        return Standing.DECIDES_ONLY
    return Standing.UNSETTLED if rule == "R8" else Standing.NO_AUTHORITY


def _was_delegated(hub: Hub, stored: StoredFacts, name: str, *, at: datetime) -> bool:
    _, known = facts_for(stored, hub.vault, stored.child, NOBODY, (), at=at)
    capacity = capacity_of(known.child, brussels_date(at))
    return capacity.capable is False and name in authority_over(known.people).delegated


def _may_read(hub: Hub, stored: StoredFacts, name: str, *, at: datetime) -> tuple[str, str]:
    any_source = replace(stored, services=[*stored.services, _ANY_SOURCE])
    _, known = facts_for(any_source, hub.vault, stored.child, NOBODY, (), at=at)
    known = replace(known, record=Record(source=NOBODY, segments=(_ORDINARY,)))
    answer = decide_only(_own_file(name), known, at=at).segments[_ORDINARY.id]
    return answer.effect, answer.rule


def _known_to(
    hub: Hub,
    viewer: Viewer,
    stored: StoredFacts,
    parts: Iterable[StoredResource],
    *,
    at: datetime,
) -> tuple[StoredResource, ...]:
    return tuple(
        part
        for weighed in weigh(hub, stored, _own_file(viewer.name), parts, at=at)
        for part in weighed.parts
        if weighed.decision.segments[str(part.id)].effect in GOES
    )


def _own_file(name: str) -> Request:
    return Request(to=ToPerson(name), purpose="subject_access", kind="pull")
