"""A consumer that goes on reading never skips what a broker that lost its data was given again."""

from collections.abc import Iterator
from typing import Any, cast

import pytest

from gateway.embedded.kafka import Broker as Server
from gateway.streams.client import (
    Broker,
    abandon,
    open_consumer,
    open_producer,
    partition_of,
    patience,
)
from gateway.streams.watch import Watch
from gateway.streams.wire import Consumer
from tests.integration.streams.world import until

TOPIC = "partner.somebody"
sockets_left = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def produce(broker: Server, *values: bytes) -> None:
    admin = Broker(broker.bootstrap)
    admin.create(TOPIC, partitions=1)
    admin.close()
    producer = open_producer(broker.bootstrap)
    for value in values:
        producer.send(TOPIC, value=value, partition=0).get(10)
    abandon(producer)


def one_that_is_alone(broker: Server) -> Consumer:
    """Return a reader that needs no group to know what it reads."""
    opened: Any = open_consumer(broker.bootstrap, group="alone")
    opened.assign([partition_of(TOPIC)])
    return cast("Consumer", opened)


def read(consumer: Consumer, into: list[bytes], *, count: int) -> None:
    def enough() -> bool:
        for some in consumer.poll(timeout_ms=patience(consumer, 100)).values():
            into.extend(one.value or b"" for one in some)
        return len(into) >= count

    until(enough)


@pytest.fixture
def consumer(broker: Server) -> Iterator[Consumer]:
    produce(broker, b"1", b"2", b"3")
    opened = open_consumer(broker.bootstrap, group="g", topics=[TOPIC])
    yield opened
    opened.close(autocommit=False, timeout_ms=2_000)


@sockets_left
def test_what_was_given_again_at_lower_offsets_is_read(broker: Server, consumer: Consumer) -> None:
    watch, seen = Watch(consumer), list[bytes]()
    read(consumer, seen, count=3)
    assert watch.commit()
    broker.kill()
    broker.start()
    produce(broker, b"4", b"5", b"6", b"7", b"8")
    read(consumer, seen, count=5)
    if not broker.keeps_data:
        assert seen == [b"1", b"2", b"3", b"7", b"8"]
        assert not watch.commit()
    until(lambda: reads_on(consumer, seen))
    assert set(seen) == {b"%d" % number for number in range(1, 9)}


@sockets_left
def test_a_topic_that_was_filled_to_the_same_length_is_read_again(
    broker: Server, consumer: Consumer
) -> None:
    watch, seen = Watch(consumer), list[bytes]()
    read(consumer, seen, count=3)
    assert watch.commit()
    broker.kill()
    broker.start()
    produce(broker, b"4", b"5", b"6")
    until(lambda: watch.rewound() or broker.keeps_data)
    read(consumer, seen, count=6)
    assert {b"4", b"5", b"6"} <= set(seen)


@sockets_left
def test_what_came_after_a_loss_is_read_by_whoever_starts_anew(
    broker: Server, consumer: Consumer
) -> None:
    seen: list[bytes] = []
    read(consumer, seen, count=3)
    broker.kill()
    broker.start()
    produce(broker, b"4")
    # Killed right after its first look, with three messages read and only one in the topic.
    alone = one_that_is_alone(broker)
    alone.seek(partition_of(TOPIC), 3)
    Watch(alone).commit()
    alone.close(autocommit=False, timeout_ms=2_000)
    produce(broker, b"5", b"6", b"7", b"8")
    again = one_that_is_alone(broker)
    until(lambda: reads_on(again, seen))
    again.close(autocommit=False, timeout_ms=2_000)
    assert set(seen) == {b"%d" % number for number in range(1, 9)}


@sockets_left
def test_nothing_is_read_twice_from_a_broker_that_lost_nothing(
    broker: Server, consumer: Consumer
) -> None:
    watch, seen = Watch(consumer), list[bytes]()
    read(consumer, seen, count=3)
    assert not watch.rewound()
    assert watch.commit()
    produce(broker, b"4")
    read(consumer, seen, count=4)
    assert not watch.rewound()
    assert watch.commit()
    assert seen == [b"1", b"2", b"3", b"4"]


def reads_on(consumer: Consumer, seen: list[bytes]) -> bool:
    for some in consumer.poll(timeout_ms=patience(consumer, 100)).values():
        seen.extend(one.value or b"" for one in some)
    return len(set(seen)) >= 8
