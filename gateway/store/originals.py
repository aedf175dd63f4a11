"""Originals in which somebody was erased: sealed anew under another key, or wholly gone."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select, text, update

from gateway.store.change_tables import statement_amendment
from gateway.store.engine import AnyRow, Transaction
from gateway.store.receipts import key_of
from gateway.store.tables import receipt, receipt_part
from gateway.store.vault import Vault, decrypt, encrypt, fingerprint, new_key

_WITH = text("""
select receipt from receipt_part where child = :child
union select v.receipt from resource_version v join resource r on r.id = v.resource
       where r.child = :child
union select receipt from statement_end where key_hash = any(:names)
union select receipt from statement_amendment where child = :child or key_hash = any(:names)
order by 1
""")
_DROP = (
    text("delete from review_item where receipt = :receipt and part = any(:parts)"),
    text("delete from receipt_part where receipt = :receipt and part = any(:parts)"),
)
_FORGET = (
    text("delete from review_item where receipt = :receipt"),
    text("delete from receipt_part where receipt = :receipt"),
    text("""
    delete from receipt r where r.id = :receipt
       and not exists (select from resource_version x where x.receipt = r.id)
       and not exists (select from statement_end x where x.receipt = r.id)
       and not exists (select from statement_amendment x where x.receipt = r.id)
       and not exists (select from scope_delivery x where x.receipt = r.id)
    """),
)


def with_child(tx: Transaction, child_id: UUID, names: Collection[bytes]) -> tuple[UUID, ...]:
    """Return the receipts of the originals that speak, or may speak, of a child."""
    given = {"child": child_id, "names": sorted(names)}
    return tuple(tx.execute(_WITH, given).scalars())


def lock(tx: Transaction, receipt_id: UUID) -> AnyRow:
    """Return who sent an original and what it is, locked: two erasures follow each other."""
    columns = (receipt.c.partner, receipt.c.source, receipt.c.content_type, receipt.c.sha256)
    query = select(*columns).where(receipt.c.id == receipt_id)
    return tx.execute(query.with_for_update()).one()


def parts_of(tx: Transaction, receipt_id: UUID, child_id: UUID) -> frozenset[str]:
    """Return the parts of a delivery that are a child's."""
    query = select(receipt_part.c.part).where(
        receipt_part.c.receipt == receipt_id, receipt_part.c.child == child_id
    )
    return frozenset(tx.execute(query).scalars())


def reseal(
    tx: Transaction, vault: Vault, receipt_id: UUID, content: bytes, content_type: str
) -> None:
    """Put what is left in the place of an original, under a new key; a repeat of it is news again.

    Changes of statements that never arrived lie under the original's key: they are sealed anew.
    """
    old, new, place = key_of(tx, vault, receipt_id), new_key(), f"receipt/{receipt_id}"
    _reseal_amendments(tx, receipt_id, old, new)
    tx.execute(
        update(receipt)
        .where(receipt.c.id == receipt_id)
        .values(
            wrapped_key=vault.wrap(new, place=place),
            original=encrypt(new, content, place=place),
            content_type=content_type,
            idempotency_key=fingerprint(new_key()),
            sha256=fingerprint(content),
            size=len(content),
        )
    )


def _reseal_amendments(tx: Transaction, receipt_id: UUID, old: bytes, new: bytes) -> None:
    mine = (statement_amendment.c.receipt == receipt_id) & statement_amendment.c.child.is_(None)
    for row in tx.execute(select(statement_amendment).where(mine)).all():
        place = f"amendment/{bytes(row.key_hash).hex()}/{row.element}"
        sealed = encrypt(new, decrypt(old, row.content, place=place), place=place)
        this = (
            (statement_amendment.c.partner == row.partner)
            & (statement_amendment.c.key_hash == row.key_hash)
            & (statement_amendment.c.element == row.element)
        )
        tx.execute(update(statement_amendment).where(this).values(content=sealed))


def drop_parts(tx: Transaction, receipt_id: UUID, parts: Sequence[str]) -> None:
    """Forget what became of some parts, and what a person was asked about them."""
    given = {"receipt": receipt_id, "parts": list(parts)}
    for statement in _DROP:
        tx.execute(statement, given)


def forget(tx: Transaction, receipt_id: UUID) -> None:
    """Forget a delivery with nobody left in it; a shell stays only if something names it."""
    for statement in _FORGET:
        tx.execute(statement, {"receipt": receipt_id})


def has_others(tx: Transaction, receipt_id: UUID, child_id: UUID) -> bool:
    """Whether a delivery is linked to some other child."""
    query = select(receipt_part.c.part).where(
        receipt_part.c.receipt == receipt_id,
        receipt_part.c.child.is_not(None),
        receipt_part.c.child != child_id,
    )
    return tx.execute(query.limit(1)).first() is not None
