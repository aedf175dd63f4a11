"""What a wrongly linked part brought to a child, and what others brought as well.

The kept originals are the evidence: each part of the child is read again, so that a number, a
parent or a service goes only if nothing that stays brought it too.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from adapters.contract import Part, Segment, dump
from gateway.exchange.hub import Hub
from gateway.exchange.identities.describe_child import Sender
from gateway.exchange.identities.find_child import numbers_in
from gateway.exchange.records.origin import Origin
from gateway.exchange.records.read_again import ReadAgain, read_again
from gateway.exchange.records.replace_scope import origin_of
from gateway.exchange.records.statement_names import key_name
from gateway.fhir.standing import order_of
from gateway.store import moving, receipts
from gateway.store.engine import Transaction
from gateway.store.moving import LinkedPart

# Every child of a service has them: they make no two records the same story.
_OF_NOBODY: Final = frozenset({"Location", "Organization", "Practitioner", "PractitionerRole"})


@dataclass(frozen=True, slots=True)
class Said:
    """Of one statement in one part: digests of its words, and when the last of them was said."""

    digests: frozenset[bytes]
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """One part that is stored under a child, with everything it says."""

    linked: LinkedPart
    origin: Origin
    part: Part
    numbers: frozenset[bytes]
    statements: frozenset[tuple[str, bytes]]
    """Who states it today, and the hash of its own key for it."""
    words: Mapping[bytes, Said]
    """By the hash of its own key, what it says of each statement."""
    lineage: frozenset[tuple[str, ...]]
    """What makes another part of the same system the same story: its number, its statements."""

    @property
    def sender(self) -> Sender:
        """Who delivered it, and from which of its systems."""
        return self.origin.sender

    @property
    def kept_by(self) -> str:
        """The service that speaks for the sender today."""
        return self.origin.partner

    @property
    def told(self) -> str:
        """When it was asserted, to be compared."""
        return order_of(self.part.asserted_at, self.part.version)

    @property
    def relatives(self) -> frozenset[str]:
        """Return the national numbers of the family that it names."""
        return frozenset(one.insz for one in self.part.related if one.insz is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What goes and what stays, each in the order of arrival."""

    goes: tuple[Brought, ...]
    stays: tuple[Brought, ...]

    @property
    def shared(self) -> frozenset[tuple[str, bytes]]:
        """Return the statements that parts of both make, such as which organisation it is."""
        return _stated(self.goes) & _stated(self.stays)

    @property
    def moves(self) -> frozenset[tuple[str, bytes]]:
        """Return the statements that nothing that stays makes."""
        return _stated(self.goes) - _stated(self.stays)


Reader = Callable[[Transaction, UUID], ReadAgain | None]


def remembering_reader(hub: Hub, *, at: datetime) -> Reader:
    """Return what reads each original once."""
    known: dict[UUID, ReadAgain | None] = {}

    def read(tx: Transaction, receipt: UUID) -> ReadAgain | None:
        if receipt not in known:
            known[receipt] = read_again(tx, hub, receipt, at=at)
        return known[receipt]

    return read


def plan_of(
    tx: Transaction, hub: Hub, read: Reader, child: UUID, *, receipt: UUID, part: str
) -> Plan:
    """Divide what is stored under a child: what tells the same story as a part, and the rest.

    The same story is what the same system says under the same number of its own or about the same
    statements. What two systems say are two links, and each is undone by itself.
    """
    linked = moving.parts_of(tx, child)
    known = [one for one in (_brought(tx, hub, read, each) for each in linked) if one is not None]
    begun = {
        one.linked for one in known if (one.linked.receipt, one.linked.part) == (receipt, part)
    }
    goes = _same_story(known, begun)
    return Plan(
        goes=tuple(one for one in known if one.linked in goes),
        stays=tuple(one for one in known if one.linked not in goes),
    )


def _same_story(known: Iterable[Brought], begun: set[LinkedPart]) -> set[LinkedPart]:
    goes, every = set(begun), list(known)
    while True:
        told = {line for one in every if one.linked in goes for line in one.lineage}
        more = {one.linked for one in every if one.linked not in goes and told & one.lineage}
        if not more:
            return goes
        goes |= more


def _stated(parts: Iterable[Brought]) -> frozenset[tuple[str, bytes]]:
    return frozenset(name for one in parts for name in one.statements)


def _words(hub: Hub, origin: Origin, part: Part) -> Mapping[bytes, Said]:
    found: dict[bytes, list[Segment]] = defaultdict(list)
    for one in part.segments:
        found[key_name(hub, origin.source, one.key)].append(one)
    return {
        name: Said(
            frozenset(sha256(dump(one.resource)).digest() for one in told),
            max(origin.order_of_segment(part, one) for one in told),
        )
        for name, told in found.items()
    }


def _brought(tx: Transaction, hub: Hub, read: Reader, linked: LinkedPart) -> Brought | None:
    again = read(tx, linked.receipt)
    part = again.part(linked.part) if again else None
    if again is None or part is None:
        return None
    described = receipts.find(tx, linked.receipt)
    assert described is not None
    origin = origin_of(tx, hub, described, again.translation, again.whole)
    sender, kept_by = origin.sender, origin.partner
    system = (sender.partner, sender.source)
    lineage: set[tuple[str, ...]] = {
        (*system, "statement", one.key)
        for one in part.segments
        if one.resource["resourceType"] not in _OF_NOBODY
    }
    lineage |= {(*system, "number", part.subject.local)} if part.subject.local else set()
    words = _words(hub, origin, part)
    return Brought(
        linked=linked,
        origin=origin,
        part=part,
        numbers=numbers_in(hub, sender, part).hashes(),
        statements=frozenset((kept_by, name) for name in words),
        words=words,
        lineage=frozenset(lineage),
    )
