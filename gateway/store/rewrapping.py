"""Wrap every data key anew, so that backups from before open under no key any more.

Whoever has an old backup and the key-encryption key of that day reads what was erased since. So
that key is replaced and destroyed after erasures, at the pace at which backups are kept.
"""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from sqlalchemy import Engine, Table, select, true, update

from gateway.store.engine import AnySelect, Transaction, transaction
from gateway.store.message_key_tables import message_key
from gateway.store.tables import child, delivery, receipt
from gateway.store.vault import Unreadable, Vault

WRAPPED: Final = (child, receipt, delivery, message_key)
"""The tables with a `wrapped_key`; its place is the table's name and the row's id."""
# The key of a message that hangs from another one lies under that one.
_DIRECTLY: Final = {delivery.name: delivery.c.message_key.is_(None)}

BATCH: Final = 500
# More than one, because one may be damaged.
AT_AN_END: Final = 3


def rewrap(engine: Engine, old: Vault, new: Vault) -> int:
    """Wrap under the new key what lies under the old one; return how many keys. May be repeated.

    Raises `Unreadable` when a key opens under neither.
    """
    return sum(_rewrap_table(engine, table, old, new) for table in WRAPPED)


def some_wrapped(tx: Transaction) -> Iterator[list[tuple[str, bytes]]]:
    """Yield places and wrapped keys of the first, and of the last, rows of tables that have any."""
    for table in WRAPPED:
        query = _keys_in(table).limit(AT_AN_END)
        for order in (table.c.id.asc(), table.c.id.desc()):
            rows = tx.execute(query.order_by(order)).all()
            if rows:
                yield [(f"{table.name}/{row.id}", row.wrapped_key) for row in rows]


def _keys_in(table: Table) -> AnySelect:
    directly = _DIRECTLY.get(table.name, true())
    return select(table.c.id, table.c.wrapped_key).where(table.c.wrapped_key.is_not(None), directly)


def _rewrap_table(engine: Engine, table: Table, old: Vault, new: Vault) -> int:
    done, after = 0, UUID(int=0)
    while True:
        query = _keys_in(table).where(table.c.id > after)
        with transaction(engine) as tx:
            # Locked, so that a key that is destroyed meanwhile does not come back.
            rows = tx.execute(query.order_by(table.c.id).limit(BATCH).with_for_update()).all()
            for row in rows:
                wrapped = _under_new(row.wrapped_key, old, new, place=f"{table.name}/{row.id}")
                if wrapped is not None:
                    mine = update(table).where(table.c.id == row.id)
                    tx.execute(mine.values(wrapped_key=wrapped))
                    done += 1
        if not rows:
            return done
        after = rows[-1].id


def _under_new(wrapped: bytes, old: Vault, new: Vault, *, place: str) -> bytes | None:
    try:
        new.unwrap(wrapped, place=place)
    except Unreadable:
        return new.wrap(old.unwrap(wrapped, place=place), place=place)
    return None
