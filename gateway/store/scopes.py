"""What a delivery is complete for, and what deliveries of it said: names are hashes."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.change_tables import scope_delivery
from gateway.store.engine import Transaction

_DELIVER = (
    upsert(scope_delivery)
    .on_conflict_do_update(
        index_elements=["partner", "scope_hash", "sha256"],
        # Read again by a newer adapter, the same bytes may be complete after all.
        set_={"complete": scope_delivery.c.complete | upsert(scope_delivery).excluded.complete},
    )
)  # fmt: skip
_DELIVERED = select(scope_delivery.c.asserted_at).where(
    scope_delivery.c.partner == bindparam("by"),
    scope_delivery.c.scope_hash == bindparam("scope"),
    scope_delivery.c.complete,
)
# One statement for any number of rows: each on its own costs the writer and the database more.
_SAY = text("""
insert into scope_statement as s (partner, scope_hash, key_hash, said_at)
select :partner, :scope, name, :order from unnest(cast(:names as bytea[])) as new(name)
on conflict (partner, scope_hash, key_hash) do update set said_at = excluded.said_at
 where excluded.said_at collate "C" > s.said_at collate "C"
""")
_LEFT_OUT = text("""
select key_hash from scope_statement
 where partner = :partner and scope_hash = :scope and said_at collate "C" < :newest
 order by key_hash
""")


# A picture (the child's id, then its source) replaces only what its own service delivered.
_MOVING = text("""
select distinct scope_hash from scope_delivery
 where partner = :old and not substring(scope_hash from 17) = any(cast(:pictures as bytea[]))
 order by scope_hash
""")
_HAND_OVER = (
    text("""
insert into scope_delivery as d (partner, scope_hash, sha256, asserted_at, complete, receipt)
select :into, scope_hash, sha256, asserted_at, complete, receipt from scope_delivery
 where partner = :old and scope_hash = any(:scopes)
on conflict (partner, scope_hash, sha256) do update
   set asserted_at = greatest(d.asserted_at collate "C", excluded.asserted_at),
       complete = d.complete or excluded.complete
"""),
    text("""
insert into scope_statement as s (partner, scope_hash, key_hash, said_at)
select :into, scope_hash, key_hash, said_at from scope_statement
 where partner = :old and scope_hash = any(:scopes)
on conflict (partner, scope_hash, key_hash) do update
   set said_at = greatest(s.said_at collate "C", excluded.said_at)
"""),
    text("delete from scope_statement where partner = :old and scope_hash = any(:scopes)"),
    text("delete from scope_delivery where partner = :old and scope_hash = any(:scopes)"),
)
_NEWEST = text("""
select asserted_at, receipt from scope_delivery
 where partner = :partner and scope_hash = :scope and complete
 order by asserted_at collate "C" desc limit 1
""")


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest complete delivery of a scope."""

    scope: bytes
    order: str
    receipt: UUID


def name_of_child(child_id: UUID, name: bytes) -> bytes:
    """Return under which name a picture of one child ends a statement, and no other child's.

    A source calls a team or an organisation by one key in every child's picture.
    """
    return hashlib.sha256(child_id.bytes + name).digest()


def order_known(tx: Transaction, partner_id: str, scope: bytes, sha256: bytes) -> str | None:
    """Return the order of the delivery of a scope with these exact bytes, if it came before."""
    query = select(scope_delivery.c.asserted_at).where(
        scope_delivery.c.partner == partner_id,
        scope_delivery.c.scope_hash == scope,
        scope_delivery.c.sha256 == sha256,
    )
    return tx.execute(query).scalar()


def deliver(
    tx: Transaction,
    partner_id: str,
    scope: bytes,
    sha256: bytes,
    *,
    order: str,
    receipt: UUID,
    complete: bool,
) -> str:
    """Record a delivery of a scope; return the order of the newest that was complete."""
    mine = {"partner": partner_id, "scope_hash": scope, "sha256": sha256, "complete": complete}
    tx.execute(_DELIVER, mine | {"asserted_at": order, "receipt": receipt})
    known = tx.execute(_DELIVERED, {"by": partner_id, "scope": scope}).scalars()
    return max((str(one) for one in known), default="")


def say(
    tx: Transaction, partner_id: str, scope: bytes, names: Collection[bytes], *, order: str
) -> None:
    """Record what a delivery of a scope says, also about children who are not known yet."""
    if names:
        about = {"partner": partner_id, "scope": scope, "order": order}
        tx.execute(_SAY, {**about, "names": sorted(set(names))})


def left_out(tx: Transaction, partner_id: str, scope: bytes, newest: str) -> tuple[bytes, ...]:
    """Return what earlier deliveries of a scope said, and the newest one does not."""
    given = {"partner": partner_id, "scope": scope, "newest": newest}
    return tuple(bytes(one) for one in tx.execute(_LEFT_OUT, given).scalars())


def hand_over(
    tx: Transaction, old: str, into: str, *, sources: Collection[str]
) -> tuple[Newest, ...]:
    """Let what a service's deliveries were complete for count for its successor.

    Return the newest delivery of each scope that moved. What is a picture from one of the `sources`
    stays where it is.
    """
    pictures = [source.encode() for source in sorted(sources)]
    rows = tx.execute(_MOVING, {"old": old, "pictures": pictures}).scalars()
    moving = [bytes(one) for one in rows]
    if moving:
        for statement in _HAND_OVER:
            tx.execute(statement, {"old": old, "into": into, "scopes": moving})
    found = [(one, tx.execute(_NEWEST, {"partner": into, "scope": one}).first()) for one in moving]
    return tuple(
        Newest(scope, row.asserted_at, row.receipt) for scope, row in found if row is not None
    )
