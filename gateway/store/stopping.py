"""Deliveries whose ground may be gone: keys that nobody asked for yet, and readers to be told."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, text, update

from gateway.store.engine import AnyRow, Transaction
from gateway.store.message_keys import HAS_KEY, has_key
from gateway.store.outbox import WITHDRAWN, destroy_keys
from gateway.store.tables import delivery, outbox

# Whether a stop (`k`, of the notice `w`) was about this message: of its class, for its purpose, and
# said by whom it names, or by whoever goes on for that one.
_MEANT = """
  k.id is not null and (k.classes is null or r.data_class = any(k.classes))
  and (k.purpose is null or k.purpose = d.purpose)
  and (k.sources is null or r.partner = any(k.sources) or exists (
    select from partner heir join partner old on old.id = any(heir.predecessors)
     where heir.id = r.partner and old.id = any(k.sources) and old.kind = heir.kind
       and old.secrecy is not distinct from heir.secrecy
       and old.youth_help is not distinct from heir.youth_help))
"""
# A notice that was still to go when its reader merged went to the successor.
_TOLD = """
  w.kind = 'withdrawn' and w.child = d.child and w.queued_at >= d.sealed_at
  and (w.partner = d.partner or exists (
    select from partner heir where heir.id = w.partner and d.partner = any(heir.predecessors)))
"""
# Locked in the order of ids, as everybody does. What was read stays until its reader was told:
# by a notice of its own, or by that of a stop whose scope it is in.
_OPEN = text(f"""
select d.id, d.partner, d.resource, d.purpose, d.effect, d.state, {HAS_KEY} as key
  from delivery d join resource r on r.id = d.resource
 where d.child = :child and d.kind = 'updated' and d.route is null
   and (cast(:partners as text[]) is null or d.partner = any(:partners))
   and (cast(:consent as uuid) is null or :consent = any(d.consents))
   and ({HAS_KEY} or (d.state = 'released' and d.notice is null and not exists (
     select from outbox w join consent k on k.id = w.consent where {_TOLD} and {_MEANT})))
 order by d.id for update of d
""")  # noqa: S608 -- constants only
# What was read stays until its reader was told: that it ended, or to use it no further.
_ENDED = text(f"""
select d.id, d.partner, d.resource, d.version, d.state, r.data_class,
       {HAS_KEY} as key, r.status <> 'active' as over
  from delivery d join resource r on r.id = d.resource
 where d.child = :child and d.kind = 'updated'
   and ((r.status <> 'active' and ({HAS_KEY} or d.state = 'released')
         and d.notice is null and not exists (
           select from outbox w left join consent k on k.id = w.consent
            where {_TOLD} and (w.route = d.route or (d.route is null and {_MEANT}))))
     or (d.resource = any(cast(:corrected as uuid[])) and d.version < r.version
         and d.state in ('sealed', 'sent') and {HAS_KEY} and d.route is null))
 order by d.id for update of d
""")  # noqa: S608 -- idem


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


def ended_deliveries(
    tx: Transaction, child_id: UUID, corrected: Iterable[UUID]
) -> Sequence[AnyRow]:
    """Return, locked, what tells of a statement that is over, unread or read untold.

    And of what was corrected the unread messages with an earlier version, which a newer one
    replaces; a legal route has no newer one, so that its messages stay.
    """
    given = {"child": child_id, "corrected": sorted(corrected)}
    return tx.execute(_ENDED, given).all()


def tell(
    tx: Transaction,
    partner_id: str,
    child_id: UUID,
    ids: Sequence[UUID],
    *,
    kind: str = WITHDRAWN,
    at: datetime,
) -> None:
    """Queue one notice that these messages may be used no further, or that what they say ended."""
    row = {"partner": partner_id, "child": child_id, "kind": kind, "queued_at": at}
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
    query = select(delivery.c.id).where(condition, has_key())
    ids = tx.execute(query.order_by(delivery.c.id).with_for_update()).scalars().all()
    destroy_keys(tx, ids, at=at)
    return len(ids)
