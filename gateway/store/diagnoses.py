"""What sources stated about disorders and what was derived of it, with the versions that ended."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, or_, select

from gateway.store.engine import AnyRow, Transaction
from gateway.store.resources import ASSERTION, KEPT, LEADING, StoredResource, content_place
from gateway.store.tables import receipt, resource, resource_version
from gateway.store.vault import decrypt

# Who said a leading diagnosis; read only beside it (`diagnoses/show_provenance.py`).
PROVENANCE = "provenance"
# A derived diagnosis that led and leads no more: read only by who had it before.
ENDED = "ended"
# A derived diagnosis of a wrong link: kept as evidence, about nobody and read by nobody.
UNDONE = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A stored Condition with where it came from, whatever became of it since."""

    stored: StoredResource
    key_hash: bytes
    source: str
    receipt: UUID


_CONDITIONS = (
    select(
        resource.c.id,
        resource.c.child,
        resource.c.partner,
        resource.c.type,
        resource.c.data_class,
        resource.c.about,
        resource.c.flags,
        resource.c.layer,
        resource.c.version,
        resource.c.asserted_at,
        resource.c.status,
        resource_version.c.content,
        resource_version.c.recorded_at,
        resource.c.key_hash,
        receipt.c.source,
        receipt.c.id.label("receipt"),
    )
    .join(
        resource_version,
        (resource_version.c.resource == resource.c.id)
        & (resource_version.c.version == resource.c.version),
    )
    .join(receipt, receipt.c.id == resource_version.c.receipt)
    .where(
        resource.c.child == bindparam("of"),
        resource.c.type == "Condition",
        resource.c.layer.in_((ASSERTION, LEADING)),
        or_(resource.c.layer == ASSERTION, resource.c.status != UNDONE),
        resource.c.status != KEPT,
    )
    .order_by(resource.c.id)
)
_LEADING_NOW = select(resource.c.key_hash, resource.c.id, resource.c.version).where(
    resource.c.child == bindparam("of"),
    resource.c.layer == LEADING,
    resource.c.status == "active",
)
_PROVENANCES = (
    select(resource.c.id, resource_version.c.version, resource_version.c.content)
    .join(
        resource_version,
        (resource_version.c.resource == resource.c.id)
        & (resource_version.c.version == resource.c.version),
    )
    .where(resource.c.child == bindparam("of"), resource.c.layer == PROVENANCE)
)


def conditions(tx: Transaction, child_id: UUID) -> tuple[tuple[Told, ...], tuple[Told, ...]]:
    """Return every statement about disorders of a child, and everything derived of them."""
    known = [_told(row) for row in tx.execute(_CONDITIONS, {"of": child_id})]
    return (
        tuple(one for one in known if one.stored.layer == ASSERTION),
        tuple(one for one in known if one.stored.layer == LEADING),
    )


def provenances(tx: Transaction, key: bytes, child_id: UUID) -> tuple[tuple[UUID, bytes], ...]:
    """Return id and opened content of everything kept on who said what, in force or not."""
    return tuple(
        (row.id, decrypt(key, row.content, place=content_place(row.id, row.version)))
        for row in tx.execute(_PROVENANCES.order_by(resource.c.id), {"of": child_id})
    )


def leading_now(tx: Transaction, child_id: UUID) -> dict[bytes, tuple[UUID, int]]:
    """Return id and version of every derived diagnosis that stands, by its business key."""
    rows = tx.execute(_LEADING_NOW, {"of": child_id})
    return {bytes(row.key_hash): (row.id, row.version) for row in rows}


def _told(row: AnyRow) -> Told:
    values: dict[str, Any] = row._asdict()
    kept = {name: values[name] for name in StoredResource.__dataclass_fields__}
    kept |= {"about": frozenset(row.about), "flags": frozenset(row.flags)}
    beside = {name: values[name] for name in ("key_hash", "source", "receipt")}
    return Told(stored=StoredResource(**kept), **beside)
