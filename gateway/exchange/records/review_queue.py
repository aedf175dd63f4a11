"""What waits for a person beside identity: refused parts, questions, ends of what nobody knows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.exchange.hub import Hub
from gateway.store import access_log, reviews
from gateway.store.engine import AnyRow, transaction

# Matches are decided with `link_identity`; a breach belongs to the data protection officer.
ELSEWHERE: Final = frozenset({reviews.IDENTITY_MATCH, reviews.BREACH})


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One finding: its place in the source and its code, never the value that stood there."""

    id: str
    kind: str
    receipt: str
    part: str
    evidence: dict[str, Any]
    raised_at: datetime


def reviews_to_do(hub: Hub) -> tuple[Review, ...]:
    """Return what waits for an operator, oldest first."""
    with transaction(hub.engine) as tx:
        waiting = reviews.open_items(tx)
    return tuple(_review(row) for row in waiting if row.kind not in ELSEWHERE)


def close_review(hub: Hub, item: str, *, by: str, at: datetime) -> bool:
    """Record that a person dealt with a finding; False if nothing of this kind waits."""
    with transaction(hub.engine) as tx:
        found = reviews.lock_open(tx, item)
        if found is None or found.kind in ELSEWHERE:
            return False
        reviews.decide(tx, found.id, "seen", by=by, at=at)
        access_log.append(
            tx,
            access_log.Entry(
                at=at,
                act="review_closed",
                actor=by,
                outcome="done",
                resources=(f"receipt/{found.receipt}",),
            ),
        )
    return True


def _review(row: AnyRow) -> Review:
    return Review(
        id=str(row.id),
        kind=row.kind,
        receipt=str(row.receipt),
        part=row.part,
        evidence=row.evidence,
        raised_at=row.raised_at,
    )
