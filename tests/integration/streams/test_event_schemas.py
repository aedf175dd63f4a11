"""Real messages, as they lie in a real topic, are what the published schemas say."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from threading import Event
from typing import Any

import yaml
from jsonschema import (  # type: ignore[import-untyped]  # it carries no types
    Draft202012Validator,
    FormatChecker,
)

from gateway import clock
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.exchange.records.store_record import process_accepted
from gateway.streams.client import text_headers
from gateway.streams.hub_client import HubClient
from gateway.streams.intake_client import Sender, handed, stream_record
from gateway.streams.recipient import Order, Outcome, receive
from gateway.streams.relay import relay_outbox
from gateway.streams.topics import intake_topic, partner_topic
from gateway.streams.wire import Record
from tests.integration.streams.world import (
    READER,
    SAMPLE,
    SOURCE,
    World,
    allow,
    hand_in,
    raw_topic,
    running,
    until,
    waiting,
)

EVENTS = Path("schemas/events")


ASYNCAPI: dict[str, Any] = yaml.safe_load((EVENTS / "asyncapi.yaml").read_bytes())
STRUCK = Path("schemas/sources/vaph/vaph_05_schrapping_dossier.xml")
NOOR, STRUCK_CHILD = b"19631421243", b"16660514646"


def check(schema: str, value: Any) -> None:
    found = json.loads((EVENTS / f"{schema}.schema.json").read_bytes())
    Draft202012Validator(found, format_checker=FormatChecker()).validate(value)


def agreed(reference: Mapping[str, str], value: Any) -> None:
    """Check against a schema that the AsyncAPI document refers to."""
    check(reference["$ref"].removeprefix("./").removesuffix(".schema.json"), value)


def check_as_published(record: Record) -> str:
    """Check one message against what the AsyncAPI document says of its topic; return its type."""
    channel = ASYNCAPI["channels"]["partner"]
    assert record.topic == channel["address"].format(partner=READER)
    headers, value = text_headers(record), record.value or b""
    published = [one["$ref"].rpartition("/")[2] for one in channel["messages"].values()]
    messages = [ASYNCAPI["components"]["messages"][one] for one in published]
    (message,) = [one for one in messages if one["name"] == headers["ce_type"]]
    assert headers["content-type"] == message["contentType"]
    agreed(message["headers"], headers)
    sealed = message["contentType"] == "application/jose"
    agreed(message["payload"], value.decode() if sealed else json.loads(value))
    return headers["ce_type"]


def relayed(world: World) -> None:
    with running(relay_outbox, world.hub):
        until(lambda: waiting(world) == 0)


def read(world: World) -> list[Outcome]:
    told: list[Outcome] = []
    hub = HubClient(world.hub.settings.issuer, READER, world.keys[READER])
    order = Order(bootstrap=world.bootstrap, once=True, seconds=60)
    receive(hub, order, told.append, Event())
    hub.close()
    return told


def test_messages_to_partners_are_what_the_schemas_say(served: World) -> None:
    consent = allow(served)
    relayed(served)
    told = read(served)
    withdraw_consent(served.hub, served.parent, consent, at=clock.now())
    relayed(served)
    *updates, notice = raw_topic(served.bootstrap, partner_topic(READER))
    assert updates
    for one in updates:
        headers = text_headers(one)
        check("record-updated.v1", headers)
        assert one.value is not None
        check("sealed-message.v1", one.value.decode())
        head = json.loads(base64.urlsafe_b64decode(one.value.split(b".")[0] + b"=="))
        assert head == {"alg": "dir", "enc": "A256GCM", "kid": headers["ce_id"]}
        assert one.key == headers["ce_partitionkey"].encode()
    check("consent-withdrawn.v1", text_headers(notice))
    check("withdrawal-notice.v1", json.loads(notice.value or b""))
    assert [one.state for one in told] == ["read"] * len(updates)
    inside = ASYNCAPI["components"]["messages"]["recordUpdated"]["x-decrypted-payload"]
    for outcome in told:
        agreed(inside, json.loads(outcome.content))


def test_every_type_that_the_document_names_comes_as_it_says(served: World) -> None:
    consent = allow(served)
    relayed(served)
    assert read(served)
    struck = STRUCK.read_bytes().replace(STRUCK_CHILD, NOOR).replace(b"9900789", b"9900123")
    hand_in(served.hub, record=struck)
    assert process_accepted(served.hub, limit=10, at=clock.now()) == 1
    relayed(served)
    withdraw_consent(served.hub, served.parent, consent, at=clock.now())
    relayed(served)
    records = raw_topic(served.bootstrap, partner_topic(READER))
    named = [
        ASYNCAPI["components"]["messages"][one]
        for one in ASYNCAPI["channels"]["partner"]["messages"]
    ]
    assert {check_as_published(one) for one in records} == {one["name"] for one in named}
    sequences = [text_headers(one)["ce_sequence"] for one in records]
    assert sequences == sorted(set(sequences))
    assert [int(one) for one in sequences] == list(range(1, len(records) + 1))


def test_records_on_the_intake_topic_are_what_the_schemas_say(served: World) -> None:
    sender = Sender(partner=SOURCE, private_jwk=served.keys[SOURCE])
    record = handed(
        SOURCE, SAMPLE.name, SAMPLE.read_bytes(), content_type=None, idempotency_key=None
    )
    hub = HubClient(served.hub.settings.issuer, SOURCE, served.keys[SOURCE])
    stream_record(hub, sender, record, bootstrap=served.bootstrap, at=clock.now())
    hub.close()
    (one,) = raw_topic(served.bootstrap, intake_topic(SOURCE))
    check("intake-record.v1", text_headers(one))
    assert one.value is not None
    check("encrypted-record.v1", one.value.decode())
