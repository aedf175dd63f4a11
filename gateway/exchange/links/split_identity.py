"""A wrong link is undone with full effect: what the part brought goes to the child it is about.

Only a person does this. What the wrong child's services received of it is ended as after a
withdrawal: keys that nobody asked for are destroyed, and who read it is told to use it no further.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.exchange.deliveries.end_deliveries import end_deliveries
from gateway.exchange.deliveries.queue_changes import queue_changes
from gateway.exchange.deliveries.stop_deliveries import stop_deliveries
from gateway.exchange.deliveries.tell_receivers import tell_of_versions, tell_receivers
from gateway.exchange.diagnoses.derive_diagnosis import derive_diagnoses
from gateway.exchange.hub import Hub
from gateway.exchange.identities.describe_child import describe_anew, facts_in, learn, subject_of
from gateway.exchange.identities.find_child import create_child, numbers_in, remember_numbers
from gateway.exchange.links.move_decisions import Moved, cancel_vanished, move_decisions
from gateway.exchange.links.move_evidence import move_derived, move_evidence
from gateway.exchange.links.move_family import move_care, move_family
from gateway.exchange.links.move_versions import (
    divide_statements,
    keep_unsure,
    renamed_proposals,
)
from gateway.exchange.links.what_moves import Brought, Plan, plan_of, remembering_reader
from gateway.exchange.links.whose_versions import Going, Versions, derived_of, going_of
from gateway.exchange.links.work_out_again import say_again, work_out_again
from gateway.exchange.records.keep_statements import Kept
from gateway.exchange.records.statement_names import file_name
from gateway.store import (
    access_log,
    children,
    dividing,
    identities,
    moving,
    outbox,
    statements,
    stopping,
    unlinking,
)
from gateway.store.children import ChildFacts
from gateway.store.engine import Transaction, transaction
from gateway.store.moving import Move

NEW_CHILD: Final = "new"
NOT_LINKED: Final = "not_linked"
NO_SUCH_CHILD: Final = "no_such_child"
NOTHING_ELSE: Final = "nothing_else"


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What was undone: where it went, and how much of it."""

    child: UUID
    parts: int
    resources: int
    keys_destroyed: int
    services_told: int


@dataclass(frozen=True, slots=True)
class NotSplit:
    """Nothing was done, and why: `not_linked`, `no_such_child` or `nothing_else`."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """The link that was wrong, and the child to which its part belongs (`new` for nobody known)."""

    receipt: UUID
    part: str
    to: str


def split_identity(hub: Hub, wrong: Wrong, *, by: str, at: datetime) -> Split | NotSplit:
    """Move a stored part, and what its source said in the same story, to another child."""
    read = remembering_reader(hub, at=at)
    with transaction(hub.engine) as tx:
        source = moving.linked_to(tx, wrong.receipt, wrong.part)
        if source is None:
            return NotSplit(NOT_LINKED)
        plan = plan_of(tx, hub, read, source, receipt=wrong.receipt, part=wrong.part)
        # Sources, numbers, children: the order of everybody who stores a record.
        _lock_sources(tx, plan, source, wrong.to)
        children.lock_lookups(tx, {number for one in plan.goes for number in one.numbers})
        refused = _refused(tx, hub, source, wrong.to, plan)
        if refused is not None:
            return refused
        first = plan.goes[0].part
        new = wrong.to == NEW_CHILD
        target = create_child(tx, hub, first, at=at) if new else UUID(wrong.to)
        for child in sorted((source, target)):
            children.lock(tx, child)
        if moving.linked_to(tx, wrong.receipt, wrong.part) != source:
            return NotSplit(NOT_LINKED)
        plan = plan_of(tx, hub, read, source, receipt=wrong.receipt, part=wrong.part)
        return _move(tx, hub, plan, source, target, by=by, at=at)


def _lock_sources(tx: Transaction, plan: Plan, source: UUID, to: str) -> None:
    """Let no source take back anything about either child meanwhile."""
    known = {(one.kept_by, one.sender.source) for one in (*plan.goes, *plan.stays)}
    for child in (source, *_named(to)):
        known |= {(one.partner, one.source) for one in unlinking.systems_of(tx, child)}
    for kept_by, system in sorted(known):
        statements.lock_source(tx, kept_by, system, alone=False)


def _named(to: str) -> tuple[UUID, ...]:
    """Return the child that is named, if that is an id."""
    try:
        return (UUID(to),)
    except ValueError:
        return ()


def _refused(tx: Transaction, hub: Hub, source: UUID, to: str, plan: Plan) -> NotSplit | None:
    if not plan.goes:
        return NotSplit(NOT_LINKED)
    if to == NEW_CHILD:
        return None if plan.stays else NotSplit(NOTHING_ELSE)
    target = next(iter(_named(to)), source)
    known = target != source and children.key_of(tx, hub.vault, target) is not None
    return None if known else NotSplit(NO_SUCH_CHILD)


def _move(
    tx: Transaction, hub: Hub, plan: Plan, source: UUID, target: UUID, *, by: str, at: datetime
) -> Split:
    keys = [children.key_of(tx, hub.vault, one) for one in (source, target)]
    assert keys[0] is not None and keys[1] is not None  # noqa: PT018 -- narrows both
    move = Move(source=source, source_key=keys[0], target=target, target_key=keys[1])
    before = moving.leading(tx, source)
    gone = _move_statements(tx, hub, plan, move, at=at)
    _move_identity(tx, hub, plan, move)
    move_family(tx, hub, plan, source, target, at=at)
    move_care(tx, plan, source, target, at=at)
    for child in (source, target):
        _remember(tx, hub, plan.goes, child, same=child == target, by=by, at=at)
    kept = work_out_again(tx, hub, plan, move, at=at)
    _ask_no_more(tx, move, kept, by=by, at=at)
    stopped = _derive(tx, hub, plan, move, gone, before=before, kept=kept, at=at)
    say_again(tx, hub, plan, move, going=gone.going, divided=gone.divided.values(), at=at)
    done = Split(
        child=target,
        parts=len(plan.goes),
        resources=len(gone.there),
        keys_destroyed=stopped[0] + stop_deliveries(tx, hub, source, partners=None, at=at),
        services_told=stopped[1],
    )
    access_log.append(tx, *(_line(one, plan, by, at=at) for one in (source, target)))
    return done


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gone:
    """What left the wrong child: which statements, and which versions of others and of whatever."""

    going: Going
    versions: Versions
    """Of what was divided, and of what was derived of what went."""
    divided: Mapping[UUID, UUID]
    """What each divided statement is with the other child."""

    @property
    def there(self) -> tuple[UUID, ...]:
        """Return the statements as the other child has them."""
        return tuple(one for one in self._moved if one not in self.unsure)

    @property
    def unsure(self) -> frozenset[UUID]:
        """Return what may be either child's, as it is with the other child."""
        return frozenset(self.divided.get(one, one) for one in self.going.unsure)

    @property
    def _moved(self) -> tuple[UUID, ...]:
        return (*self.going.whole, *self.divided.values())


def _move_statements(tx: Transaction, hub: Hub, plan: Plan, move: Move, *, at: datetime) -> _Gone:
    """Move what only the parts that go stated, with who ended it and what people decided on it."""
    going = going_of(tx, plan, move)
    derived = derived_of(tx, move, going)[1]
    versions = {**derived, **going.versions}
    # Also who read it over HTTP; the keys of its unread messages are destroyed.
    tell_receivers(tx, move.source, going.whole, at=at)
    tell_of_versions(tx, move.source, going.versions, at=at)
    # Messages about a diagnosis are taken back when it is known what leads now.
    tell_of_versions(tx, move.source, derived, over_http=True, at=at)
    divided = divide_statements(tx, hub, plan, move, going, at=at)
    moved = Moved(
        whole=frozenset(going.whole),
        versions=versions,
        divided=divided,
        proposals=renamed_proposals(hub, plan, going, divided),
    )
    move_decisions(tx, move, moved, at=at)
    move_evidence(tx, hub, move, going.whole)
    moving.move_resources(tx, move, going.whole, retire=False)
    gone = _Gone(going=going, versions=versions, divided=divided)
    for system in sorted({one.sender.source for one in plan.goes}):
        names = [file_name(hub, system, child) for child in (move.source, move.target)]
        moving.rename_file(tx, gone.there, *names)
    keep_unsure(tx, plan, sorted(gone.unsure), at=at)
    moving.assign_parts(tx, [one.linked for one in plan.goes], move.target)
    return gone


def _ask_no_more(
    tx: Transaction, move: Move, kept: tuple[Kept, Kept], *, by: str, at: datetime
) -> None:
    """Nobody needs to look at what left a picture of somebody else."""
    pair = (move.source, move.target)
    for child, one in zip(pair, kept, strict=True):
        cancel_vanished(tx, child, one.vanished, at=at)
    unlinking.ask_no_more(tx, pair, but=kept[0].vanished | kept[1].vanished, by=by, at=at)


def _move_identity(tx: Transaction, hub: Hub, plan: Plan, move: Move) -> None:
    """Let numbers and spellings that only these parts brought lead to the other child."""
    kept = {number for one in plan.stays for number in one.numbers}
    gone = {number for one in plan.goes for number in one.numbers} - kept
    moving.drop_numbers(tx, move.source, gone)
    for one in plan.goes:
        remember_numbers(tx, numbers_in(hub, one.sender, one.part), move.target)
        told = facts_in(one.part)
        children.complete_facts(tx, move.target_key, move.target, told)
    learn(tx, hub, move.target_key, move.target, [one.part for one in plan.goes])
    describe_anew(tx, hub, move.source_key, move.source, [one.part for one in plan.stays])
    if plan.stays:
        facts = ChildFacts(born="", given="")
        for one in plan.stays:
            facts = children.combined(facts, facts_in(one.part))
        children.replace_facts(tx, move.source_key, move.source, facts)


def _remember(
    tx: Transaction,
    hub: Hub,
    goes: Iterable[Brought],
    child: UUID,
    *,
    same: bool,
    by: str,
    at: datetime,
) -> None:
    """A repeat of what went is not linked to the wrong child again, by likeness or two numbers."""
    parts = [(one.sender, one.part) for one in goes]
    named = {subject_of(hub, *one) for one in parts}
    numbered = (numbers_in(hub, *one).together(hub) for one in parts)
    for subject in sorted({*named, *(one for one in numbered if one is not None)}):
        identities.keep_verdicts(tx, subject, [child], same=same, by=by, at=at)


def _derive(
    tx: Transaction,
    hub: Hub,
    plan: Plan,
    move: Move,
    what: _Gone,
    *,
    before: frozenset[UUID],
    kept: tuple[Kept, Kept],
    at: datetime,
) -> tuple[int, int]:
    """Derive both children's leading diagnoses again, and end what went out of what moved."""
    newest = (plan.stays or plan.goes)[-1].linked.receipt
    here, there = kept
    changed = derive_diagnoses(
        tx, hub, move.source_key, move.source, newest, vanished=here.vanished, at=at
    )
    gone = move_derived(tx, move, what.going, at=at)
    ended = sorted({*what.going.whole, *(before & {*gone, *changed})})
    stopped = _end_messages(tx, move.source, ended, what.versions, at=at)
    arrived = derive_diagnoses(
        tx,
        hub,
        move.target_key,
        move.target,
        plan.goes[-1].linked.receipt,
        vanished=there.vanished,
        at=at,
    )
    # Where the newest version went, an older one stands again as a newer one.
    end_deliveries(tx, move.source, corrected=what.divided, at=at)
    end_deliveries(tx, move.target, at=at)
    again = {one for one, each in what.going.divided.items() if each.current in what.versions[one]}
    queue_changes(tx, move.source, changed | here.changed | again, at=at)
    queue_changes(tx, move.target, arrived | there.changed | set(what.there), at=at)
    return stopped


def _end_messages(
    tx: Transaction, child: UUID, resources: list[UUID], versions: Versions, *, at: datetime
) -> tuple[int, int]:
    """Destroy keys and tell readers, whatever carried it: it was about somebody else."""
    moving.stop_outbox(tx, resources)
    divided = {one: numbers for one, numbers in versions.items() if one not in set(resources)}
    dividing.wait_for_what_stays(tx, divided)
    rows = [
        row
        for row in moving.lock_deliveries_of(tx, [*resources, *divided])
        if row.resource not in divided or row.version in divided[row.resource]
    ]
    keys = [row.id for row in rows if row.key]
    outbox.destroy_keys(tx, keys, at=at)
    read = [row for row in rows if row.state == "released"]
    # Who was told already that a diagnosis ended needs no second notice of it.
    untold = [row for row in read if row.notice is None]
    for partner in sorted({row.partner for row in untold}):
        mine = [row.id for row in untold if row.partner == partner]
        stopping.tell(tx, partner, child, mine, at=at)
    return len(keys), len({row.partner for row in read})


def _line(child: UUID, plan: Plan, by: str, *, at: datetime) -> access_log.Entry:
    receipts = sorted({f"receipt/{one.linked.receipt}" for one in plan.goes})
    return access_log.Entry(
        at=at,
        act="identity_split",
        actor=by,
        partner=plan.goes[0].kept_by,
        child=child,
        outcome="done",
        resources=tuple(receipts),
    )
