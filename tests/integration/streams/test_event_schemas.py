"""Real messages, as they lie in a real topic, are what the published schemas say."""

import base64
import json
from pathlib import Path
from threading import Event
from typing import Any

from jsonschema import (  # type: ignore[import-untyped]  # it carries no types
    Draft202012Validator,
    FormatChecker,
)

from gateway import clock
from gateway.exchange.withdraw_consent import withdraw_consent
from gateway.streams.client import text_headers
from gateway.streams.hub_client import HubClient
from gateway.streams.intake_client import Sender, handed, stream_record
from gateway.streams.recipient import Order, Outcome, receive
from gateway.streams.relay import relay_outbox
from gateway.streams.topics import intake_topic, partner_topic
from tests.integration.streams.world import (
    READER,
    SAMPLE,
    SOURCE,
    World,
    allow,
    raw_topic,
    running,
    until,
    waiting,
)

EVENTS = Path("schemas/events")


def check(schema: str, value: Any) -> None:
    found = json.loads((EVENTS / f"{schema}.schema.json").read_bytes())
    Draft202012Validator(found, format_checker=FormatChecker()).validate(value)


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
    for outcome in told:
        check("disclosed-bundle.v1", json.loads(outcome.content))


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
