"""How many messages a second leave the outbox, beside what kafka-python itself can send."""

import os
import time
from collections.abc import Sequence
from uuid import UUID

from kafka import KafkaProducer
from sqlalchemy import Row, text

from gateway import clock
from gateway.exchange.hub import Hub
from gateway.store import outbox
from gateway.store.engine import transaction
from gateway.streams.client import open_producer
from gateway.streams.wire import Producer
from tests.bench.figures import Book, Figure, Yardstick, load_now, side_by_side, timed
from tests.bench.measured import Measured
from tests.support.running_hub import CLB

# More resources than the relay claims at once: several rows about one would be one message.
FAMILIES, TIMES, ROUNDS = 100, 3, 5
PLAIN, BYTES, TOPIC = 3000, 2000, "bench.plain"
BATCH = 256 * 1024


def may_go(hub: Hub, children: Sequence[UUID]) -> Sequence[Row[tuple[object, ...]]]:
    """Return what was queued for the CLB about these children, each resource once."""
    query = text(
        "select distinct child, resource, version from outbox"
        " where partner = :partner and kind = 'updated' and child = any(:children)"
    )
    with transaction(hub.engine) as tx:
        return tx.execute(query, {"partner": CLB, "children": list(children)}).all()


def queue_again(hub: Hub, rows: Sequence[Row[tuple[object, ...]]]) -> None:
    """Queue every resource once more: one message each."""
    due = [
        outbox.Due(
            partner=CLB, child=row.child, resource=row.resource, version=row.version, kind="updated"
        )
        for row in rows
    ]
    with transaction(hub.engine) as tx:
        outbox.queue(tx, due, at=clock.now())


def send_plainly(producer: Producer, count: int) -> float:
    """Send messages of 2 kB and wait until the broker has them all; messages per second."""
    value, begun = os.urandom(BYTES), time.perf_counter()
    for answer in [producer.send(TOPIC, value=value, partition=0) for _ in range(count)]:
        answer.get(timeout=30)
    return count / (time.perf_counter() - begun)


def test_the_relay_is_measured_beside_a_bare_producer(measured: Measured, book: Book) -> None:
    begin, hub = load_now(), measured.system.hub
    families = measured.share(FAMILIES)
    rows = [*may_go(hub, [family.child for family in families])] * TIMES
    batching = KafkaProducer(
        bootstrap_servers=measured.system.bootstrap,
        acks="all",
        enable_idempotence=True,
        linger_ms=5,
        batch_size=BATCH,
    )
    alike, before = open_producer(measured.system.bootstrap), measured.cpu()

    def relayed() -> float:
        queue_again(hub, rows)
        return len(rows) / timed(measured.wait_until_sent)

    send_plainly(batching, 10)
    rates, batches, ours = side_by_side(
        (relayed, lambda: send_plainly(batching, PLAIN), lambda: send_plainly(alike, PLAIN)),
        rounds=ROUNDS,
    )
    spent = measured.cpu()["relay"] - before["relay"]
    for producer in (batching, alike):
        producer.close()
    book.add(
        Figure(
            name="relay, decided, sealed and sent",
            unit="messages/s",
            rounds=rates,
            yardsticks=(
                Yardstick(name="kafka-python, in batches", rounds=batches),
                Yardstick(name="kafka-python, as the relay has it", rounds=ours),
            ),
            floor="over 1000",
            load=(begin, load_now()),
            more={
                "messages a round": len(rows),
                "processor ms each, relay": 1000 * spent / len(rows) / ROUNDS,
            },
        )
    )
