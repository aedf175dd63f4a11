"""Messages as they come from the feed: CloudEvents 1.0 in JSON, with the same attributes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from gateway.streams.envelope import CONTENT_TYPES, NOTICES, Message, Unreadable


def message_of(event: Mapping[str, Any]) -> Message | Unreadable:
    """Return the message; its payload is empty when the hub keeps it no longer."""
    try:
        kind, sequence = str(event["type"]), int(event["sequence"])
        time = datetime.fromisoformat(event["time"])
        message = Message(
            id=str(event["id"]),
            type=kind,
            source=str(event["source"]),
            sequence=sequence,
            bucket=str(event["partitionkey"]),
            payload=_payload(kind, event.get("data")),
            at=time,
        )
    except (KeyError, ValueError, TypeError):
        return Unreadable("its attributes are not those of a CloudEvent of the hub")
    return message if kind in CONTENT_TYPES else Unreadable("its type is none that the hub sends")


def _payload(kind: str, data: object) -> bytes:
    if data is None:
        return b""
    return orjson.dumps(data) if kind in NOTICES else str(data).encode()
