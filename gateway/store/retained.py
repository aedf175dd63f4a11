"""What is stored of a child, by source and class, and the tombstones that statements leave."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select, text, update

from gateway.clock import brussels_date
from gateway.store.engine import Transaction
from gateway.store.resources import ASSERTION, LEADING
from gateway.store.tables import access_log, resource, resource_version

ERASED: Final = "erased"

_STATEMENTS = text("""
select r.id, r.partner, p.source, r.data_class, r.key_hash, r.asserted_at,
       max(v.recorded_at) as heard
  from resource r join partner p on p.id = r.partner
  join resource_version v on v.resource = r.id
 where r.child = :child and r.layer = 'assertion'
 group by r.id, p.source order by r.id
""")
_RECEIPTS = text("""
select distinct v.receipt from resource_version v where v.resource = any(:ids) order by 1
""")
_OLD_VERSIONS = text("""
delete from resource_version v using resource r
 where r.id = v.resource and r.child = :child and r.layer = 'leading'
   and (v.version < r.version or :all)
""")
_CHANGES = text("""
delete from statement_amendment where child = :child and key_hash = any(:names)
""")
_SAID = text("""
delete from scope_statement s where s.key_hash = any(:names) and not exists (
  select from resource r where r.key_hash = s.key_hash and r.child <> :child)
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One statement that is stored: who made it, of which class, and when."""

    id: UUID
    partner: str
    source: str | None
    data_class: str
    name: bytes
    contact: date


def statements_of(tx: Transaction, child_id: UUID) -> tuple[Held, ...]:
    """Return every statement with content that is stored of a child, in a stable order."""
    return tuple(
        Held(
            id=row.id,
            partner=row.partner,
            source=row.source,
            data_class=row.data_class,
            name=bytes(row.key_hash),
            contact=_contact(row.asserted_at, row.heard),
        )
        for row in tx.execute(_STATEMENTS, {"child": child_id})
    )


def _contact(asserted_at: str, heard: datetime) -> date:
    """Return on which day it was said: never after it was heard, which is all that is sure."""
    last = brussels_date(heard)
    try:
        return min(date.fromisoformat(asserted_at[:10]), last)
    except ValueError:
        return last


def receipts_of(tx: Transaction, ids: Collection[UUID]) -> tuple[UUID, ...]:
    """Return with which deliveries these statements came."""
    return tuple(tx.execute(_RECEIPTS, {"ids": sorted(ids)}).scalars())


def bury(tx: Transaction, child_id: UUID, ids: Collection[UUID], names: Collection[bytes]) -> None:
    """Leave tombstones of statements: that there was one of a class, by whom, and nothing else.

    Its name leads nowhere any more, so that the same statement can be told anew.
    """
    tx.execute(delete(resource_version).where(resource_version.c.resource.in_(sorted(ids))))
    given = {"child": child_id, "names": sorted(names)}
    for statement in (_CHANGES, _SAID):
        tx.execute(statement, given)
    _mark(tx, ids)


def bury_old_diagnoses(tx: Transaction, child_id: UUID) -> None:
    """Forget how leading diagnoses stood before; with no diagnosis left, forget them altogether."""
    told = (resource.c.child == child_id) & (resource.c.type == "Condition")
    standing = select(resource.c.id).where(
        told, resource.c.layer == ASSERTION, resource.c.status != ERASED
    )
    nothing_left = tx.execute(standing.limit(1)).first() is None
    tx.execute(_OLD_VERSIONS, {"child": child_id, "all": nothing_left})
    if nothing_left:
        mine = (resource.c.child == child_id) & (resource.c.layer == LEADING)
        _mark(tx, tx.execute(select(resource.c.id).where(mine)).scalars().all())


def _mark(tx: Transaction, ids: Collection[UUID]) -> None:
    query = select(resource.c.id, resource.c.key_hash).where(resource.c.id.in_(sorted(ids)))
    for row in tx.execute(query).all():
        nameless = hashlib.sha256(bytes(row.key_hash) + row.id.bytes).digest()
        nothing = {"key_hash": nameless, "above": [], "about": [], "flags": [], "asserted_at": ""}
        mine = update(resource).where(resource.c.id == row.id)
        tx.execute(mine.values(status=ERASED, **nothing))


def lines_before(tx: Transaction, at: datetime) -> int:
    """Return how many lines of the access log are older than an instant."""
    query = select(func.count()).select_from(access_log).where(access_log.c.at < at)
    return int(tx.execute(query).scalar_one())
