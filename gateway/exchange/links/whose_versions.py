"""Of which child each version of a statement is, when two children's words were kept under one.

A version is whose part said it. What the hub made of it later, and what was said once more because
something else ended, belongs with it. In doubt it goes: less is kept with the wrong child. What may
as well be either child's is shown with neither: it is kept as evidence, and a person is asked.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, Self
from uuid import UUID

from adapters.contract import Resource, load
from gateway.exchange.links.what_moves import Brought, Plan
from gateway.fhir.diagnosis_forms import statement_behind
from gateway.fhir.diagnosis_provenance import source_of
from gateway.store import dividing, moving
from gateway.store.diagnoses import PROVENANCE
from gateway.store.dividing import History, Version
from gateway.store.engine import Transaction
from gateway.store.moving import Move, given_up
from gateway.store.resources import ASSERTION, LEADING

# What the hub adds to, or changes of, a statement's words in a diagnosis that it derives of it.
_ADDED: Final = frozenset({"meta", "evidence", "extension", "clinicalStatus", "verificationStatus"})
Versions = Mapping[UUID, frozenset[int]]
"""By resource, the numbers of some of its versions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """What goes to the other child: statements as a whole, and of others some versions."""

    whole: tuple[UUID, ...]
    divided: Mapping[UUID, History]
    """The statements with versions of both children, as they were."""
    versions: Versions
    """Of these, the versions that go."""
    unsure: frozenset[UUID] = frozenset()
    """Statements of which a version that goes may as well be of the child that keeps the rest."""

    def of_statement(self, statement: UUID | None) -> bool:
        """Whether all of a statement goes."""
        return statement in set(self.whole)


@dataclass(frozen=True, slots=True)
class _Told:
    """What parts said, by receipt and by the hash of the key."""

    words: dict[UUID, dict[bytes, set[bytes]]] = field(
        default_factory=dict[UUID, dict[bytes, set[bytes]]]
    )

    @classmethod
    def by(cls, parts: Iterable[Brought]) -> Self:
        told = cls()
        for one in parts:
            of_receipt = told.words.setdefault(one.linked.receipt, {})
            for name, said in one.words.items():
                of_receipt.setdefault(name, set()).update(said.digests)
        return told

    def under(self, one: History, receipt: UUID) -> set[bytes] | None:
        """Return what a receipt said of a statement; None if it said nothing of it."""
        for name, digests in self.words.get(receipt, {}).items():
            if one.key_hash in names_of(name, one.id):
                return digests
        return None


def names_of(name: bytes, resource_id: UUID) -> Iterator[bytes]:
    """Yield what a statement may be called: a merger takes a name away, and the next one again."""
    yield name
    once = given_up(name, resource_id)
    yield once
    yield given_up(once, resource_id)


def going_of(tx: Transaction, plan: Plan, move: Move) -> Going:
    """Return which statements, and which versions of others, only the parts that go said."""
    named = moving.asserted(tx, move.source, plan.moves)
    receipts = {one.linked.receipt for one in plan.goes}
    going = {one.linked for one in plan.goes}
    linked = [one for one in moving.parts_of(tx, move.source) if one not in going]
    others = {one.receipt for one in linked}
    # By part: beside one that no adapter reads today another part of the delivery may stay.
    unread = {one.receipt for one in set(linked) - {one.linked for one in plan.stays}}
    goes, stays = _Told.by(plan.goes), _Told.by(plan.stays)
    whole, divided, versions = set(named), dict[UUID, History](), dict[UUID, frozenset[int]]()
    unsure = set[UUID]()
    told = receipts | unread
    for one in dividing.histories(tx, move.source_key, move.source, ASSERTION, receipts=told):
        gone = _gone(one, goes, stays, alone=receipts - others)
        if one.id in named or not one.without(gone):
            whole.add(one.id)
            gone = one.numbers
        elif gone:
            divided[one.id], versions[one.id] = one, gone
        if gone & _of_either(one, goes, stays, unread=unread):
            unsure.add(one.id)
    return Going(
        whole=tuple(sorted(whole)), divided=divided, versions=versions, unsure=frozenset(unsure)
    )


def _gone(one: History, goes: _Told, stays: _Told, *, alone: Collection[UUID]) -> frozenset[int]:
    found, before, now = set[int](), dict[bytes, bool](), False
    for each in one.versions:
        if each.said:
            words = sha256(each.content).digest()
            now = _goes(one, each, words, goes, stays, again=before.get(words), alone=alone)
            before[words] = now
        # What the hub made of it follows what was said last.
        if now:
            found.add(each.number)
    return frozenset(found)


def _goes(
    one: History,
    each: Version,
    words: bytes,
    goes: _Told,
    stays: _Told,
    *,
    again: bool | None,
    alone: Collection[UUID],
) -> bool:
    theirs, own = goes.under(one, each.receipt), stays.under(one, each.receipt)
    if own and words in own:
        return False
    if theirs and words in theirs:
        return True
    if again is not None:
        # It stood anew because its end fell away: the receipt is of who took that end back.
        return again
    return theirs is not None or (own is None and each.receipt in alone)


def _of_either(
    one: History, goes: _Told, stays: _Told, *, unread: Collection[UUID]
) -> frozenset[int]:
    """Return the versions that either child's parts may have said.

    One delivery tells both of it, in other words; or another part, which no adapter reads today.
    """
    found, before = set[int](), set[bytes]()
    for each in one.versions:
        words = sha256(each.content).digest()
        theirs, own = goes.under(one, each.receipt), stays.under(one, each.receipt)
        if each.said and words not in before and words not in {*(theirs or ()), *(own or ())}:
            both = theirs is not None and own is not None
            found |= {each.number} if both or each.receipt in unread else set()
        before.add(words)
    return frozenset(found)


def derived_of(tx: Transaction, move: Move, going: Going) -> tuple[dict[UUID, History], Versions]:
    """Return what was derived of what goes: leading diagnoses, every Provenance, and versions."""
    known, versions = dict[UUID, History](), dict[UUID, frozenset[int]]()
    for layer in (LEADING, PROVENANCE):
        behind = statement_behind if layer == LEADING else source_of
        for one in dividing.histories(tx, move.source_key, move.source, layer):
            gone = frozenset(
                each.number
                for each in one.versions
                if _derived_goes(going, each, load(each.content), behind(load(each.content)))
            )
            # What stands was worked out of what stays.
            gone -= {one.current} if one.status == "active" else set()
            if gone:
                known[one.id], versions[one.id] = one, gone
    return known, versions


def _derived_goes(going: Going, each: Version, content: Resource, of: UUID | None) -> bool:
    if of is None or of not in going.divided:
        return going.of_statement(of)
    statement, gone = going.divided[of], going.versions[of]
    own = statement.without(gone)
    theirs = statement.without(statement.numbers - gone)
    if any(_alike(content, load(one.content)) for one in own):
        return False
    if any(_alike(content, load(one.content)) for one in theirs):
        return True
    return each.receipt not in {one.receipt for one in own} - {one.receipt for one in theirs}


def _alike(derived: Resource, said: Resource) -> bool:
    """Whether something derived gives the words, or tells the date, of a statement."""
    if derived["resourceType"] == "Provenance":
        # Author and date: who cannot be told apart by the date is by the delivery.
        return False
    return _words(derived) == _words(said)


def _words(content: Resource) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in _ADDED}
