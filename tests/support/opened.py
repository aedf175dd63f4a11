"""Open everything that some key in the database still opens, as whoever has all settings could."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select

from gateway.exchange.hub import Hub
from gateway.store.change_tables import statement_amendment
from gateway.store.engine import Transaction, transaction
from gateway.store.identity_tables import known_description
from gateway.store.lifecycle_tables import decision_basis
from gateway.store.resources import content_place
from gateway.store.tables import child, delivery, receipt, resource, resource_version
from gateway.store.vault import Unreadable, Vault, decrypt


def everything_opened(hub: Hub) -> Iterator[bytes]:
    """Yield every plain text under the key of a child or an original that is still there."""
    with transaction(hub.engine) as tx:
        originals = _originals(tx, hub.vault)
        yield from _opened(_of_children(tx), _children(tx, hub.vault))
        yield from _opened(_of_receipts(tx), originals)


def open_messages(hub: Hub) -> set[str]:
    """Return the ids of the messages whose key still exists."""
    query = select(delivery.c.id).where(delivery.c.wrapped_key.is_not(None))
    with transaction(hub.engine) as tx:
        return {str(one) for one in tx.execute(query).scalars()}


def _opened(sealed: Iterator[tuple[UUID, str, bytes]], keys: dict[UUID, bytes]) -> Iterator[bytes]:
    for owner, place, content in sealed:
        # With the owner's key gone, no other key may open it either.
        for key in [keys[owner]] if owner in keys else keys.values():
            try:
                yield decrypt(key, content, place=place)
            except Unreadable:
                assert owner not in keys, place


def _children(tx: Transaction, vault: Vault) -> dict[UUID, bytes]:
    query = select(child.c.id, child.c.wrapped_key).where(child.c.wrapped_key.is_not(None))
    return {row.id: vault.unwrap(row.wrapped_key, place=f"child/{row.id}") for row in
            tx.execute(query)}  # fmt: skip


def _originals(tx: Transaction, vault: Vault) -> dict[UUID, bytes]:
    query = select(receipt.c.id, receipt.c.wrapped_key)
    return {row.id: vault.unwrap(row.wrapped_key, place=f"receipt/{row.id}") for row in
            tx.execute(query)}  # fmt: skip


def _of_children(tx: Transaction) -> Iterator[tuple[UUID, str, bytes]]:
    for row in tx.execute(select(child.c.id, child.c.facts)):
        yield row.id, f"child/{row.id}/facts", row.facts
    for row in tx.execute(select(known_description)):
        yield row.child, f"child/{row.child}/description", row.content
    for row in tx.execute(select(decision_basis)):
        yield row.child, f"child/{row.child}/basis/{bytes(row.hash).hex()}", row.content
    versions = select(resource.c.child, resource_version).join(
        resource, resource.c.id == resource_version.c.resource
    )
    for row in tx.execute(versions):
        yield row.child, content_place(row.resource, row.version), row.content


def _of_receipts(tx: Transaction) -> Iterator[tuple[UUID, str, bytes]]:
    for row in tx.execute(select(receipt.c.id, receipt.c.original)):
        yield row.id, f"receipt/{row.id}", row.original
    pending = select(statement_amendment).where(statement_amendment.c.child.is_(None))
    for row in tx.execute(pending):
        place = f"amendment/{bytes(row.key_hash).hex()}/{row.element}"
        yield row.receipt, place, row.content
