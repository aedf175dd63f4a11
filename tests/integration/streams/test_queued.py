"""A service was away while thousands of messages queued for it; the family stops before it is back.

On Apache Kafka 10,000 messages, and its data folder is searched as whoever copied it would.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaAdminClient
from sqlalchemy import func, select, text

from gateway import clock
from gateway.embedded.kafka import Backend
from gateway.exchange.deliveries.seal_delivery import claim_and_seal
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.store import message_keys, outbox
from gateway.store.engine import transaction
from gateway.store.tables import delivery
from gateway.streams.relay import relay_outbox
from tests.integration.streams.test_recipient import read
from tests.integration.streams.world import (
    READER,
    World,
    allow,
    deliveries,
    in_topic,
    running,
    until,
    waiting,
)
from tests.support.engines import chosen_backend

APACHE = chosen_backend() is Backend.APACHE
QUEUED = 10_000 if APACHE else 300
# What the record says in clear; no short word of letters, which a ciphertext has by chance.
SAID = (b"Peeters", b"F80.2", b"F84.0", b"taalstoornis", b"resourceType", b"Condition")
SECONDS = 600


@pytest.mark.timeout(SECONDS)
def test_nothing_that_queued_can_be_read_when_the_family_stopped_meanwhile(served: World) -> None:
    consent = allow(served)
    seal_many(served, QUEUED)
    with running(relay_outbox, served.hub):
        until(lambda: waiting(served) == 0, seconds=SECONDS)
    lying = {one.id for one in in_topic(served)}
    assert len(lying) >= QUEUED
    assert withdraw_consent(served.hub, served.parent, consent, at=clock.now())
    assert keys(served) == 0
    told = read(served, seconds=SECONDS)
    assert {one.id for one in told} == lying
    assert {(one.state, one.content) for one in told} == {("gone", b"null")}
    assert deliveries(served, "released") == []
    if APACHE:
        found = copied_log(served)
        assert all(one.encode() in found for one in sorted(lying)[:100])
        assert [word for word in SAID if word in found] == []


def seal_many(world: World, number: int) -> None:
    """Seal what the service may read again and again, as if much happened while it was away.

    One after another, since what queues at one moment about one version is one message.
    """
    query = text("select distinct resource, version from outbox where kind = 'updated'")
    with transaction(world.hub.engine) as tx:
        known = tx.execute(query).all()
    due = [
        outbox.Due(
            partner=READER,
            child=world.child,
            resource=one.resource,
            version=one.version,
            kind="updated",
        )
        for one in known
    ]
    sealed = 0
    while sealed < number:
        with transaction(world.hub.engine) as tx:
            outbox.queue(tx, due, at=clock.now())
        sealed += len(claim_and_seal(world.hub, limit=len(due), at=clock.now()))


def keys(world: World) -> int:
    query = select(func.count()).select_from(delivery).where(message_keys.has_key())
    with transaction(world.hub.engine) as tx:
        return int(tx.execute(query).scalar_one())


def copied_log(world: World) -> bytes:
    """Everything in the folders in which the broker keeps its partitions."""
    admin: Any = KafkaAdminClient(bootstrap_servers=world.bootstrap)
    try:
        told = admin.describe_log_dirs()
    finally:
        admin.close()
    folders = [one["log_dir"] for broker in told for one in broker["log_dirs"]]
    assert folders
    return b"".join(whatever_is_left(Path(one)) for one in folders)


def whatever_is_left(folder: Path) -> bytes:
    """Read every file; the broker deletes topics of other tests meanwhile."""
    found = list[bytes]()
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                found.append((Path(place) / name).read_bytes())
    return b"".join(found)
