"""Who received a statement that no longer holds, and was told so (GDPR, article 19).

Received is what was opened from a message, or read over HTTP; who received nothing is told nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text, update

from gateway.store.diagnosis_tables import corrected
from gateway.store.engine import AnyRow, Transaction
from gateway.store.message_keys import HAS_KEY
from gateway.store.outbox import ENDED, destroy_keys
from gateway.store.tables import delivery, outbox

# A version that was told to be wrong once needs no second notice.
_RECEIVED = text("""
select d.partner, d.resource, d.version, d.id as delivery
  from delivery d
 where d.child = :child and d.kind = 'updated' and d.state = 'released'
   and d.resource = any(:resources)
   and not exists (select from corrected c where c.delivery = d.id)
union
select l.partner, cast(split_part(r, '/', 1) as uuid), cast(split_part(r, '/', 2) as integer), null
  from access_log l, unnest(l.resources) r
 where l.child = :child and l.act in ('read', 'search', 'emergency_access')
   and l.outcome in ('permit', 'redact') and l.partner is not null
   and r = any(select each::text || '/' || v.version
                 from unnest(cast(:resources as uuid[])) each
                 join resource_version v on v.resource = each)
   and not exists (
     select from corrected c
      where c.partner = l.partner and c.resource = cast(split_part(r, '/', 1) as uuid)
        and c.version = cast(split_part(r, '/', 2) as integer) and c.delivery is null)
order by 1, 2, 3, 4
""")
_HAD = text("""
select exists (
  select from delivery d
   where d.partner = :partner and d.resource = :resource and d.state = 'released')
or exists (
  select from access_log l join resource r on r.id = :resource, unnest(l.resources) one
   where l.child = r.child and l.partner = :partner
     and l.act in ('read', 'search', 'emergency_access') and l.outcome in ('permit', 'redact')
     and one like cast(:resource as text) || '/%')
""")
_OLDER = text(f"""
select d.id from delivery d join resource r on r.id = d.resource
 where d.child = :child and d.resource = any(:resources) and {HAS_KEY}
   and (:ended or d.version < r.version)
 order by d.id for update of d
""")  # noqa: S608 -- constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One version of a resource as a partner got it: in a message, or over HTTP."""

    partner: str
    resource: UUID
    version: int
    delivery: UUID | None


def received(tx: Transaction, child_id: UUID, resources: Iterable[UUID]) -> tuple[Received, ...]:
    """Return who has what of some resources and was not told yet that it no longer holds."""
    given = {"child": child_id, "resources": sorted(resources)}
    return tuple(Received(**row._asdict()) for row in tx.execute(_RECEIVED, given))


def has_received(tx: Transaction, partner_id: str, resource_id: UUID) -> bool:
    """Whether a partner ever got a version of a resource, told of its end or not."""
    return bool(tx.execute(_HAD, {"partner": partner_id, "resource": resource_id}).scalar())


def tell(
    tx: Transaction, partner_id: str, child_id: UUID, what: Sequence[Received], *, at: datetime
) -> None:
    """Queue one notice that these statements no longer hold; it says nothing else."""
    row = {"partner": partner_id, "child": child_id, "kind": ENDED, "queued_at": at}
    notice = tx.execute(outbox.insert().values(row).returning(outbox.c.id)).scalar_one()
    told = [
        {
            "notice": notice,
            "partner": one.partner,
            "resource": one.resource,
            "version": one.version,
            "delivery": one.delivery,
        }
        for one in what
    ]
    tx.execute(corrected.insert(), told)
    # What a notice of a stop names stays that notice's; both are told.
    opened = delivery.c.id.in_([one.delivery for one in what if one.delivery])
    statement = update(delivery).where(opened, delivery.c.notice.is_(None))
    tx.execute(statement.values(notice=notice))
    tx.execute(text("notify deelregie_outbox"))


def told_by(tx: Transaction, notice: int) -> tuple[AnyRow, ...]:
    """Return resource and message of everything a notice is about, in a stable order."""
    query = select(corrected.c.resource, corrected.c.delivery).where(corrected.c.notice == notice)
    return tuple(tx.execute(query.order_by(corrected.c.id)))


def destroy_older(
    tx: Transaction, child_id: UUID, resources: Iterable[UUID], *, ended: bool, at: datetime
) -> int:
    """Destroy the keys of messages with an earlier version of these, or with any when they ended.

    So every service sees the same version of one diagnosis, or nothing. Returns how many.
    """
    given = {"child": child_id, "resources": sorted(resources), "ended": ended}
    ids = tuple(tx.execute(_OLDER, given).scalars())
    destroy_keys(tx, ids, at=at)
    return len(ids)
