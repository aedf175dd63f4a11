"""Deliveries whose ground may be gone: keys that nobody asked for yet, and readers to be told."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, text, update

from gateway.store.engine import AnyRow, Transaction
from gateway.store.outbox import WITHDRAWN, destroy_keys
from gateway.store.tables import delivery, outbox

# Locked in the order of ids, as everybody does. What was read stays until its reader was told:
# by a notice of its own, or by that of a stop whose scope it is in.
_OPEN = text("""
select d.id, d.partner, d.resource, d.purpose, d.effect, d.state, d.wrapped_key is not null as key
  from delivery d join resource r on r.id = d.resource
 where d.child = :child and d.kind = 'updated' and d.route is null
   and (cast(:partners as text[]) is null or d.partner = any(:partners))
   and (cast(:consent as uuid) is null or :consent = any(d.consents))
   and (d.wrapped_key is not null or (d.state = 'released' and d.notice is null and not exists (
     select from outbox w join consent k on k.id = w.consent
      where w.kind = 'withdrawn' and w.child = d.child and w.partner = d.partner
        and w.queued_at >= d.sealed_at
        and (k.classes is null or r.data_class = any(k.classes))
        and (k.purpose is null or k.purpose = d.purpose))))
 order by d.id for update of d
""")


def open_deliveries(
    tx: Transaction,
    child_id: UUID,
    partners: Iterable[str] | None,
    *,
    resting_on: UUID | None = None,
) -> Sequence[AnyRow]:
    """Return, locked, what some partners (None: any) can ask the key of, or read untold.

    With `resting_on` only what was sealed on that decision, alone or with others.
    """
    names = None if partners is None else sorted(partners)
    given = {"child": child_id, "partners": names, "consent": resting_on}
    return tx.execute(_OPEN, given).all()


def tell(
    tx: Transaction, partner_id: str, child_id: UUID, ids: Sequence[UUID], *, at: datetime
) -> None:
    """Queue one notice that these messages may be used no further."""
    row = {"partner": partner_id, "child": child_id, "kind": WITHDRAWN, "queued_at": at}
    queued = tx.execute(outbox.insert().values(row).returning(outbox.c.id)).scalar_one()
    tx.execute(update(delivery).where(delivery.c.id.in_(ids)).values(notice=queued))
    tx.execute(text("notify deelregie_outbox"))


def told_by(tx: Transaction, notice: int) -> tuple[UUID, ...]:
    """Return the messages that a notice is about, in their order."""
    query = select(delivery.c.id).where(delivery.c.notice == notice)
    return tuple(tx.execute(query.order_by(delivery.c.sequence)).scalars())


def destroy_of_partner(tx: Transaction, child_id: UUID, partner_id: str, *, at: datetime) -> int:
    """Destroy every key of a child's messages to a partner; return how many."""
    mine = (delivery.c.child == child_id) & (delivery.c.partner == partner_id)
    return _destroy(tx, mine, at=at)


def _destroy(tx: Transaction, condition: ColumnElement[bool], *, at: datetime) -> int:
    query = select(delivery.c.id).where(condition, delivery.c.wrapped_key.is_not(None))
    ids = tx.execute(query.order_by(delivery.c.id).with_for_update()).scalars().all()
    destroy_keys(tx, ids, at=at)
    return len(ids)
