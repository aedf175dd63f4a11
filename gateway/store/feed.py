"""What lies in the feeds: the ciphertext of messages, until nobody can need it any more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import case, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.engine import AnyRow, Transaction
from gateway.store.receiving_tables import feed_message, receiving
from gateway.store.tables import delivery

NEWS: Final = "deelregie_feed"

# A notice stays: it may be the only thing that tells a service to remove something.
_DROP = text("""
delete from feed_message f using delivery d
 where d.id = f.delivery and d.kind = 'updated' and d.state in ('released', 'gone')
   and d.closed_at < :before
""")


def put(
    tx: Transaction, partner_id: str, sealed: Sequence[tuple[UUID, int, bytes]], *, at: datetime
) -> None:
    """Let messages (id, number, payload) lie in the feed of a partner; a repeat changes nothing."""
    rows = [{"delivery": one, "payload": payload, "put_at": at} for one, _, payload in sealed]
    tx.execute(upsert(feed_message).values(rows).on_conflict_do_nothing())
    ids = sorted(one for one, _, _ in sealed)
    # What was opened or destroyed meanwhile stays so; it was put there all the same.
    waiting = delivery.c.id.in_(ids) & delivery.c.sent_at.is_(None)
    state = case((delivery.c.state == "sealed", "sent"), else_=delivery.c.state)
    tx.execute(update(delivery).where(waiting).values(state=state, sent_at=at))
    reached = max(number for _, number, _ in sealed)
    values = {"put_sequence": func.greatest(receiving.c.put_sequence, reached)}
    tx.execute(update(receiving).where(receiving.c.partner == partner_id).values(values))
    tx.execute(text(f"notify {NEWS}"))


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
