"""Write the message of a delivery: a sealed and padded Bundle, or a notice that names messages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import orjson

from adapters.contract import dump
from gateway.exchange.deliveries.park_delivery import ContentGone
from gateway.exchange.deliveries.size_class import padded
from gateway.exchange.disclose import shape
from gateway.exchange.hub import Hub
from gateway.identity.jose import seal
from gateway.store import children, consents, corrections, outbox, stopping
from gateway.store.engine import AnyRow, Transaction
from gateway.store.outbox import ENDED, NewDelivery
from gateway.store.resources import StoredResource
from gateway.store.vault import new_key

UPDATED_TYPE = "be.deelregie.record.updated.v1"
WITHDRAWN_TYPE = "be.deelregie.consent.withdrawn.v1"
ENDED_TYPE = "be.deelregie.record.ended.v1"


ChildKeys: TypeAlias = Mapping[UUID, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """One message as it goes on the wire; a notice carries only message ids."""

    delivery: str
    partner: str
    sequence: int
    type: str
    bucket: str
    jwe: bytes


def child_keys(tx: Transaction, hub: Hub, of_children: Iterable[UUID]) -> ChildKeys:
    """Return the data keys of these children; of one who was erased there is none."""
    wrapped = children.wrapped_keys(tx, of_children)
    return {one: children.open_key(hub.vault, one, found) for one, found in wrapped.items()}


def known_delivery(row: AnyRow) -> NewDelivery:
    """Return a delivery as it was stored."""
    names = NewDelivery.__dataclass_fields__
    return NewDelivery(**{name: getattr(row, name) for name in names})


def blank_message(hub: Hub, delivery: NewDelivery) -> Sealed:
    """Return a message that uses its number and holds nothing, under a key that nobody keeps."""
    payload = seal(new_key(), str(delivery.id), padded(b"{}"))
    return _sealed(hub, delivery, UPDATED_TYPE, payload)


def write_message(
    tx: Transaction,
    hub: Hub,
    delivery: NewDelivery,
    stored: StoredResource | None,
    key: bytes | None,
    *,
    keys: ChildKeys,
) -> Sealed:
    """Return the message of a delivery: `stored` under `key`, or without them a notice.

    Raises `ContentGone` when the child's key was destroyed, `TooLarge` if no message can carry it.
    """
    if delivery.kind == ENDED:
        return _sealed(hub, delivery, ENDED_TYPE, _ended_ids(tx, hub, delivery))
    if stored is None or key is None:
        return _sealed(hub, delivery, WITHDRAWN_TYPE, _withdrawn_ids(tx, delivery))
    child_key = keys.get(delivery.child)
    if child_key is None:
        raise ContentGone
    content = shape(
        hub, delivery.partner, child_key, stored, extract=delivery.effect == "extract"
    ).content
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": content}]}
    return _sealed(hub, delivery, UPDATED_TYPE, seal(key, str(delivery.id), padded(dump(bundle))))


def _withdrawn_ids(tx: Transaction, delivery: NewDelivery) -> bytes:
    if delivery.route:
        return _named("withdrawn", outbox.received_by_route(tx, delivery.route))
    withdrawn = [consents.stopped_part(tx, one) for one in delivery.consents]
    stopped = [one for one in withdrawn if one]
    read = [found for one in stopped for found in outbox.received(tx, one, delivery.partner)]
    # What ended by itself names its messages one by one: others of its scope may go on.
    ended = [] if withdrawn else stopping.told_by(tx, delivery.outbox)
    return _named("withdrawn", [*read, *ended])


def _ended_ids(tx: Transaction, hub: Hub, delivery: NewDelivery) -> bytes:
    """Name the messages that were opened, and diagnoses by the reader's own ids."""
    told = corrections.told_by(tx, delivery.outbox)
    messages = [one.delivery for one in told if one.delivery]
    messages += stopping.told_by(tx, delivery.outbox)
    named: dict[str, list[str]] = {"ended": [str(one) for one in dict.fromkeys(messages)]}
    if told:
        read = {hub.vault.pairwise(delivery.partner, one.resource) for one in told}
        named["resources"] = sorted(read)
    return orjson.dumps(named)


def _named(what: str, read: Iterable[UUID]) -> bytes:
    return orjson.dumps({what: [str(found) for found in read]})


def _sealed(hub: Hub, delivery: NewDelivery, kind: str, payload: bytes) -> Sealed:
    return Sealed(
        delivery=str(delivery.id),
        partner=delivery.partner,
        sequence=delivery.sequence,
        type=kind,
        bucket=hub.vault.bucket(delivery.partner, delivery.child),
        jwe=payload,
    )
