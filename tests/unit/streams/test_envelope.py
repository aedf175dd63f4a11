from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.streams.envelope import (
    CONSENT_WITHDRAWN,
    RECORD_UPDATED,
    Message,
    Unreadable,
    from_kafka,
    to_kafka,
)

UPDATED = Message(
    id="6dbd3a5e-9b5f-4e0c-9f6e-2f4d3a0f0f11",
    type=RECORD_UPDATED,
    source="https://hub.example",
    sequence=42,
    bucket="a7",
    payload=b"eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVydGV4dA.dGFn",
    at=datetime(2026, 11, 21, 12, 0, tzinfo=UTC),
)
WITHDRAWN = replace(UPDATED, type=CONSENT_WITHDRAWN, payload=b'{"withdrawn":[]}')


def headers_of(message: Message) -> dict[str, str]:
    return {name: value.decode() for name, value in to_kafka(message)[2]}


def test_a_message_is_a_cloud_event_in_binary_mode() -> None:
    key, value, _ = to_kafka(UPDATED)
    assert key == b"a7"
    assert value == UPDATED.payload
    assert headers_of(UPDATED) == {
        "ce_specversion": "1.0",
        "ce_id": UPDATED.id,
        "ce_source": "https://hub.example",
        "ce_type": "be.deelregie.record.updated.v1",
        "ce_time": "2026-11-21T12:00:00Z",
        "ce_sequence": "0000000000000000042",
        "ce_partitionkey": "a7",
        "content-type": "application/jose",
    }


def test_sequences_order_as_text_as_they_do_as_numbers() -> None:
    numbers = [1, 9, 10, 99, 100, 2**62]
    texts = [headers_of(replace(UPDATED, sequence=number))["ce_sequence"] for number in numbers]
    assert sorted(texts) == texts


@pytest.mark.parametrize("message", [UPDATED, WITHDRAWN])
def test_what_is_sent_is_what_is_read(message: Message) -> None:
    key, value, _ = to_kafka(message)
    assert from_kafka(key, value, headers_of(message)) == message


@pytest.mark.parametrize("missing", ["ce_id", "ce_source", "ce_type", "ce_sequence"])
def test_a_message_without_an_attribute_is_none_of_the_hub(missing: str) -> None:
    key, value, _ = to_kafka(UPDATED)
    headers = {name: text for name, text in headers_of(UPDATED).items() if name != missing}
    if missing == "ce_id":
        # The library invents an id where there is none; the hub's messages always have one.
        headers["ce_specversion"] = "1.0"
    assert isinstance(from_kafka(key, value, headers), Unreadable)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ce_specversion", "9.9"),
        ("ce_sequence", "many"),
        ("ce_time", "yesterday"),
        ("ce_type", "be.somebody.else.v1"),
        ("ce_id", ""),
    ],
)
def test_a_strange_attribute_makes_a_message_unreadable(name: str, text: str) -> None:
    key, value, _ = to_kafka(UPDATED)
    headers = headers_of(UPDATED) | {name: text}
    assert isinstance(from_kafka(key, value, headers), Unreadable)


@pytest.mark.parametrize("value", [None, b""])
def test_a_message_without_a_payload_is_none_of_the_hub(value: bytes | None) -> None:
    assert isinstance(from_kafka(b"a7", value, headers_of(UPDATED)), Unreadable)


def test_any_bytes_are_read_without_an_exception() -> None:
    assert isinstance(from_kafka(b"\xff", b"\xff\x00", {}), Unreadable)
    assert isinstance(from_kafka(b"\xff", b"\xff", headers_of(UPDATED)), Unreadable)
