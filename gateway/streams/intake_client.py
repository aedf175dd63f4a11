"""How a partner's program hands in a record: over HTTP, or encrypted and signed through Kafka."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any, Final

from gateway.identity.jose import encrypt_to, sign_assertion
from gateway.streams.access import OPEN, Access
from gateway.streams.client import LARGEST_MESSAGE, abandon, open_producer
from gateway.streams.hub_client import HubClient
from gateway.streams.topics import intake_topic

ASSERTION: Final = "intake+jwt"
ASSERTION_SECONDS: Final = 300
_ROOM_FOR_HEADERS: Final = 64 * 1024
_TYPES: Final = {
    ".xml": "application/xml",
    ".csv": "text/csv",
    ".json": "application/json",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A record on its way: for whom, what, and the key that makes a repeat harmless."""

    source: str
    raw: bytes
    content_type: str
    idempotency_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A partner and the private key that proves who it is."""

    partner: str
    private_jwk: Mapping[str, Any]


def handed(
    source: str, name: str, raw: bytes, *, content_type: str | None, idempotency_key: str | None
) -> Handed:
    """Describe a file; without a key of its own, its content is the key."""
    return Handed(
        source=source,
        raw=raw,
        content_type=content_type or _TYPES.get(PurePath(name).suffix.lower(), _TYPES[".xml"]),
        idempotency_key=idempotency_key or hashlib.sha256(raw).hexdigest(),
    )


def send_record(hub: HubClient, record: Handed) -> dict[str, Any]:
    """Hand in a record over HTTP and return the hub's receipt."""
    return hub.hand_in(
        record.source,
        record.raw,
        content_type=record.content_type,
        idempotency_key=record.idempotency_key,
    )


def sealed_record(
    record: Handed, sender: Sender, hub_key: Mapping[str, Any], *, issuer: str, at: datetime
) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Return value and headers for the intake topic: only the hub can read who says what."""
    proof = sign_assertion(
        sender.private_jwk,
        issuer_id=sender.partner,
        audience=issuer,
        typ=ASSERTION,
        lifetime=ASSERTION_SECONDS,
        at=at,
        claims={"sha256": hashlib.sha256(record.raw).hexdigest()},
    )
    headers = {
        "intake-assertion": proof,
        "idempotency-key": record.idempotency_key,
        "content-type": record.content_type,
    }
    value = encrypt_to(hub_key, record.raw)
    if len(value) > LARGEST_MESSAGE - _ROOM_FOR_HEADERS:
        raise ValueError("the record is too large for the stream; hand it in over HTTP")
    return value, [(name, text.encode()) for name, text in headers.items()]


def stream_record(
    hub: HubClient,
    sender: Sender,
    record: Handed,
    *,
    bootstrap: str,
    at: datetime,
    access: Access = OPEN,
) -> tuple[str, int]:
    """Hand in a record through Kafka; return the topic and the offset that the broker gave it."""
    value, headers = sealed_record(record, sender, hub.encryption_key(), issuer=hub.issuer, at=at)
    topic, producer = intake_topic(record.source), open_producer(bootstrap, access)
    try:
        # The partner as key keeps its records, and so their versions, in the order it sent them.
        key = sender.partner.encode()
        pending = producer.send(topic, value=value, key=key, headers=headers)
        return topic, pending.get(timeout=10).offset
    finally:
        abandon(producer)
