"""What a delivery is complete for, and what deliveries of it said: names are hashes."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.change_tables import scope_delivery, scope_statement
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
_NEW = upsert(scope_statement)
_SAY = _NEW.on_conflict_do_update(
    index_elements=["partner", "scope_hash", "key_hash"],
    set_={"said_at": _NEW.excluded.said_at},
    where=_NEW.excluded.said_at.collate("C") > scope_statement.c.said_at.collate("C"),
)
_LEFT_OUT = text("""
select key_hash from scope_statement
 where partner = :partner and scope_hash = :scope and said_at collate "C" < :newest
 order by key_hash
""")


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
    about = {"partner": partner_id, "scope_hash": scope, "said_at": order}
    if names:
        tx.execute(_SAY, [{**about, "key_hash": name} for name in sorted(set(names))])


def left_out(tx: Transaction, partner_id: str, scope: bytes, newest: str) -> tuple[bytes, ...]:
    """Return what earlier deliveries of a scope said, and the newest one does not."""
    given = {"partner": partner_id, "scope": scope, "newest": newest}
    return tuple(bytes(one) for one in tx.execute(_LEFT_OUT, given).scalars())
