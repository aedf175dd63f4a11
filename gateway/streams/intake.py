"""Records that partners hand in through Kafka: each is authenticated, kept, and then committed.

An offset is committed only after the hub's own transaction, so a crash repeats a record and the
idempotency key makes the repeat a no-op.
"""

import time
from collections.abc import Sequence
from threading import Event
from typing import Final

from adapters.registry import ADAPTERS
from gateway import clock
from gateway.errors import SourceUnavailable
from gateway.exchange.hub import Hub
from gateway.exchange.records.receive_record import Refused, accept_from_stream
from gateway.observability import Event as LogEvent
from gateway.observability import log, warn
from gateway.streams.access import access_of
from gateway.streams.backoff import Backoff
from gateway.streams.client import Broker, open_consumer, patience, text_headers
from gateway.streams.topics import ensure_topics, intake_topic, source_of
from gateway.streams.watch import Watch
from gateway.streams.wire import Consumer, Record

GROUP: Final = "deelregie-intake"
POLL_MS: Final = 500
AT_ONCE: Final = 50
LOOK_SECONDS: Final = 2.0
# A record that breaks the hub itself is tried this often; then the ones behind it go on.
ATTEMPTS: Final = 5


def consume_intake(hub: Hub, stop: Event) -> None:
    """Take records in until it is time to stop; an exception means the broker is gone."""
    bootstrap, sources = hub.settings.kafka_bootstrap, sorted(ADAPTERS)
    access, topics = access_of(hub.settings), [intake_topic(one) for one in sources]
    broker = Broker(bootstrap, access)
    try:
        ensure_topics(broker, sources=sources)
    finally:
        broker.close()
    consumer = open_consumer(bootstrap, group=GROUP, topics=topics, access=access)
    try:
        _consume(hub, consumer, stop)
    finally:
        consumer.close(autocommit=False, timeout_ms=2_000)


def _consume(hub: Hub, consumer: Consumer, stop: Event) -> None:
    watch, looked = Watch(consumer), time.monotonic()
    while not stop.is_set():
        read = consumer.poll(timeout_ms=patience(consumer, POLL_MS), max_records=AT_ONCE)
        if not all(_take_all(hub, records, stop) for records in read.values()):
            return
        if read:
            watch.commit()
        elif time.monotonic() - looked > LOOK_SECONDS:
            watch.rewound()
        else:
            continue
        looked = time.monotonic()


def _take_all(hub: Hub, records: Sequence[Record], stop: Event) -> bool:
    """Take records in their order; False when it was time to stop before all were done."""
    return all(_take(hub, record, stop) for record in records)


def _take(hub: Hub, record: Record, stop: Event) -> bool:
    backoff, attempt = Backoff(stop), 0
    while not stop.is_set() and attempt < ATTEMPTS:
        try:
            return _accept(hub, record)
        except SourceUnavailable as error:
            # The database is gone: wait for as long as it takes, with the record in hand.
            _tell(LogEvent.DATABASE_UNAVAILABLE, record, type(error).__name__)
        except Exception as error:  # noqa: BLE001  # one message may never stop the ones behind it
            attempt += 1
            _tell(LogEvent.STREAM_MESSAGE_REFUSED, record, type(error).__name__)
        backoff.wait()
    return not stop.is_set()


def _accept(hub: Hub, record: Record) -> bool:
    source = source_of(record.topic)
    if source is None or not record.value:
        _tell(LogEvent.STREAM_MESSAGE_REFUSED, record, "empty")
        return True
    answer = accept_from_stream(hub, source, text_headers(record), record.value, at=clock.now())
    if isinstance(answer, Refused):
        _tell(LogEvent.STREAM_MESSAGE_REFUSED, record, answer.code)
    else:
        log(LogEvent.RECEIPT_ACCEPTED, source=source, receipt=answer.receipt)
    return True


def _tell(event: LogEvent, record: Record, code: str) -> None:
    # Where it lies and the kind of refusal: never who sent it or what it says.
    warn(event, code=code, topic=record.topic, partition=record.partition, offset=record.offset)
