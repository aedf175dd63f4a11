"""Proposals about diagnoses that wait for a person, and what was decided about each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Uuid, any_, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.diagnosis_tables import diagnosis_task
from gateway.store.engine import Transaction
from gateway.store.vault import decrypt, encrypt

CONFIRM, INACTIVATE = "confirm", "inactivate"
REQUESTED, COMPLETED, REJECTED, CANCELLED = "requested", "completed", "rejected", "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """What a person is asked; asked once for each `proposal`."""

    child: UUID
    kind: str
    proposal: bytes
    focus: UUID
    version: int
    statement: UUID
    owner: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTask:
    """A proposal with how it stands; the words of who decided are encrypted."""

    id: UUID
    child: UUID
    kind: str
    proposal: bytes
    focus: UUID
    version: int
    statement: UUID
    owner: str
    reasons: tuple[str, ...]
    status: str
    raised_at: datetime
    changed_at: datetime
    decided_by: str | None
    role: str | None
    words: bytes | None


# Statements are built once: building one costs more processor time than sending it.
_OF_CHILD = (
    select(diagnosis_task)
    .where(diagnosis_task.c.child == bindparam("of"))
    .order_by(diagnosis_task.c.raised_at, diagnosis_task.c.id)
)
_NEW = upsert(diagnosis_task)
_CHANGING = ("focus", "version", "statement", "owner", "reasons", "status", "changed_at")
_REQUEST = _NEW.on_conflict_do_update(
    index_elements=["child", "kind", "proposal"],
    set_={name: _NEW.excluded[name] for name in _CHANGING},
    where=(diagnosis_task.c.status == REQUESTED) | (diagnosis_task.c.status == CANCELLED),
)
_CANCEL = (
    update(diagnosis_task)
    .where(diagnosis_task.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .values(status=CANCELLED, changed_at=bindparam("at"))
)


def of_child(tx: Transaction, child_id: UUID) -> tuple[StoredTask, ...]:
    """Return every task about a child, oldest first."""
    rows = tx.execute(_OF_CHILD, {"of": child_id})
    return tuple(StoredTask(**{**row._asdict(), "reasons": tuple(row.reasons)}) for row in rows)


def requested_of(tx: Transaction, owners: Iterable[str], *, limit: int) -> tuple[UUID, ...]:
    """Return the children about whom something waits for one of these services, in id order."""
    waiting = diagnosis_task.c.owner.in_(sorted(owners)) & (diagnosis_task.c.status == REQUESTED)
    query = select(diagnosis_task.c.child).where(waiting).distinct()
    return tuple(tx.execute(query.order_by(diagnosis_task.c.child).limit(limit)).scalars())


def child_of(tx: Transaction, task_id: UUID) -> UUID | None:
    """Return the child that a task is about; it never changes."""
    query = select(diagnosis_task.c.child).where(diagnosis_task.c.id == task_id)
    return tx.execute(query).scalar()


def request(tx: Transaction, new: Iterable[NewTask], *, at: datetime) -> None:
    """Ask for what is not asked yet; what was decided stays decided."""
    about = {"status": REQUESTED, "raised_at": at, "changed_at": at}
    rows = [
        {name: getattr(one, name) for name in NewTask.__dataclass_fields__}
        | {"id": uuid4(), "reasons": list(one.reasons), **about}
        for one in new
    ]
    if rows:
        tx.execute(_REQUEST, rows)


def cancel(tx: Transaction, ids: Iterable[UUID], *, at: datetime) -> None:
    """Ask no more: the proposal is another one now."""
    wanted = sorted(ids)
    if wanted:
        tx.execute(_CANCEL, {"ids": wanted, "at": at})


def settle(tx: Transaction, new: Iterable[NewTask], *, by: StoredTask, at: datetime) -> None:
    """Record what follows from a decision about another task, asked or not."""
    told = list(new)
    request(tx, told, at=at)
    for one in told:
        same = diagnosis_task.c.proposal == one.proposal
        mine = same & (diagnosis_task.c.child == one.child) & (diagnosis_task.c.kind == one.kind)
        waiting = mine & (diagnosis_task.c.status == REQUESTED)
        values = {"status": COMPLETED, "decided_by": by.decided_by, "role": by.role}
        tx.execute(update(diagnosis_task).where(waiting).values(**values, changed_at=at))


def decide(
    tx: Transaction,
    task: StoredTask,
    status: str,
    *,
    by: str,
    role: str,
    words: bytes,
    at: datetime,
) -> None:
    """Record a person's decision; the caller holds the child's lock."""
    statement = update(diagnosis_task).where(diagnosis_task.c.id == task.id)
    values = {"status": status, "decided_by": by, "role": role, "words": words}
    tx.execute(statement.values(**values, changed_at=at))


def move(tx: Transaction, task: StoredTask, child_id: UUID, words: bytes | None) -> None:
    """Let a task be about the child that its statement is about, as it was decided or cancelled.

    What is asked about that child already, and nobody decided, gives way.
    """
    same = diagnosis_task.c.proposal == task.proposal
    theirs = same & (diagnosis_task.c.child == child_id) & (diagnosis_task.c.kind == task.kind)
    undecided = diagnosis_task.c.status.in_((REQUESTED, CANCELLED))
    tx.execute(delete(diagnosis_task).where(theirs, undecided))
    values = {
        "child": child_id,
        "proposal": task.proposal,
        "status": task.status,
        "focus": task.statement,
        "statement": task.statement,
        "words": words,
    }
    statement = update(diagnosis_task).where(diagnosis_task.c.id == task.id)
    taken = select(diagnosis_task.c.id).where(theirs).exists()
    tx.execute(statement.where(~taken).values(values))


def seal_words(key: bytes, task_id: UUID, words: bytes) -> bytes:
    """Return who decided and why, sealed under the child's key."""
    return encrypt(key, words, place=f"diagnosis_task/{task_id}")


def open_words(key: bytes, task: StoredTask) -> bytes | None:
    """Return who decided and why, or None while nobody did."""
    return decrypt(key, task.words, place=f"diagnosis_task/{task.id}") if task.words else None
