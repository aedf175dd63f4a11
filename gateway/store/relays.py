"""Requests that the hub passes on blindly: to every service around a child, or to nobody.

The statements are the same for a child that the hub does not know.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text, update

from gateway.store.engine import AnyRow, Transaction
from gateway.store.lifecycle_tables import relayed_request
from gateway.store.vault import decrypt, encrypt

_RELAY = text("""
insert into relayed_request (id, child, holder, asked_by, question, asked_at)
select gen_random_uuid(), r.child, r.partner, :asked_by, :question, :at
from care_relation r
where r.child = :child and r.partner <> :asked_by
  and r.since <= :at and (r.until is null or r.until > :at)
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRelay:
    """A question of a mandated service about a child, which may be nobody's."""

    child: UUID
    asked_by: str
    question: str


def relay(tx: Transaction, key: bytes, new: NewRelay, *, at: datetime) -> None:
    """Store the question once for each service around the child; nothing for nobody's child."""
    question = encrypt(key, new.question.encode(), place=_place(new.child))
    values = {"child": new.child, "asked_by": new.asked_by, "question": question, "at": at}
    tx.execute(_RELAY, values)


def waiting_for(tx: Transaction, holder: str) -> tuple[AnyRow, ...]:
    """Return the requests that a service has not closed, oldest first."""
    own = (relayed_request.c.holder == holder) & relayed_request.c.closed_at.is_(None)
    query = select(relayed_request).where(own)
    return tuple(tx.execute(query.order_by(relayed_request.c.asked_at, relayed_request.c.id)))


def question_of(key: bytes, row: AnyRow) -> str:
    """Return what was asked."""
    return decrypt(key, row.question, place=_place(row.child)).decode()


def close(tx: Transaction, relayed: UUID, *, holder: str, at: datetime) -> UUID | None:
    """Close a service's own request and return its child; None if it has no such open one."""
    own = (relayed_request.c.id == relayed) & (relayed_request.c.holder == holder)
    statement = update(relayed_request).where(own, relayed_request.c.closed_at.is_(None))
    found: UUID | None = tx.execute(
        statement.values(closed_at=at).returning(relayed_request.c.child)
    ).scalar()
    return found


def answer(
    tx: Transaction, relayed: UUID, *, holder: str, child: UUID, to: str, at: datetime
) -> None:
    """Close a service's own request, if it was about this child and of whom is now spoken to."""
    own = (relayed_request.c.id == relayed) & (relayed_request.c.holder == holder)
    asked = (relayed_request.c.child == child) & (relayed_request.c.asked_by == to)
    statement = update(relayed_request).where(own, asked, relayed_request.c.closed_at.is_(None))
    tx.execute(statement.values(closed_at=at))


def _place(child: UUID) -> str:
    return f"child/{child}/relayed"
