"""Changes of single elements: kept encrypted, also when what they change is not there yet."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from adapters.contract import dump, load
from gateway.exchange.hub import Hub
from gateway.fhir.standing import Amended
from gateway.store import children, receipts, statements
from gateway.store.engine import Transaction
from gateway.store.statements import Amendment
from gateway.store.vault import decrypt, encrypt

Amendments = Mapping[bytes, Mapping[str, Amended]]
"""By the name of a statement: the newest change of each element."""


def as_bytes(value: Any) -> bytes:
    """Return what stands in an element as JSON, with decimals as the source spelled them."""
    return dump({"value": value})


def as_value(raw: bytes) -> Any:
    """Return what `as_bytes` wrote."""
    return load(raw)["value"]


def keep_amendment(
    tx: Transaction,
    hub: Hub,
    partner: str,
    name: bytes,
    *,
    element: str,
    new: Amended,
    child: UUID | None,
    receipt: UUID,
) -> bool:
    """Remember a change, unless a newer one is known; False if another says otherwise at once.

    Two changes at one moment with different values contradict each other; the greater bytes stand.
    """
    rows = statements.amendments_of(tx, [partner], [name])
    known = next((one for one in rows if one.element == element), None)
    said = _open(tx, hub, known) if known else None
    agrees = said is None or said.order != new.order or said == new
    if said is not None and said >= new:
        return agrees
    content = encrypt(_key(tx, hub, child, receipt), new.value, place=_place(name, element))
    statements.record_amendment(
        tx,
        partner,
        Amendment(
            key_hash=name,
            element=element,
            asserted_at=new.order,
            child=child,
            content=content,
            receipt=receipt,
        ),
    )
    return agrees


def opened_amendments(
    tx: Transaction,
    hub: Hub,
    key: bytes,
    *,
    child: UUID,
    partner: str,
    names: Collection[bytes],
) -> Amendments:
    """Return the changes of a child's statements; they lie under the child's key from now on."""
    found: dict[bytes, dict[str, Amended]] = defaultdict(dict)
    for one in statements.amendments_of(tx, [partner], names):
        opened = _open(tx, hub, one)
        found[bytes(one.key_hash)][one.element] = opened
        if one.child != child:
            sealed = encrypt(key, opened.value, place=_place(one.key_hash, one.element))
            statements.seal_amendment(tx, partner, one, child, sealed)
    return found


def hand_over_amendment(tx: Transaction, hub: Hub, one: Amendment, old: str, into: str) -> None:
    """Let a change by a service be its successor's, unless that one knows of a newer one."""
    if one.child is None or children.key_of(tx, hub.vault, one.child) is not None:
        keep_amendment(
            tx,
            hub,
            into,
            one.key_hash,
            element=one.element,
            new=_open(tx, hub, one),
            child=one.child,
            receipt=one.receipt,
        )
    statements.forget_amendment(tx, old, one)


def _open(tx: Transaction, hub: Hub, one: Amendment) -> Amended:
    key = _key(tx, hub, one.child, one.receipt)
    return Amended(
        one.asserted_at, decrypt(key, one.content, place=_place(one.key_hash, one.element))
    )


def _key(tx: Transaction, hub: Hub, child: UUID | None, receipt: UUID) -> bytes:
    if child is None:
        return receipts.key_of(tx, hub.vault, receipt)
    found = children.key_of(tx, hub.vault, child)
    assert found is not None
    return found


def _place(name: bytes, element: str) -> str:
    return f"amendment/{bytes(name).hex()}/{element}"
