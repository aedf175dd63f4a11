"""Look into a topic as anybody who reaches the broker could."""

from typing import Any

from kafka import KafkaConsumer
from kafka.structs import TopicPartition


def topics_of(bootstrap: str) -> set[str]:
    """Return the names of all topics."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=None)
    try:
        return set(consumer.topics())
    finally:
        consumer.close()


def read_topic(bootstrap: str, topic: str) -> list[Any]:
    """Return the raw messages of a topic from its beginning."""
    if topic not in topics_of(bootstrap):
        return []
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=None)
    try:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        return [one for part in consumer.poll(timeout_ms=3_000).values() for one in part]
    finally:
        consumer.close()
