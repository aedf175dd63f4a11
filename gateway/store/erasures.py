"""Erasures that were asked for, and who decided on them; always two people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update

from gateway.store.engine import AnyRow, Transaction
from gateway.store.erasure_tables import erasure


@dataclass(frozen=True, slots=True, kw_only=True)
class NewErasure:
    """An erasure that somebody asks for; the reason is encrypted under the child's key."""

    id: UUID
    child: UUID
    ground: str
    reason: bytes
    asked_by: str
    asked_as_dpo: bool
    asked_at: datetime


def ask(tx: Transaction, new: NewErasure) -> None:
    """Store a request."""
    names = NewErasure.__dataclass_fields__
    tx.execute(erasure.insert().values({name: getattr(new, name) for name in names}))


def waiting(tx: Transaction, *, since: datetime) -> tuple[AnyRow, ...]:
    """Return the requests that nobody decided and that are not too old, longest first."""
    query = select(erasure).where(erasure.c.decided_at.is_(None), erasure.c.asked_at > since)
    return tuple(tx.execute(query.order_by(erasure.c.asked_at, erasure.c.id)))


def lock_waiting(tx: Transaction, wanted: UUID, *, since: datetime) -> AnyRow | None:
    """Return one such request, locked until the decision commits."""
    query = select(erasure).where(
        erasure.c.id == wanted, erasure.c.decided_at.is_(None), erasure.c.asked_at > since
    )
    return tx.execute(query.with_for_update()).first()


def newest(tx: Transaction, *, valid: timedelta, at: datetime, limit: int) -> tuple[AnyRow, ...]:
    """Return what waits, and then what was decided or was `valid` no more; newest first."""
    waits = erasure.c.decided_at.is_(None) & (erasure.c.asked_at > at - valid)
    ended = func.coalesce(erasure.c.decided_at, erasure.c.asked_at + valid)
    order = (waits.desc(), ended.desc(), erasure.c.id)
    return tuple(tx.execute(select(erasure).order_by(*order).limit(limit)))


def find(tx: Transaction, wanted: UUID) -> AnyRow | None:
    """Return one request, decided or not."""
    return tx.execute(select(erasure).where(erasure.c.id == wanted)).first()


def decide(
    tx: Transaction,
    wanted: UUID,
    decision: str,
    *,
    by: str,
    at: datetime,
    words: bytes | None = None,
) -> None:
    """Close a request; `words` are its encrypted ones with those of the decision."""
    values = {"decision": decision, "decided_by": by, "decided_at": at}
    if words is not None:
        values["reason"] = words
    tx.execute(update(erasure).where(erasure.c.id == wanted).values(values))


def close_of(tx: Transaction, child_id: UUID, *, at: datetime) -> None:
    """Close what waits about a child that was erased meanwhile; its reasons open no more."""
    mine = (erasure.c.child == child_id) & erasure.c.decided_at.is_(None)
    values = {"decision": "rejected", "decided_by": "hub", "decided_at": at}
    tx.execute(update(erasure).where(mine).values(values))
    tx.execute(update(erasure).where(erasure.c.child == child_id).values(reason=None))
