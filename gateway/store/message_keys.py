"""Keys of messages under a key of what one act can stop: destroyed at once, however many there are.

What hangs from a destroyed key can be opened by nobody from that commit on; the rows of those
messages are brought in line afterwards, without hurry.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import orjson
from sqlalchemy import ColumnElement, exists, select, text, update

from gateway.store.engine import AnyRow, Transaction
from gateway.store.message_key_tables import message_key
from gateway.store.tables import delivery
from gateway.store.vault import Vault, decrypt, encrypt, new_key

SETTLE_AT_ONCE: Final = 500

_OPEN = text("""
select message_key.id, message_key.wrapped_key, child, partner, purpose, data_class, source
  from json_populate_recordset(null::message_key, cast(:scopes as json)) as wanted
  join message_key using (child, partner, purpose, data_class, source)
 where message_key.wrapped_key is not null
""")
_SETTLE = text("""
update delivery set wrapped_key = null, closed_at = :at,
       state = case when state = 'released' then 'released' else 'gone' end
 where id in (select id from delivery where message_key = any(:keys) and wrapped_key is not null
               limit :limit for update skip locked)
""")
_SETTLED = text("""
update message_key set settled = true
 where id = any(:keys) and not exists (
   select from delivery d where d.message_key = message_key.id and d.wrapped_key is not null)
""")
# The same as `has_key`, in words of SQL in which a message is called `d`.
HAS_KEY: Final = """(d.wrapped_key is not null and (d.message_key is null or exists (
  select from message_key m where m.id = d.message_key and m.wrapped_key is not null)))"""


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """What messages have in common that one act can stop together."""

    child: UUID
    partner: str
    purpose: str
    data_class: str
    source: str


@dataclass(frozen=True, slots=True)
class OpenKey:
    """A key that exists, under its id."""

    id: UUID
    key: bytes


def wrap(vault: Vault, content_key: bytes, delivery_id: UUID, above: OpenKey | None) -> bytes:
    """Return the key of a message under the one above it, or under the key-encryption key."""
    place = f"delivery/{delivery_id}"
    return encrypt(above.key if above else vault.key_encryption_key, content_key, place=place)


def open_keys(
    tx: Transaction, vault: Vault, scopes: Iterable[Scope], *, at: datetime
) -> Mapping[Scope, OpenKey]:
    """Return the key of each scope, made where there is none.

    The caller seals for one partner at a time and holds the locks of the children.
    """
    wanted = sorted(set(scopes))
    if not wanted:
        return {}
    rows = tx.execute(_OPEN, {"scopes": orjson.dumps(wanted).decode()})
    found = {
        Scope(row.child, row.partner, row.purpose, row.data_class, row.source): OpenKey(
            row.id, vault.unwrap(row.wrapped_key, place=_place(row.id))
        )
        for row in rows
    }
    missing = [one for one in wanted if one not in found]
    return found | _made(tx, vault, missing, at=at)


def content_keys(tx: Transaction, vault: Vault, rows: Iterable[AnyRow]) -> Mapping[UUID, bytes]:
    """Return the keys of messages that still have one; rows are those of `delivery`."""
    left = [row for row in rows if row.wrapped_key is not None]
    above = _above(tx, vault, {row.message_key for row in left if row.message_key})
    found = {
        row.id: decrypt(above[row.message_key], row.wrapped_key, place=f"delivery/{row.id}")
        for row in left
        if row.message_key in above
    }
    alone = [row for row in left if row.message_key is None]
    return found | {
        row.id: vault.unwrap(row.wrapped_key, place=f"delivery/{row.id}") for row in alone
    }


def close(tx: Transaction, *conditions: ColumnElement[bool], at: datetime) -> Sequence[UUID]:
    """Destroy the keys that meet the conditions; return their ids."""
    there = message_key.c.wrapped_key.is_not(None)
    statement = update(message_key).where(*conditions, there)
    closed = statement.values(wrapped_key=None, closed_at=at).returning(message_key.c.id)
    return tuple(tx.execute(closed).scalars())


def settle(tx: Transaction, keys: Sequence[UUID], *, limit: int, at: datetime) -> int:
    """Let up to `limit` messages under destroyed keys say so themselves; return how many."""
    given = {"keys": sorted(keys), "limit": limit, "at": at}
    return tx.execute(_SETTLE, given).rowcount if keys else 0


def settle_some(tx: Transaction, *, at: datetime) -> int:
    """Settle what acts left to be settled, a part at a time; return how many messages it was."""
    waits = message_key.c.wrapped_key.is_(None) & ~message_key.c.settled
    keys = tuple(tx.execute(select(message_key.c.id).where(waits).limit(50)).scalars())
    if not keys:
        return 0
    count = settle(tx, keys, limit=SETTLE_AT_ONCE, at=at)
    tx.execute(_SETTLED, {"keys": sorted(keys)})
    return count


def has_key() -> ColumnElement[bool]:
    """Return the condition that a message's key can still be had."""
    above = exists().where(
        message_key.c.id == delivery.c.message_key, message_key.c.wrapped_key.is_not(None)
    )
    return delivery.c.wrapped_key.is_not(None) & (delivery.c.message_key.is_(None) | above)


def _above(tx: Transaction, vault: Vault, ids: Iterable[UUID]) -> Mapping[UUID, bytes]:
    is_wanted = message_key.c.id.in_(sorted(ids)) & message_key.c.wrapped_key.is_not(None)
    rows = tx.execute(select(message_key.c.id, message_key.c.wrapped_key).where(is_wanted))
    return {row.id: vault.unwrap(row.wrapped_key, place=_place(row.id)) for row in rows}


def _made(
    tx: Transaction, vault: Vault, scopes: Iterable[Scope], *, at: datetime
) -> dict[Scope, OpenKey]:
    made = {scope: OpenKey(uuid4(), new_key()) for scope in scopes}
    rows = [
        {name: getattr(scope, name) for name in Scope.__dataclass_fields__}
        | {"id": one.id, "wrapped_key": vault.wrap(one.key, place=_place(one.id)), "opened_at": at}
        for scope, one in made.items()
    ]
    if rows:
        tx.execute(message_key.insert(), rows)
    return made


def _place(key: UUID) -> str:
    return f"message_key/{key}"
