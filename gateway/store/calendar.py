"""What the calendar looks for: decisions whose last day passed, children by age, routes that end.

Each question names the next children in the order of their ids, so that a pass can stop anywhere
and go on there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store import consents
from gateway.store.consents import ConsentRow
from gateway.store.engine import AnyRow, Transaction
from gateway.store.lifecycle_tables import (
    age_event,
    calendar_day,
    consent_event,
    legal_route,
    route_review,
)
from gateway.store.tables import consent, outbox

REMIND_BEFORE = timedelta(days=30)
REVIEWERS = 2
HELD = "held"
# A day that was kept says nothing any more once this many have followed.
_KEPT_DAYS = timedelta(days=400)

_RUNNING_GRANT = """
    effect = 'grant' and withdrawn_at is null and superseded_at is null and ended_at is null
"""
_NOT_REMINDED = """
    contested_at is null and not exists (
      select from family_notice n
       where n.person = k.person and n.kind = 'consent_ends_soon' and n.subject = k.id::text
         and n.day = k.until)
"""
_WITH_CONSENTS_DUE = text(f"""
select distinct child from consent k
 where {_RUNNING_GRANT} and child > :after
   and (until < :today or (until <= :soon and {_NOT_REMINDED}))
 order by child limit :limit
""")  # noqa: S608 - the conditions are this module's own
_CHILDREN_AFTER = text("""
select c.id, c.wrapped_key, c.facts, c.known_since,
       array(select e.event from age_event e where e.child = c.id) as happened
  from child c where c.id > :after and c.wrapped_key is not null order by c.id limit :limit
""")
_WITH_ROUTES_OVER = text("""
select distinct child from legal_route
 where ended_at is null and ends_at <= :at and child > :after order by child limit :limit
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How far one day is: the last child that was looked at, and whether all were."""

    reached: UUID
    done: bool


def with_consents_due(tx: Transaction, *, today: date, after: UUID, limit: int) -> tuple[UUID, ...]:
    """Return the next children with a grant that ended, or that ends soon and nobody was told."""
    given = {"today": today, "soon": today + REMIND_BEFORE, "after": after, "limit": limit}
    return tuple(tx.execute(_WITH_CONSENTS_DUE, given).scalars())


def running(tx: Transaction, child_id: UUID) -> tuple[ConsentRow, ...]:
    """Return the decisions about a child that nobody stopped or replaced and that did not end.

    The caller holds the child's lock.
    """
    return tuple(
        one
        for one in consents.of_child(tx, child_id)
        if one.withdrawn_at is None and one.superseded_at is None and one.ended_at is None
    )


def end(tx: Transaction, ids: Iterable[UUID], *, channel: str, at: datetime) -> None:
    """Let decisions end by themselves, and keep that in their history."""
    ended = sorted(ids)
    tx.execute(update(consent).where(consent.c.id.in_(ended)).values(ended_at=at))
    event = {"act": "ended", "at": at, "actor": "hub", "channel": channel}
    tx.execute(consent_event.insert(), [event | {"consent": one} for one in ended])


def begin_day(tx: Transaction, day: date) -> bool:
    """Begin a day; False when it had begun before."""
    tx.execute(delete(calendar_day).where(calendar_day.c.day < day - _KEPT_DAYS))
    statement = upsert(calendar_day).values(day=day).on_conflict_do_nothing()
    return tx.execute(statement.returning(calendar_day.c.day)).first() is not None


def kept(tx: Transaction, day: date) -> Kept:
    """Return how far a day is that has begun."""
    row = tx.execute(select(calendar_day).where(calendar_day.c.day == day)).one()
    return Kept(reached=row.reached or UUID(int=0), done=row.done_at is not None)


def reach(tx: Transaction, day: date, child_id: UUID) -> None:
    """Remember that a day is this far; another process may be further."""
    statement = update(calendar_day).where(
        calendar_day.c.day == day,
        func.coalesce(calendar_day.c.reached, UUID(int=0)) < child_id,
    )
    tx.execute(statement.values(reached=child_id))


def finish_day(tx: Transaction, day: date, *, at: datetime) -> None:
    """Remember that every child was looked at on a day."""
    open_day = (calendar_day.c.day == day) & calendar_day.c.done_at.is_(None)
    tx.execute(update(calendar_day).where(open_day).values(done_at=at))


def children_after(tx: Transaction, after: UUID, *, limit: int) -> Sequence[AnyRow]:
    """Return the next children, still encrypted, with what happened to them because of age."""
    return tx.execute(_CHILDREN_AFTER, {"after": after, "limit": limit}).all()


def happen(tx: Transaction, child_id: UUID, event: str, *, at: datetime) -> bool:
    """Let something happen to a child because of its age; False when it had happened before."""
    statement = upsert(age_event).values(child=child_id, event=event, done_at=at)
    done = tx.execute(statement.on_conflict_do_nothing().returning(age_event.c.event))
    return done.first() is not None


def release_held(tx: Transaction) -> int:
    """Let what was held be decided again; return how much."""
    statement = update(outbox).where(outbox.c.state == HELD).values(state="due")
    released = tx.execute(statement).rowcount
    if released:
        tx.execute(text("notify deelregie_outbox"))
    return released


def with_routes_over(tx: Transaction, *, at: datetime, after: UUID, limit: int) -> tuple[UUID, ...]:
    """Return the next children about whom a legal route reached its end."""
    given = {"at": at, "after": after, "limit": limit}
    return tuple(tx.execute(_WITH_ROUTES_OVER, given).scalars())


def end_routes(tx: Transaction, child_id: UUID, *, at: datetime) -> tuple[UUID, ...]:
    """End the legal routes about a child whose time is over; return which."""
    over = legal_route.c.ended_at.is_(None) & (legal_route.c.ends_at <= at)
    statement = update(legal_route).where(legal_route.c.child == child_id, over)
    ended = tx.execute(statement.values(ended_at=at).returning(legal_route.c.id))
    return tuple(sorted(ended.scalars()))


def routes_told_after(tx: Transaction, child_id: UUID, moment: datetime) -> Sequence[AnyRow]:
    """Return the legal routes of which a family is told at or after a moment."""
    query = select(
        legal_route.c.id, legal_route.c.recipient, legal_route.c.invoked_at, legal_route.c.notify_at
    ).where(legal_route.c.child == child_id, legal_route.c.notify_at >= moment)
    return tx.execute(query.order_by(legal_route.c.id)).all()


def reviews_overdue(tx: Transaction, *, at: datetime) -> int:
    """Return how many legal routes still miss a review that should have been there."""
    reviews = (
        select(func.count())
        .select_from(route_review)
        .where(route_review.c.route == legal_route.c.id)
        .scalar_subquery()
    )
    query = select(func.count()).where(legal_route.c.review_due_at < at, reviews < REVIEWERS)
    return tx.execute(query.select_from(legal_route)).scalar_one()
