"""Messages to partners: CloudEvents 1.0 in Kafka's binary mode, with a sealed payload.

Every attribute is readable by whoever runs the broker; none says who the child is or what is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event, to_binary_event
from cloudevents.core.exceptions import BaseCloudEventException
from cloudevents.core.v1.event import CloudEvent

RECORD_UPDATED: Final = "be.deelregie.record.updated.v1"
CONSENT_WITHDRAWN: Final = "be.deelregie.consent.withdrawn.v1"
RECORD_ENDED: Final = "be.deelregie.record.ended.v1"
NOTICES: Final = frozenset({CONSENT_WITHDRAWN, RECORD_ENDED})
"""What tells nothing new: its value, in the clear, names messages that were read."""
CONTENT_TYPES: Final = {RECORD_UPDATED: "application/jose"} | dict.fromkeys(
    NOTICES, "application/json"
)

# The CloudEvents extension `sequence` orders by text: as many digits as a 64-bit number has.
_SEQUENCE_DIGITS: Final = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message to one partner; the payload is a compact JWE, or the message ids of a notice."""

    id: str
    type: str
    source: str
    sequence: int
    bucket: str
    payload: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that is none of the hub's."""

    reason: str


def to_kafka(message: Message) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Return key, value and headers of a message."""
    attributes = {
        "id": message.id,
        "source": message.source,
        "type": message.type,
        "time": message.at,
        "sequence": f"{message.sequence:0{_SEQUENCE_DIGITS}d}",
        "partitionkey": message.bucket,
        "datacontenttype": CONTENT_TYPES[message.type],
    }
    binary = to_binary_event(CloudEvent(attributes, message.payload))
    return message.bucket.encode(), binary.value, list(binary.headers.items())


def from_kafka(
    key: bytes | None, value: bytes | None, headers: Mapping[str, str]
) -> Message | Unreadable:
    """Return the message that lies in a topic, or why it is none of the hub's."""
    encoded = {name: text.encode() for name, text in headers.items()}
    try:
        event = from_binary_event(KafkaMessage(encoded, key, value or b""))
        sequence, time = int(event.get_extension("sequence")), event.get_time()
    except (BaseCloudEventException, ValueError, TypeError):
        return Unreadable("its attributes are not those of a CloudEvent of the hub")
    # The library makes up an id where there is none; no message of the hub is without a payload.
    known = "ce_id" in headers and event.get_type() in CONTENT_TYPES
    if time is None or not value or not known:
        return Unreadable("its type or its payload is none that the hub sends")
    return Message(
        id=event.get_id(),
        type=event.get_type(),
        source=event.get_source(),
        sequence=sequence,
        bucket=str(event.get_extension("partitionkey")),
        payload=value,
        at=time,
    )
