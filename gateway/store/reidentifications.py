"""Who asked, and who approved, to look behind a pseudonym of the access log."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, update

from gateway.store.engine import AnyRow, Transaction
from gateway.store.erasure_tables import reidentification


def ask(
    tx: Transaction, wanted: UUID, child_id: UUID, words: bytes, *, by: str, at: datetime
) -> None:
    """Store a request with its encrypted case and reason."""
    values = {"id": wanted, "child": child_id, "words": words, "asked_by": by, "asked_at": at}
    tx.execute(reidentification.insert().values(values))


def running(
    tx: Transaction, *, asked_after: datetime, approved_after: datetime
) -> tuple[AnyRow, ...]:
    """Return the requests that wait for approval, or are open, oldest first."""
    waits = reidentification.c.approved_at.is_(None) & (reidentification.c.asked_at > asked_after)
    is_open = reidentification.c.approved_at > approved_after
    query = select(reidentification).where(or_(waits, is_open))
    return tuple(tx.execute(query.order_by(reidentification.c.asked_at, reidentification.c.id)))


def lock(tx: Transaction, wanted: UUID) -> AnyRow | None:
    """Return one request, locked until the act commits."""
    query = select(reidentification).where(reidentification.c.id == wanted)
    return tx.execute(query.with_for_update()).first()


def child_of(tx: Transaction, wanted: UUID) -> UUID | None:
    """Return whose pseudonym a request is about."""
    query = select(reidentification.c.child).where(reidentification.c.id == wanted)
    return tx.execute(query).scalar()


def approve(tx: Transaction, wanted: UUID, *, by: str, at: datetime) -> None:
    """Open a request for its time."""
    mine = update(reidentification).where(reidentification.c.id == wanted)
    tx.execute(mine.values(approved_by=by, approved_at=at))
