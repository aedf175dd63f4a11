"""The queue for a person: matches, rejected parts, questions, conflicts, breaches and so on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.engine import AnyRow, Transaction
from gateway.store.identity_tables import review_item
from gateway.store.tables import receipt

IDENTITY_MATCH, REJECTED_PART, VANISHED_STATEMENT = "identity_match", "rejected_part", "vanished"
BREACH, NUMBER_OF_TWO = "breach", "number_of_two_children"
# What only a person may decide; an end or change of something that never arrived; two versions of
# one statement from one moment.
QUESTION, UNKNOWN_STATEMENT, CONFLICT = "question", "unknown_statement", "conflict"
# What may be either of two children's, and is shown with neither since a wrong link was undone. No
# conflict: its delivery may have raised one about the same statement, which a person closed.
NOT_TOLD_APART = "not_told_apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReview:
    """Something a person must decide; `evidence` holds what agreed, never the values."""

    kind: str
    receipt: UUID | None = None
    part: str
    candidates: tuple[UUID, ...] = ()
    evidence: dict[str, Any]
    subject: bytes | None = None
    """Of a finding about a person: the keyed hash of what the source calls that person by."""


def raise_review(tx: Transaction, new: NewReview, *, at: datetime) -> None:
    """Queue an item once; a repeat of the same finding is no second item."""
    statement = upsert(review_item).values(
        id=uuid4(),
        kind=new.kind,
        receipt=new.receipt,
        part=new.part,
        candidates=list(new.candidates),
        evidence=new.evidence,
        subject=new.subject,
        raised_at=at,
    )
    tx.execute(statement.on_conflict_do_nothing())


def is_open(tx: Transaction, kind: str, subject: bytes) -> bool:
    """Whether a finding about the same subject waits already."""
    query = select(review_item.c.id).where(
        review_item.c.kind == kind,
        review_item.c.subject == subject,
        review_item.c.state == "open",
    )
    return tx.execute(query).first() is not None


def open_items(tx: Transaction) -> tuple[AnyRow, ...]:
    """Return what waits for a person, oldest first."""
    query = select(review_item).where(review_item.c.state == "open")
    return tuple(tx.execute(query.order_by(review_item.c.raised_at, review_item.c.id)))


def lock_open(tx: Transaction, item: str, *, wait: bool = True) -> AnyRow | None:
    """Return an open item, locked until the decision commits; None for what is no id too.

    Without `wait` also None while somebody else is deciding it.
    """
    try:
        wanted = UUID(item)
    except ValueError:
        return None
    query = select(review_item).where(review_item.c.id == wanted, review_item.c.state == "open")
    return tx.execute(query.with_for_update(skip_locked=not wait)).first()


def open_matches(tx: Transaction) -> tuple[AnyRow, ...]:
    """Return the matches that wait with their source, oldest first."""
    query = (
        select(review_item, receipt.c.source, receipt.c.partner)
        .join(receipt, receipt.c.id == review_item.c.receipt)
        .where(review_item.c.state == "open", review_item.c.kind == IDENTITY_MATCH)
    )
    return tuple(tx.execute(query.order_by(review_item.c.raised_at, review_item.c.id)))


def decide(tx: Transaction, item_id: UUID, decision: str, *, by: str, at: datetime) -> None:
    """Close an item with a person's decision."""
    statement = update(review_item).where(review_item.c.id == item_id)
    tx.execute(statement.values(state="decided", decision=decision, decided_by=by, decided_at=at))
