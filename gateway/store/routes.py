"""Legal routes: a holder that speaks without consent, who reviewed it, and when the family is told.

The record lies encrypted under the child's key; the clear columns name services, never a person.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, exists, func, literal_column, or_, select, update

from gateway.store.engine import AnyRow, Transaction
from gateway.store.lifecycle_tables import family_notice, legal_route, route_review
from gateway.store.tables import access_log, delivery
from gateway.store.vault import decrypt, encrypt

JUSTIFIED, UNJUSTIFIED, UNCLEAR = "justified", "unjustified", "unclear"
FINDINGS: Final = (JUSTIFIED, UNJUSTIFIED, UNCLEAR)
_FINDINGS = (
    select(func.json_object_agg(route_review.c.capacity, route_review.c.finding))
    .where(route_review.c.route == legal_route.c.id)
    .scalar_subquery()
)
_LISTED = select(
    *[column for column in legal_route.c if column.name not in {"record", "said"}],
    func.coalesce(_FINDINGS, literal_column("'{}'::json")).label("findings"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRoute:
    """A route that was invoked; `content` is the record and the answer, as JSON bytes."""

    id: UUID
    child: UUID
    ground: str
    source: str
    recipient: str
    purpose: str
    resources: tuple[UUID, ...]
    idempotency_key: bytes
    said: bytes
    invoked_at: datetime
    ends_at: datetime | None
    review_due_at: datetime | None
    notify_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFinding:
    """What one reviewer found in one capacity; `reasons` is for other reviewers only."""

    route: UUID
    capacity: str
    reviewer: str
    finding: str
    reasons: str


def save(tx: Transaction, key: bytes, new: NewRoute, content: bytes) -> None:
    """Store a route whose record is complete."""
    values = {name: getattr(new, name) for name in NewRoute.__dataclass_fields__}
    values |= {"resources": list(new.resources), "complete": True}
    values["record"] = encrypt(key, content, place=_place(new.id))
    tx.execute(legal_route.insert().values(values))


def find(tx: Transaction, route: UUID) -> AnyRow | None:
    """Return one route, or None."""
    return tx.execute(select(legal_route).where(legal_route.c.id == route)).first()


def find_by_key(tx: Transaction, source: str, idempotency_key: bytes) -> AnyRow | None:
    """Return the route that an earlier call with this key made."""
    same = (legal_route.c.source == source) & (legal_route.c.idempotency_key == idempotency_key)
    return tx.execute(select(legal_route).where(same)).first()


def content_of(key: bytes, route: AnyRow) -> bytes:
    """Return the record and answer of a route as they were stored."""
    return decrypt(key, route.record, place=_place(route.id))


def runs(route: AnyRow, *, at: datetime) -> bool:
    """Whether something may still go on a route."""
    return route.ended_at is None and (route.ends_at is None or at < route.ends_at)


def end(tx: Transaction, route: UUID, *, at: datetime) -> bool:
    """End a route; False when it had ended."""
    running = (legal_route.c.id == route) & legal_route.c.ended_at.is_(None)
    return tx.execute(update(legal_route).where(running).values(ended_at=at)).rowcount == 1


def tell_on(tx: Transaction, route: UUID, *, on: datetime, at: datetime) -> bool:
    """Move the moment at which the family is told; False once it has been told."""
    waits = (legal_route.c.id == route) & (legal_route.c.notify_at > at)
    if tx.execute(update(legal_route).where(waits).values(notify_at=on)).rowcount == 0:
        return False
    notices = (family_notice.c.subject == str(route)) & (family_notice.c.release_at > at)
    tx.execute(update(family_notice).where(notices).values(release_at=on))
    return True


def to_review(tx: Transaction) -> tuple[AnyRow, ...]:
    """Return the routes that are or were to be reviewed, with findings, the first due first."""
    due = _LISTED.where(legal_route.c.review_due_at.is_not(None))
    return tuple(tx.execute(due.order_by(legal_route.c.review_due_at, legal_route.c.id)))


def everything(tx: Transaction) -> tuple[AnyRow, ...]:
    """Return every route with its findings, without its record, oldest first."""
    return tuple(tx.execute(_LISTED.order_by(legal_route.c.invoked_at, legal_route.c.id)))


def file_finding(tx: Transaction, key: bytes, new: NewFinding, *, at: datetime) -> None:
    """Store a finding; the caller holds the child's lock and knows that none is there yet."""
    place = _finding_place(new.route, new.capacity)
    tx.execute(
        route_review.insert().values(
            route=new.route,
            capacity=new.capacity,
            reviewer=new.reviewer,
            finding=new.finding,
            reasons=encrypt(key, new.reasons.encode(), place=place),
            reviewed_at=at,
        )
    )


def findings_of(tx: Transaction, route: UUID) -> tuple[AnyRow, ...]:
    """Return the findings about a route, the first filed first."""
    query = select(route_review).where(route_review.c.route == route)
    return tuple(tx.execute(query.order_by(route_review.c.reviewed_at)))


def reasons_of(key: bytes, finding: AnyRow) -> str:
    """Return why a reviewer found what it found."""
    place = _finding_place(finding.route, finding.capacity)
    return decrypt(key, finding.reasons, place=place).decode()


def told_to_family(child: UUID, *, at: datetime) -> ColumnElement[bool]:
    """Return the condition on lines of the log that the family may see now.

    A line belongs to a route by its correlation: the route's id, or that of one of its messages.
    While a route waits, what its recipient was denied does not show either: it would ask a family
    why that service knows the child. Nor does what its holder asked the hub about that recipient.
    """
    waits = (legal_route.c.child == child) & (legal_route.c.notify_at > at)
    acts = select(cast(legal_route.c.id, Text)).where(waits)
    messages = (
        select(cast(delivery.c.id, Text))
        .join(legal_route, legal_route.c.id == delivery.c.route)
        .where(waits)
    )
    line = access_log.c.correlation
    of_none = or_(line.is_(None), line.not_in(acts.union_all(messages)))
    recipients = select(legal_route.c.recipient).where(waits)
    denied = (access_log.c.outcome == "deny") & access_log.c.partner.in_(recipients)
    told_to = func.concat("to/", legal_route.c.recipient) == func.any(access_log.c.resources)
    named = exists().where(waits, legal_route.c.source == access_log.c.partner, told_to)
    # A route to the same service that may be told has its own line; those that wait fell out above.
    of_told = line.in_(select(cast(legal_route.c.id, Text)).where(legal_route.c.child == child))
    # A line without a partner is denied to nobody.
    return of_none & denied.is_not(True) & or_(~named, of_told.is_(True))


def _place(route: UUID) -> str:
    return f"route/{route}"


def _finding_place(route: UUID, capacity: str) -> str:
    return f"route/{route}/{capacity}"
