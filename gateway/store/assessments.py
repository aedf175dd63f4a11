"""What services found about whether a minor can decide; reasons lie under the child's key."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from gateway.store.engine import Transaction
from gateway.store.lifecycle_tables import capacity_assessment
from gateway.store.vault import decrypt, encrypt


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One assessment; the last one of a child counts, unless it is contested."""

    id: UUID
    child: UUID
    partner: str
    outcome: str
    reasons: bytes
    assessor: bytes
    assessed_at: datetime
    contested_at: datetime | None = None
    contested_by: UUID | None = None
    settled_at: datetime | None = None


def seal_words(key: bytes, assessment_id: UUID, field: str, words: str) -> bytes:
    """Return reasons or assessor encrypted under the child's key, for this place only."""
    return encrypt(key, words.encode(), place=_place(assessment_id, field))


def open_words(key: bytes, assessment_id: UUID, field: str, sealed: bytes) -> str:
    """Return what was written."""
    return decrypt(key, sealed, place=_place(assessment_id, field)).decode()


def insert(tx: Transaction, assessment: Assessment) -> None:
    """Store a new assessment; it settles every contest of an earlier one of this child."""
    earlier = capacity_assessment.c.child == assessment.child
    contested = earlier & capacity_assessment.c.contested_at.is_not(None)
    waits = contested & capacity_assessment.c.settled_at.is_(None)
    settle = update(capacity_assessment).where(waits)
    tx.execute(settle.values(settled_at=assessment.assessed_at))
    values = {name: getattr(assessment, name) for name in Assessment.__dataclass_fields__}
    tx.execute(capacity_assessment.insert().values(**values))


def of_child(tx: Transaction, child: UUID) -> tuple[Assessment, ...]:
    """Return the assessments of a child, the one that counts first."""
    query = select(capacity_assessment).where(capacity_assessment.c.child == child)
    newest = (capacity_assessment.c.assessed_at.desc(), capacity_assessment.c.id)
    return tuple(Assessment(**row._asdict()) for row in tx.execute(query.order_by(*newest)))


def find(tx: Transaction, assessment_id: UUID) -> Assessment | None:
    """Return one assessment, or None."""
    query = select(capacity_assessment).where(capacity_assessment.c.id == assessment_id)
    row = tx.execute(query).first()
    return Assessment(**row._asdict()) if row else None


def contest(tx: Transaction, assessment_id: UUID, *, by: UUID, at: datetime) -> bool:
    """Let an assessment wait for another; False when that was so already."""
    this = capacity_assessment.c.id == assessment_id
    once = this & capacity_assessment.c.contested_at.is_(None)
    statement = update(capacity_assessment).where(once)
    return tx.execute(statement.values(contested_at=at, contested_by=by)).rowcount == 1


def _place(assessment_id: UUID, field: str) -> str:
    return f"assessment/{assessment_id}/{field}"
