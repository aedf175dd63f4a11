"""Records that come in through Kafka: proven, kept once, and never in each other's way."""

from contextlib import suppress
from dataclasses import replace
from hashlib import sha256

import pytest
from sqlalchemy import text

from gateway import clock
from gateway.embedded.kafka import Broker
from gateway.embedded.postgres import Postgres
from gateway.errors import SourceUnavailable
from gateway.identity.jose import encrypt_to, new_signing_jwk
from gateway.store.engine import transaction
from gateway.streams.client import abandon, open_producer
from gateway.streams.hub_client import HubClient
from gateway.streams.intake import consume_intake
from gateway.streams.intake_client import Handed, Sender, handed, sealed_record, stream_record
from gateway.streams.topics import intake_topic
from tests.integration.streams.world import (
    READER,
    SAMPLE,
    SOURCE,
    World,
    relay_process,
    running,
    until,
)

sockets_left = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def record(number: int) -> Handed:
    raw = SAMPLE.read_bytes() + b"<!-- %d -->" % number
    return handed(SOURCE, SAMPLE.name, raw, content_type=None, idempotency_key=None)


def sender(world: World, partner: str = SOURCE) -> Sender:
    return Sender(partner=partner, private_jwk=world.keys[partner])


def stream(world: World, one: Handed, by: Sender | None = None) -> None:
    hub = HubClient(world.hub.settings.issuer, SOURCE, world.keys[SOURCE])
    stream_record(hub, by or sender(world), one, bootstrap=world.bootstrap, at=clock.now())
    hub.close()


def put(world: World, value: bytes | None, headers: list[tuple[str, bytes]]) -> None:
    producer = open_producer(world.bootstrap)
    producer.send(intake_topic(SOURCE), value=value, key=b"k", headers=headers).get(10)
    abandon(producer)


def kept(world: World) -> list[bytes]:
    """Return the hashes of what came in through Kafka, in the order in which it was kept."""
    query = text("select sha256 from receipt where channel = 'kafka' order by received_at, id")
    with transaction(world.hub.engine) as tx:
        return [bytes(one) for one in tx.execute(query).scalars()]


def digest(one: Handed) -> bytes:
    return sha256(one.raw).digest()


def test_a_streamed_record_is_kept_byte_for_byte_and_processed(served: World) -> None:
    stream(served, record(1))
    with relay_process(served):
        until(lambda: _processed(served) == 1)
    assert kept(served) == [digest(record(1))]


def _processed(world: World) -> int:
    query = text("select count(*) from receipt where channel = 'kafka' and status = 'processed'")
    with transaction(world.hub.engine) as tx:
        return int(tx.execute(query).scalar_one())


def test_what_cannot_be_proven_is_skipped_and_blocks_nothing(
    served: World, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = HubClient(served.hub.settings.issuer, SOURCE, served.keys[SOURCE])
    hub_key, issuer, at = hub.encryption_key(), hub.issuer, clock.now()
    hub.close()
    good, other = record(1), record(2)
    value, headers = sealed_record(good, sender(served), hub_key, issuer=issuer, at=at)
    swapped, _ = sealed_record(other, sender(served), hub_key, issuer=issuer, at=at)
    put(served, b"garbage", headers)
    put(served, b"\xff\x00", [("intake-assertion", b"\xff\xfe")])
    put(served, None, headers)
    put(served, b"", [])
    put(served, value, [])
    put(served, value[:-4], headers)
    put(served, swapped, headers)
    put(served, encrypt_to(new_signing_jwk(use="enc"), good.raw), headers)
    stream(served, good, Sender(partner=SOURCE, private_jwk=new_signing_jwk()))
    stream(served, good, Sender(partner="nobody", private_jwk=new_signing_jwk()))
    stream(served, good, sender(served, READER))
    for_another_hub = sealed_record(
        good, sender(served), hub_key, issuer="https://other.example", at=at
    )
    put(served, *for_another_hub)
    stream(served, other)
    with running(consume_intake, served.hub):
        until(lambda: bool(kept(served)))
    assert kept(served) == [digest(other)]
    said = capsys.readouterr()
    assert "Noor" not in said.out + said.err
    assert "9071020" not in said.out + said.err


def test_a_record_sent_twice_is_kept_once(served: World) -> None:
    for number in (1, 1, 2, 1):
        stream(served, record(number))
    with running(consume_intake, served.hub):
        until(lambda: len(kept(served)) == 2)
    assert kept(served) == [digest(record(1)), digest(record(2))]


def test_one_key_for_two_records_keeps_the_first_and_goes_on(served: World) -> None:
    stream(served, replace(record(1), idempotency_key="k"))
    stream(served, replace(record(2), idempotency_key="k"))
    stream(served, record(3))
    with running(consume_intake, served.hub):
        until(lambda: len(kept(served)) == 2)
    assert kept(served) == [digest(record(1)), digest(record(3))]


def test_records_wait_in_the_topic_while_the_database_is_gone(
    served: World, postgres_server: Postgres
) -> None:
    with running(consume_intake, served.hub):
        stream(served, record(1))
        until(lambda: len(kept(served)) == 1)
        sealed = [_sealed(served, number) for number in range(2, 7)]
        postgres_server.stop()
        for value, headers in sealed:
            put(served, value, headers)
        postgres_server.start()
        until(lambda: _count(served) == 6)
    assert set(kept(served)) == {digest(record(number)) for number in range(1, 7)}


def _sealed(world: World, number: int) -> tuple[bytes, list[tuple[str, bytes]]]:
    hub = HubClient(world.hub.settings.issuer, SOURCE, world.keys[SOURCE])
    try:
        return sealed_record(
            record(number), sender(world), hub.encryption_key(), issuer=hub.issuer, at=clock.now()
        )
    finally:
        hub.close()


def _count(world: World) -> int:
    with suppress(SourceUnavailable):
        return len(kept(world))
    return -1


@sockets_left
def test_intake_goes_on_after_a_broker_that_lost_its_data(served: World, broker: Broker) -> None:
    with relay_process(served):
        stream(served, record(1))
        until(lambda: len(kept(served)) == 1)
        broker.kill()
        broker.start()
        for number in (2, 3, 4):
            stream(served, record(number))
        until(lambda: len(kept(served)) == 4)
    assert set(kept(served)) == {digest(record(number)) for number in range(1, 5)}
