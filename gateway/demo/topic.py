"""The broker as whoever runs it sees it: raw messages, read with a plain Kafka client."""

import base64
import json
from dataclasses import dataclass
from typing import Any, Final

from kafka import KafkaConsumer

from gateway.demo.telling import wait_for
from gateway.streams.client import Broker, partition_of

POLL_MS: Final = 200
JWE_PARTS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMessage:
    """One message as it lies in a topic."""

    offset: int
    key: bytes
    value: bytes
    headers: dict[str, str]

    @property
    def id(self) -> str:
        """Return the message's id (CloudEvents)."""
        return self.headers["ce_id"]

    @property
    def type(self) -> str:
        """Return what kind of message it is (CloudEvents)."""
        return self.headers["ce_type"]

    @property
    def everything(self) -> str:
        """Return all of it as text, to search it for what may not be there."""
        return f"{self.key!r} {self.value!r} {self.headers}"

    @property
    def sealed_parts(self) -> list[str]:
        """Return the five parts of a sealed payload (compact JWE)."""
        return self.value.decode("ascii", "replace").split(".")

    @property
    def sealed_header(self) -> dict[str, Any]:
        """Return what a sealed payload says about itself: how it is locked, with which key."""
        header = self.sealed_parts[0]
        padded = header + "=" * (-len(header) % 4)
        return dict(json.loads(base64.urlsafe_b64decode(padded)))


def messages_in(bootstrap: str, topic: str) -> list[RawMessage]:
    """Return everything that lies in a topic, outside any consumer group."""
    if end_of(bootstrap, topic) == 0:
        return []
    place = partition_of(topic)
    consumer: Any = KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    found: list[RawMessage] = []

    def read_all() -> list[RawMessage] | None:
        found.extend(_raw(one) for one in consumer.poll(timeout_ms=POLL_MS).get(place, []))
        whole = consumer.position(place) >= consumer.end_offsets([place])[place]
        return found if whole else None

    try:
        consumer.assign([place])
        consumer.seek_to_beginning(place)
        return wait_for(f"the topic {topic} is read to its end", read_all)
    finally:
        consumer.close()


def end_of(bootstrap: str, topic: str) -> int:
    """Return how many messages were ever put into a topic; 0 if there is none."""
    broker = Broker(bootstrap)
    try:
        return broker.end_offset(topic)
    finally:
        broker.close()


def _raw(record: Any) -> RawMessage:
    headers = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}
    return RawMessage(
        offset=record.offset, key=record.key or b"", value=record.value or b"", headers=headers
    )
