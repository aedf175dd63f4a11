"""What lies in the feeds: the ciphertext of messages, until nobody can need it any more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import case, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.engine import AnyRow, Transaction
from gateway.store.receiving import BY_FEED
from gateway.store.receiving_tables import feed_message, receiving
from gateway.store.tables import delivery

NEWS: Final = "deelregie_feed"

# A notice stays: it may be the only thing that tells a service to remove something.
_DROP = text("""
delete from feed_message f using delivery d
 where d.id = f.delivery and d.kind = 'updated' and d.state in ('released', 'gone')
   and d.closed_at < :before
""")

# Up to here a page has no gap: another process may have put a later number first.
_REACHED = text("""
update receiving r set put_sequence = greatest(r.put_sequence, coalesce(
  (select min(d.sequence) - 1 from delivery d left join feed_message f on f.delivery = d.id
    where d.partner = r.partner and d.sequence > r.put_sequence and d.state = 'sealed'
      and f.delivery is null),
  (select max(d.sequence) from delivery d where d.partner = r.partner), 0))
 where r.partner = :partner
""")


def put(
    tx: Transaction, partner_id: str, sealed: Sequence[tuple[UUID, int, bytes]], *, at: datetime
) -> int:
    """Let messages (id, number, payload) lie in the feed of a partner; a repeat changes nothing.

    Return how many; none if the partner receives through Kafka by now, so that they go there.
    """
    # One at a time, and none while the way changes.
    mine = receiving.c.partner == partner_id
    way = tx.execute(select(receiving.c.way).where(mine).with_for_update()).scalar_one_or_none()
    if way not in BY_FEED:
        return 0
    rows = [{"delivery": one, "payload": payload, "put_at": at} for one, _, payload in sealed]
    tx.execute(upsert(feed_message).values(rows).on_conflict_do_nothing())
    _mark_put(tx, sorted(one for one, _, _ in sealed), at=at)
    tx.execute(_REACHED, {"partner": partner_id})
    tx.execute(text(f"notify {NEWS}"))
    return len(rows)


def _mark_put(tx: Transaction, ids: Sequence[UUID], *, at: datetime) -> None:
    # Everybody locks deliveries in the order of their ids, so that nobody waits in a circle.
    query = select(delivery.c.id).where(delivery.c.id.in_(ids)).order_by(delivery.c.id)
    tx.execute(query.with_for_update())
    # What was opened or destroyed meanwhile stays so; it was put there all the same.
    waiting = delivery.c.id.in_(ids) & delivery.c.sent_at.is_(None)
    state = case((delivery.c.state == "sealed", "sent"), else_=delivery.c.state)
    tx.execute(update(delivery).where(waiting).values(state=state, sent_at=at))


def page(tx: Transaction, partner_id: str, *, after: int, limit: int) -> tuple[AnyRow, ...]:
    """Return a partner's messages after a number, in order; `size` in bytes, null when not here.

    By the messages and not by what lies in the feed, so that every number has its row.
    """
    query = (
        select(
            delivery.c.id,
            delivery.c.sequence,
            delivery.c.kind,
            delivery.c.child,
            delivery.c.state,
            delivery.c.sealed_at,
            func.length(feed_message.c.payload).label("size"),
        )
        .outerjoin(feed_message, feed_message.c.delivery == delivery.c.id)
        .where(delivery.c.partner == partner_id, delivery.c.sequence > after)
    )
    return tuple(tx.execute(query.order_by(delivery.c.sequence).limit(limit)))


def payloads(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """Return what lies in the feed under these ids."""
    query = select(feed_message.c.delivery, feed_message.c.payload)
    rows = tx.execute(query.where(feed_message.c.delivery.in_(ids)))
    return {row.delivery: row.payload for row in rows}


def last_sequence(tx: Transaction, partner_id: str) -> int:
    """Return the highest number that a partner's messages have."""
    query = text("select last_sequence from partner_stream where partner = :partner")
    return int(tx.execute(query, {"partner": partner_id}).scalar_one_or_none() or 0)


def drop(tx: Transaction, *, before: datetime) -> int:
    """Delete the ciphertext of messages whose key was released or destroyed before an instant."""
    return tx.execute(_DROP, {"before": before}).rowcount
