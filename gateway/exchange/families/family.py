"""Who somebody is to a child, and whether that person decides about it now.

Capacity and authority are read as the engine reads them, on the same facts, so that the hub never
offers an act that would not count.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from consent.authority import Capacity, authority_over, capacity_of
from consent.lifecycle import SELF
from consent.model import Child, Facts
from consent.moments import PRESUMED_CAPABLE_FROM, age_on
from gateway.clock import brussels_date
from gateway.exchange.facts import facts_for
from gateway.exchange.hub import Hub
from gateway.exchange.refusal import Refusal
from gateway.identity.callers import PersonCaller
from gateway.store import children, facts
from gateway.store.engine import Transaction

UNKNOWN_CHILD: Final = Refusal("unknown_child", "choose one of your own children")
UNSETTLED: Final = Refusal(
    "capacity_unsettled",
    "whether the child decides is contested, or has no reasons yet; wait for another assessment",
)
CHILD_DECIDES: Final = "child_decides"
_WHY_NOT: Final[Mapping[str, Refusal]] = MappingProxyType(
    {
        one.code: one
        for one in (
            Refusal(CHILD_DECIDES, "from 12 the child decides; ask your child to sign in"),
            Refusal("grown_up", "from 18 only this person decides; what you decided has ended"),
            Refusal(
                "no_authority",
                "a service says that you do not decide for this child; if that is wrong, ask that "
                "service to correct it",
            ),
            Refusal(
                "assessed_incapable",
                "a service found that you cannot decide this yet; you can contest what it found",
            ),
            Refusal(
                "age_unknown",
                "the birth date is not known; ask a service that helps the child to complete it",
            ),
        )
    }
)
# The recipient of a question that is about nobody: only the family's own facts are loaded.
_NOBODY: Final = ""
_GIVERS: Final = frozenset({"parent", "guardian"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody of the family; `why_not` is None for who decides about the child now."""

    child: UUID
    person: UUID
    giver: str
    """self | parent | guardian | foster_parent: in which capacity this person decides."""
    holder: bool
    """Exercises authority, or had decisions delegated, whatever the age of the child."""
    why_not: Refusal | None
    facts: Facts
    capacity: Capacity

    @property
    def decides(self) -> bool:
        """Whether a decision of this person about the child counts now."""
        return self.why_not is None

    @property
    def may_know(self) -> bool:
        """Whether this person may know what others decided, asked and found about the child.

        Not while it is unsettled who decides: a parent could bring that about by contesting.
        """
        return self.giver == SELF or (self.decides and not self.capacity.unsettled)

    @property
    def why_no_yes(self) -> Refusal | None:
        """Why this person cannot say yes now; who decides can always say no."""
        return self.why_not or (UNSETTLED if self.capacity.unsettled else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Family:
    facts: Facts
    capacity: Capacity
    own: frozenset[str]
    """The youngster's own person; at most one in practice."""

    @property
    def holders(self) -> frozenset[str]:
        return authority_over(self.facts.people).everyone

    @property
    def deciders(self) -> frozenset[str]:
        if self.capacity.capable is None:
            return frozenset()
        return self.own if self.capacity.capable else self.holders


def own_children(tx: Transaction, hub: Hub, person: UUID, *, at: datetime) -> tuple[UUID, ...]:
    """Return whom this person may see here: minor children, and itself from 12 on or if capable."""
    ties = children.ties_of_person(tx, person)
    return tuple(child for child in ties if member_of(tx, hub, child, person, at=at) is not None)


def member_of(
    tx: Transaction, hub: Hub, child: UUID, person: UUID, *, at: datetime, grown_up: bool = False
) -> Member | None:
    """Return who this person is to the child; None for who has no say and may see nothing.

    With `grown_up` also a parent of somebody of 18, who may do nothing but stop an own decision.
    """
    family = _family(tx, hub, child, at=at)
    giver = _giver(family, str(person)) if family else None
    if family is None or giver is None:
        return None
    capacity = family.capacity
    if giver != SELF and capacity.adult and not grown_up:
        return None
    if giver == SELF and not may_sign_in(family.facts.child, at=at):
        return None
    return Member(
        child=child,
        person=person,
        giver=giver,
        holder=str(person) in family.holders,
        why_not=_why_not(family, giver, str(person)),
        facts=family.facts,
        capacity=capacity,
    )


def decider(
    tx: Transaction, hub: Hub, child: str, person: PersonCaller, *, at: datetime
) -> Member | Refusal:
    """Take the child's lock alone and return who decides; else why this person does not."""
    found = locked_member(tx, hub, child, person, at=at)
    if found is None:
        return UNKNOWN_CHILD
    return found.why_not or found


def locked_member(
    tx: Transaction, hub: Hub, child: str, person: PersonCaller, *, at: datetime
) -> Member | None:
    """Take the child's lock alone and return who this is to it; None for nobody."""
    wanted, who = uuid_of(child), UUID(person.person)
    if wanted is None or wanted not in children.ties_of_person(tx, who):
        return None
    children.lock(tx, wanted)
    return member_of(tx, hub, wanted, who, at=at, grown_up=True)


def deciders_of(tx: Transaction, hub: Hub, child: UUID, *, at: datetime) -> tuple[UUID, ...]:
    """Return the persons who decide about the child now; of a capable one only the child itself."""
    family = _family(tx, hub, child, at=at)
    return tuple(sorted(map(UUID, family.deciders))) if family else ()


def holders_of(tx: Transaction, hub: Hub, child: UUID, *, at: datetime) -> tuple[UUID, ...]:
    """Return who holds authority, or had decisions delegated; nobody from 18 on."""
    family = _family(tx, hub, child, at=at)
    adult = family is None or family.capacity.adult
    return () if adult or family is None else tuple(sorted(map(UUID, family.holders)))


def itself(tx: Transaction, hub: Hub, child: UUID, *, at: datetime) -> tuple[UUID, ...]:
    """Return the youngster's own person, if it signed in once."""
    family = _family(tx, hub, child, at=at)
    return tuple(sorted(map(UUID, family.own))) if family else ()


def may_sign_in(child: Child, *, at: datetime) -> bool:
    """Whether a youngster may see its own file: from the 12th birthday, or assessed capable.

    From 12 also when assessed incapable, to be able to contest that.
    """
    today = brussels_date(at)
    return _is_twelve(child.born, today) or capacity_of(child, today).capable is True


def itself_may_sign_in(tx: Transaction, hub: Hub, child: UUID, *, at: datetime) -> bool:
    """Whether this child is known, and may see its own file."""
    family = _family(tx, hub, child, at=at)
    return family is not None and may_sign_in(family.facts.child, at=at)


def uuid_of(text: str) -> UUID | None:
    """Return an id of this hub, or None for what cannot be one."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _family(tx: Transaction, hub: Hub, child: UUID, *, at: datetime) -> _Family | None:
    stored = facts.load(tx, child, _NOBODY)
    if stored is None:
        return None
    _, known = facts_for(stored, hub.vault, child, _NOBODY, (), at=at)
    return _Family(
        facts=known,
        capacity=capacity_of(known.child, brussels_date(at)),
        own=frozenset(str(row[0]) for row in stored.ties if row[1] == children.SELF),
    )


def _giver(family: _Family, person: str) -> str | None:
    if person in family.own:
        return SELF
    known = family.facts.people.get(person)
    if known is None:
        return None
    fosters = known.relation == "foster_parent" and known.authority == "delegated"
    return known.relation if known.relation in _GIVERS or fosters else None


def _why_not(family: _Family, giver: str, person: str) -> Refusal | None:
    capacity = family.capacity
    if capacity.capable is None:
        return _WHY_NOT["age_unknown"]
    if giver == SELF:
        return None if capacity.capable else _WHY_NOT["assessed_incapable"]
    if capacity.adult:
        return _WHY_NOT["grown_up"]
    if capacity.capable:
        return _WHY_NOT[CHILD_DECIDES]
    return None if person in family.holders else _WHY_NOT["no_authority"]


def _is_twelve(born: date | None, today: date) -> bool:
    return born is not None and age_on(born, today) >= PRESUMED_CAPABLE_FROM
