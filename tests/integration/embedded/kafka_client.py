"""kafka-python with the settings that suit both brokers of a laptop."""

import time
from typing import Any

from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from gateway.embedded.kafka import Broker


def make_topic(broker: Broker, topic: str) -> None:
    """Create a topic of one partition."""
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    try:
        admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    finally:
        admin.close()


def produce(broker: Broker, topic: str, values: list[bytes]) -> list[int]:
    """Send values with acks=all and return their offsets."""
    producer = KafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
    try:
        sent = [producer.send(topic, key=b"0a", value=value) for value in values]
        return [future.get(30).offset for future in sent]
    finally:
        producer.close()


def consume(broker: Broker, topic: str, group: str, count: int, *, seconds: float = 60) -> Any:
    """Read and commit `count` values as a member of a consumer group."""
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=broker.bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=6_000,
        heartbeat_interval_ms=2_000,
        fetch_max_wait_ms=100,
    )
    got: list[bytes] = []
    deadline = time.monotonic() + seconds
    try:
        while len(got) < count and time.monotonic() < deadline:
            for records in consumer.poll(timeout_ms=200).values():
                got += [record.value for record in records]
        consumer.commit()
    finally:
        consumer.close()
    return got
