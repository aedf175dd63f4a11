"""Erase a child: its key is destroyed, its rows go, and on every route it is as one who never was.

Two people decide it together, one of them the data protection officer. Most requests meet a duty
to keep the file (rules of sharing, section 2 A4); the ground says why this one does not.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID, uuid4

from gateway.exchange.erasure.reduce_originals import take_child_out, traces_of
from gateway.exchange.erasure.retention_register import GROUNDS
from gateway.exchange.hub import Hub
from gateway.store import (
    access_log,
    children,
    corrections,
    erasing,
    erasures,
    log_tree,
    originals,
    partners,
)
from gateway.store.engine import AnyRow, Transaction, transaction
from gateway.store.vault import decrypt, encrypt

VALID: Final = timedelta(days=30)
"""An erasure that the second person did not decide in time is asked anew."""

NO_SUCH_CHILD: Final = "no_such_child"
NO_SUCH_GROUND: Final = "no_such_ground"
NO_REASON: Final = "no_reason"
NOT_WAITING: Final = "not_waiting"
SAME_PERSON: Final = "same_person"
NO_DPO: Final = "no_data_protection_officer"
MATCH_WAITS: Final = "match_waits"
RECORDS_WAIT: Final = "records_wait"
BUSY: Final = "busy"
_TRIES: Final = 20
# Between why it was asked and why it was refused; nobody types it.
_THEN: Final = "\x1e"
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Who decides: `auditor/<id>` or `operator`, and whether as data protection officer."""

    name: str
    is_dpo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureRequest:
    """Which child (its internal id), on which ground of the register, and why in words."""

    child: UUID
    ground: str
    reason: str


@dataclass(frozen=True, slots=True)
class NotErased:
    """Nothing was done, and why: one of the codes of this module."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was done: numbers only."""

    child: UUID
    originals: int
    keys_destroyed: int
    services_told: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingErasure:
    """An erasure that waits for its second person."""

    id: UUID
    child: UUID
    ground: str
    reason: str
    asked_by: str
    asked_at: datetime


def ask_erasure(
    hub: Hub, request: ErasureRequest, by: Decider, *, at: datetime
) -> UUID | NotErased:
    """Ask that a child is erased; return the request's id, under which another person decides."""
    if request.ground not in GROUNDS:
        return NotErased(NO_SUCH_GROUND)
    if not request.reason.strip():
        return NotErased(NO_REASON)
    with transaction(hub.engine) as tx:
        children.lock_shared(tx, request.child)
        key = children.key_of(tx, hub.vault, request.child)
        if key is None:
            return NotErased(NO_SUCH_CHILD)
        new = uuid4()
        reason = encrypt(key, _clean(request.reason).encode(), place=_place(new))
        erasures.ask(
            tx,
            erasures.NewErasure(
                id=new,
                child=request.child,
                ground=request.ground,
                reason=reason,
                asked_by=by.name,
                asked_as_dpo=by.is_dpo,
                asked_at=at,
            ),
        )
        access_log.append(tx, _line("erasure_asked", request.child, by.name, new, at=at))
    return new


def waiting_erasures(hub: Hub, *, at: datetime) -> tuple[WaitingErasure, ...]:
    """Return the erasures that wait for a second person, longest first."""
    with transaction(hub.engine) as tx:
        return tuple(_shown(tx, hub, row) for row in erasures.waiting(tx, since=at - VALID))


def reject_erasure(hub: Hub, wanted: UUID, by: Decider, *, at: datetime, reason: str = "") -> bool:
    """Say no to an erasure, and why; False when nothing waits under this id."""
    with transaction(hub.engine) as tx:
        row = erasures.lock_waiting(tx, wanted, since=at - VALID)
        if row is None:
            return False
        words = _with_refusal(tx, hub, row, reason)
        erasures.decide(tx, wanted, "rejected", by=by.name, at=at, words=words)
        access_log.append(tx, _line("erasure_rejected", row.child, by.name, wanted, at=at))
    return True


def confirm_erasure(hub: Hub, wanted: UUID, by: Decider, *, at: datetime) -> Erased | NotErased:
    """Erase the child of a request; whoever asked for it cannot be who confirms it."""
    with transaction(hub.engine) as tx:
        row = erasures.lock_waiting(tx, wanted, since=at - VALID)
    refused = refusal_of(row, by)
    if row is None or refused:
        return NotErased(refused or NOT_WAITING)

    def act(tx: Transaction) -> Erased | NotErased:
        asked = erasures.lock_waiting(tx, wanted, since=at - VALID)
        why = refusal_of(asked, by) or in_the_way(tx, row.child, asked_at=row.asked_at)
        if why:
            return NotErased(why)
        done = erase_now(tx, hub, row.child, at=at)
        erasures.decide(tx, wanted, "confirmed", by=by.name, at=at)
        access_log.append(tx, _line("child_erased", row.child, by.name, wanted, at=at))
        return done

    return alone_with(hub, row.child, act) or NotErased(BUSY)


def refusal_of(row: AnyRow | None, by: Decider) -> str | None:
    """Return why this person cannot confirm a request, or None."""
    if row is None:
        return NOT_WAITING
    if row.asked_by == by.name:
        return SAME_PERSON
    return None if row.asked_as_dpo or by.is_dpo else NO_DPO


def in_the_way(tx: Transaction, child: UUID, *, asked_at: datetime) -> str | None:
    """Return why nobody can confirm a request yet: what came in before it goes along.

    So that must have been stored, and linked.
    """
    if erasing.accepted_before(tx, asked_at):
        return RECORDS_WAIT
    return MATCH_WAITS if erasing.candidate_of_open_match(tx, child) else None


def alone_with(hub: Hub, child: UUID, act: Callable[[Transaction], _Answer]) -> _Answer | None:
    """Act on a child that nobody else is busy with; None when somebody was all the time.

    A relay holds rows of the outbox and then waits for the child: so they are locked before it.
    """
    for _ in range(_TRIES):
        with transaction(hub.engine) as tx:
            erasing.lock_outbox(tx, child)
            numbers = children.identifiers_of(tx, child)
            children.lock_lookups(tx, numbers)
            children.lock(tx, child)
            same = numbers == children.identifiers_of(tx, child)
            if same and erasing.outbox_is_ours(tx, child):
                return act(tx)
    return None


def erase_now(tx: Transaction, hub: Hub, child: UUID, *, at: datetime) -> Erased:
    """Destroy a child's key and rows, in the transaction of `alone_with`.

    Services that received something are told which messages, and nothing else.
    """
    traces = traces_of(tx, hub, child)
    people = erasing.people_of(tx, child)
    reduced = take_child_out(tx, hub, traces, at=at)
    keys = erasing.destroy_message_keys(tx, child, at=at)
    erasing.name_one_by_one(tx, child)
    told = tell_of_erasure(tx, child, erasing.received(tx, child), at=at)
    # Only now: who received something stands in these lines.
    log_tree.erase_links(tx, child)
    erasing.empty_messages(tx, child)
    erasing.destroy_key(tx, child, at=at)
    erasing.delete_rows(tx, child, traces.names)
    erasing.forget_people(tx, people)
    for receipt, nobody_left in reduced.items():
        if nobody_left:
            originals.forget(tx, receipt)
    erasures.close_of(tx, child, at=at)
    return Erased(child=child, originals=len(reduced), keys_destroyed=keys, services_told=told)


def tell_of_erasure(
    tx: Transaction, child: UUID, received: tuple[corrections.Received, ...], *, at: datetime
) -> int:
    """Tell who has something to remove it (GDPR, article 19), without a word on why."""
    heirs: dict[str, list[corrections.Received]] = defaultdict(list)
    for one in received:
        heirs[partners.successor(tx, one.partner)].append(one)
    for partner, what in sorted(heirs.items()):
        corrections.tell(tx, partner, child, what, at=at)
    return len(heirs)


def _shown(tx: Transaction, hub: Hub, row: AnyRow) -> WaitingErasure:
    reason, _ = words_of(tx, hub, row)
    return WaitingErasure(
        id=row.id,
        child=row.child,
        ground=row.ground,
        reason=reason,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
    )


def words_of(tx: Transaction, hub: Hub, row: AnyRow) -> tuple[str, str]:
    """Return why a request was made and why it was refused; empty once the child's key is gone."""
    key = children.key_of(tx, hub.vault, row.child) if row.reason else None
    words = decrypt(key, row.reason, place=_place(row.id)).decode() if key else ""
    asked, _, refused = words.partition(_THEN)
    return asked, refused


def _with_refusal(tx: Transaction, hub: Hub, row: AnyRow, reason: str) -> bytes | None:
    key = children.key_of(tx, hub.vault, row.child)
    if key is None or not reason.strip():
        return None
    asked, _ = words_of(tx, hub, row)
    return encrypt(key, f"{asked}{_THEN}{_clean(reason)}".encode(), place=_place(row.id))


def _clean(words: str) -> str:
    return words.replace(_THEN, " ")


def _place(erasure: UUID) -> str:
    return f"erasure/{erasure}"


def _line(act: str, child: UUID, by: str, erasure: UUID, *, at: datetime) -> access_log.Entry:
    return access_log.Entry(
        at=at,
        act=act,
        actor=by,
        role="auditor" if by.startswith("auditor/") else None,
        child=child,
        outcome="done",
        correlation=str(erasure),
    )
