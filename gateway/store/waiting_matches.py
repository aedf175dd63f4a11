"""Records that wait for a person: by what a child that becomes known later is found for them.

Two transactions may miss each other: one lets a record wait while the other makes a child known. So
a child is matched only after every transaction that was under way when it was known has ended.
"""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.engine import AnyRow, Transaction
from gateway.store.identity_tables import review_item, waiting_key
from gateway.store.reviews import IDENTITY_MATCH

_OPEN: Final = (review_item.c.state == "open") & (review_item.c.kind == IDENTITY_MATCH)
_LOOK_AGAIN: Final = text("""
insert into match_again (child) values (:child) on conflict (child) do update set seen = null
""")
_SEEN: Final = text("""
update match_again set seen = pg_snapshot_xmax(pg_current_snapshot())
 where child in (select child from match_again where seen is null for update skip locked)
""")
_RIPE: Final = text("""
select child, seen::text as seen from match_again
 where seen <= pg_snapshot_xmin(pg_current_snapshot()) order by child limit :limit
""")
_DONE: Final = text("""
delete from match_again where child = :child and seen = cast(:seen as xid8)
""")
# What more keys agree on comes first, as where a record looks for children.
_RESEMBLE: Final = text("""
select r.id, r.receipt from waiting_key w join review_item r on r.id = w.item
 where r.state = 'open' and r.kind = 'identity_match' and :child <> all(r.candidates)
   and w.key = any(array(
     select key from match_key where child = :child
     union select p.insz_hash from family_tie t join person p on p.id = t.person
            where t.child = :child and t.relation <> 'self' and p.insz_hash is not null))
 group by r.id order by count(*) desc, r.id limit :limit
""")


def keep_keys(tx: Transaction, receipt: UUID, part: str, keys: Iterable[bytes]) -> None:
    """Let a record that waits be found by these keys; those of another are not kept twice."""
    mine = (review_item.c.receipt == receipt) & (review_item.c.part == part) & _OPEN
    statement = update(review_item).where(mine, review_item.c.keyed.is_(False))
    item = tx.execute(statement.values(keyed=True).returning(review_item.c.id)).scalar()
    rows = [{"key": key, "item": item} for key in sorted(set(keys))]
    if item is not None and rows:
        tx.execute(upsert(waiting_key).values(rows).on_conflict_do_nothing())


def forget_keys(tx: Transaction, item: UUID) -> None:
    """Let a record that was decided about be found no more."""
    tx.execute(delete(waiting_key).where(waiting_key.c.item == item))


def without_keys(tx: Transaction, *, limit: int) -> tuple[AnyRow, ...]:
    """Return records that began to wait before they had keys, in any order.

    Many that cannot be read must not keep the others waiting for ever.
    """
    query = select(review_item.c.id, review_item.c.receipt)
    query = query.where(_OPEN, review_item.c.keyed.is_(False))
    return tuple(tx.execute(query.order_by(func.random()).limit(limit)))


def look_again_at(tx: Transaction, child_id: UUID) -> None:
    """Have this child be looked for among what waits, because more is known of it now."""
    tx.execute(_LOOK_AGAIN, {"child": child_id})


def note_under_way(tx: Transaction) -> None:
    """Note which transactions are under way while these children are known already."""
    tx.execute(_SEEN)


def ready(tx: Transaction, *, limit: int) -> tuple[AnyRow, ...]:
    """Return the children that everything that waits was written beside, or after."""
    return tuple(tx.execute(_RIPE, {"limit": limit}))


def done(tx: Transaction, one: AnyRow) -> None:
    """Look for this child no more, unless it became known by more meanwhile."""
    tx.execute(_DONE, {"child": one.child, "seen": one.seen})


def resembling(tx: Transaction, child_id: UUID, *, limit: int) -> tuple[AnyRow, ...]:
    """Return the records that may be about a child which is not proposed for them yet."""
    return tuple(tx.execute(_RESEMBLE, {"child": child_id, "limit": limit}))


def propose(
    tx: Transaction, item: UUID, candidates: Iterable[UUID], evidence: dict[str, Any]
) -> None:
    """Let these be the candidates of a record that waits."""
    values = {"candidates": list(candidates), "evidence": evidence}
    mine = review_item.c.id == bindparam("item")
    tx.execute(update(review_item).where(mine).values(values), {"item": item})
