"""Receipts: the durable promise for every record that was handed to the hub, with its original."""

import zlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.engine import AnyRow, Transaction
from gateway.store.tables import receipt, receipt_part
from gateway.store.vault import Vault, decrypt, encrypt, fingerprint, new_key


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReceipt:
    """A record as it came in; `original` holds its exact bytes."""

    id: UUID
    partner: str
    source: str
    channel: str
    idempotency_key: str
    content_type: str | None
    original: bytes
    status: str
    refused_code: str | None = None
    refused_where: str | None = None
    refused_message: str | None = None
    refused_status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPart:
    """What became of one part of a record (stored, rejected, retracted) and where it stood."""

    part: str
    outcome: str
    child: UUID | None = None
    resources: int = 0
    place: str | None = None
    field: str | None = None
    code: str | None = None
    message: str | None = None


_DESCRIPTION = (
    receipt.c.id,
    receipt.c.partner,
    receipt.c.source,
    receipt.c.channel,
    receipt.c.content_type,
    receipt.c.sha256,
    receipt.c.size,
    receipt.c.status,
    receipt.c.refused_code,
    receipt.c.refused_where,
    receipt.c.refused_message,
    receipt.c.refused_status,
    receipt.c.account,
    receipt.c.received_at,
    receipt.c.processed_at,
)

# Statements are built once: building one costs more processor time than sending it.
_FIND = select(*_DESCRIPTION).where(receipt.c.id == bindparam("wanted"))
_WHOLE = _FIND.add_columns(receipt.c.wrapped_key, receipt.c.original)
_LOCK_ACCEPTED = (
    select(receipt.c.id)
    .where(receipt.c.id == bindparam("wanted"), receipt.c.status == "accepted")
    .with_for_update(skip_locked=True)
)
_CLOSE = (
    update(receipt)
    .where(receipt.c.id == bindparam("closed"))
    .values({name: bindparam(name) for name in ("status", "account", "processed_at")})
)
_ADD_PART = receipt_part.insert()
_SAVE = upsert(receipt).on_conflict_do_nothing().returning(receipt.c.id)


def save(tx: Transaction, vault: Vault, new: NewReceipt, *, at: datetime) -> bool:
    """Store receipt and encrypted original; False when this idempotency key is known."""
    key, place = new_key(), f"receipt/{new.id}"
    values = {name: getattr(new, name) for name in NewReceipt.__dataclass_fields__} | {
        "idempotency_key": fingerprint(new.idempotency_key.encode()),
        "sha256": fingerprint(new.original),
        "size": len(new.original),
        "wrapped_key": vault.wrap(key, place=place),
        "original": encrypt(key, new.original, place=place),
        "received_at": at,
    }
    return tx.execute(_SAVE, values).first() is not None


def find(tx: Transaction, receipt_id: UUID) -> AnyRow | None:
    """Return a receipt's description, without its original."""
    return tx.execute(_FIND, {"wanted": receipt_id}).first()


def find_by_key(
    tx: Transaction, partner_id: str, source: str, idempotency_key: str
) -> AnyRow | None:
    """Return the receipt that an earlier delivery with this key was given."""
    query = select(*_DESCRIPTION).where(
        receipt.c.partner == partner_id,
        receipt.c.source == source,
        receipt.c.idempotency_key == fingerprint(idempotency_key.encode()),
    )
    return tx.execute(query).first()


def reopen(tx: Transaction, receipt_id: UUID) -> None:
    """Accept what was refused before; its original lies there already."""
    statement = update(receipt).where(receipt.c.id == receipt_id)
    tx.execute(
        statement.values(
            status="accepted",
            refused_code=None,
            refused_where=None,
            refused_message=None,
            refused_status=None,
        )
    )


def parts_of(tx: Transaction, receipt_id: UUID) -> tuple[ReceiptPart, ...]:
    """Return what became of each part, in the order of the source."""
    query = select(receipt_part).where(receipt_part.c.receipt == receipt_id)
    rows = tx.execute(query.order_by(receipt_part.c.position)).mappings()
    names = ReceiptPart.__dataclass_fields__
    return tuple(ReceiptPart(**{name: row[name] for name in names}) for row in rows)


def waiting(tx: Transaction, *, limit: int) -> tuple[UUID, ...]:
    """Return accepted receipts that nobody holds, oldest first."""
    query = (
        select(receipt.c.id)
        .where(receipt.c.status == "accepted")
        .order_by(receipt.c.received_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return tuple(tx.execute(query).scalars())


def lock_accepted(tx: Transaction, receipt_id: UUID) -> bool:
    """Take a receipt for this transaction; False when another worker has or had it."""
    return tx.execute(_LOCK_ACCEPTED, {"wanted": receipt_id}).first() is not None


def original_of(tx: Transaction, vault: Vault, receipt_id: UUID) -> bytes:
    """Return the exact bytes that came in."""
    return whole(tx, vault, receipt_id)[1]


def whole(tx: Transaction, vault: Vault, receipt_id: UUID) -> tuple[AnyRow, bytes]:
    """Return a receipt's description with the exact bytes that came in."""
    row = tx.execute(_WHOLE, {"wanted": receipt_id}).one()
    place = f"receipt/{receipt_id}"
    return row, decrypt(vault.unwrap(row.wrapped_key, place=place), row.original, place=place)


def key_of(tx: Transaction, vault: Vault, receipt_id: UUID) -> bytes:
    """Return the data key under which the original lies, for what belongs to nobody known yet."""
    query = select(receipt.c.wrapped_key).where(receipt.c.id == receipt_id)
    return vault.unwrap(tx.execute(query).scalar_one(), place=f"receipt/{receipt_id}")


def close(
    tx: Transaction,
    receipt_id: UUID,
    parts: tuple[ReceiptPart, ...],
    *,
    status: str,
    account: bytes,
    at: datetime,
) -> None:
    """Record what became of every part; the account names places and fates, never values."""
    about = {"closed": receipt_id, "account": zlib.compress(account)}
    tx.execute(_CLOSE, {**about, "status": status, "processed_at": at})
    add_parts(tx, receipt_id, parts, start=0)


def add_parts(
    tx: Transaction, receipt_id: UUID, parts: tuple[ReceiptPart, ...], *, start: int
) -> None:
    """Append parts to a receipt."""
    if parts:
        names = ReceiptPart.__dataclass_fields__
        rows = [
            {"receipt": receipt_id, "position": position}
            | {name: getattr(part, name) for name in names}
            for position, part in enumerate(parts, start=start)
        ]
        tx.execute(_ADD_PART, rows)


def settle_part(
    tx: Transaction,
    receipt_id: UUID,
    part: str,
    *,
    outcome: str,
    child: UUID | None,
    resources: int,
) -> None:
    """Replace `review` by what a person decided."""
    tx.execute(
        update(receipt_part)
        .where(
            receipt_part.c.receipt == receipt_id,
            receipt_part.c.part == part,
            receipt_part.c.outcome == "review",
        )
        .values(outcome=outcome, child=child, resources=resources)
    )


def count_attempt(tx: Transaction, receipt_id: UUID, *, give_up_after: int) -> None:
    """Count a failed attempt; after the last one the receipt waits for a person."""
    attempts = receipt.c.attempts + 1
    tx.execute(update(receipt).where(receipt.c.id == receipt_id).values(attempts=attempts))
    tx.execute(
        update(receipt)
        .where(receipt.c.id == receipt_id, receipt.c.attempts >= give_up_after)
        .values(status="failed")
    )
