"""What services did with their copies of what a notice named, and what such a notice was about."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store import consents, corrections, outbox, stopping
from gateway.store.engine import AnyRow, Transaction
from gateway.store.outbox import NOTICES
from gateway.store.receiving_tables import notice_answer
from gateway.store.tables import delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutNotice:
    """The child of a notice, and what the decisions and classes of its messages were."""

    child: UUID
    classes: tuple[str, ...]
    consents: tuple[UUID, ...]


# As in the log of a disclosure: who may not know the decision may not know the answer either.
_ABOUT = text("""
select array_agg(distinct r.data_class order by r.data_class) as classes,
       array_agg(distinct one.consent) as consents
  from delivery d join resource r on r.id = d.resource
  left join lateral unnest(d.consents) as one(consent) on true
 where d.id = any(:read)
""")
_TOLD_AT = text("""
select p.name, a.done, a.basis, a.answered_at
  from outbox o join partner p on p.id = o.partner
  -- A merger lets a notice go once more, to the successor: what the old service got is over.
  left join delivery d on d.outbox = o.id and d.partner = o.partner
  left join notice_answer a on a.delivery = d.id
 where o.child = :child and o.kind = 'ended' and o.queued_at = :at
 order by p.name, p.id
""")


def find_notice(tx: Transaction, partner_id: str, notice: UUID) -> AnyRow | None:
    """Return a partner's own notice, or None."""
    own = (delivery.c.id == notice) & (delivery.c.partner == partner_id)
    query = select(delivery).where(own, delivery.c.kind.in_(sorted(NOTICES)))
    return tx.execute(query).one_or_none()


def about(tx: Transaction, notice: AnyRow) -> AboutNotice:
    """Return what a notice is about, by the messages that it names."""
    row = tx.execute(_ABOUT, {"read": sorted(set(_named(tx, notice)))}).one()
    consents = {one for one in row.consents or () if one} | set(notice.consents)
    return AboutNotice(
        child=notice.child, classes=tuple(row.classes or ()), consents=tuple(sorted(consents))
    )


def _named(tx: Transaction, notice: AnyRow) -> Iterator[UUID]:
    """The same messages that the notice itself names when it is written."""
    yield from stopping.told_by(tx, notice.outbox)
    yield from (one.delivery for one in corrections.told_by(tx, notice.outbox) if one.delivery)
    if notice.route:
        yield from outbox.received_by_route(tx, notice.route)
    for one in notice.consents:
        stopped = consents.stopped_part(tx, one)
        yield from outbox.received(tx, stopped, notice.partner) if stopped else ()


def told_at(tx: Transaction, child_id: UUID, at: datetime) -> tuple[AnyRow, ...]:
    """Return who was told at an instant that what it has of a child ended, and what it answered.

    `done` is null for who did not answer yet.
    """
    return tuple(tx.execute(_TOLD_AT, {"child": child_id, "at": at}))


def save(tx: Transaction, notice: UUID, done: str, *, basis: str | None, at: datetime) -> bool:
    """Keep an answer; False when the same was said before."""
    values = {"done": done, "basis": basis, "answered_at": at}
    changed = notice_answer.c.done.is_distinct_from(done) | (
        notice_answer.c.basis.is_distinct_from(basis)
    )
    statement = upsert(notice_answer).values(delivery=notice, **values)
    saved = statement.on_conflict_do_update(
        index_elements=["delivery"], set_=values, where=changed
    ).returning(notice_answer.c.delivery)
    return tx.execute(saved).first() is not None
