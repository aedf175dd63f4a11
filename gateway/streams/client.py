"""kafka-python with settings that are safe on Apache Kafka 4 and on the laptop's broker."""

import socket
import threading
from collections.abc import Sequence
from typing import Any, Final, cast

import kafka
from kafka import errors, structs

from gateway.streams.access import OPEN, Access
from gateway.streams.wire import Consumer, Producer, Record, TopicPartition

LARGEST_MESSAGE: Final = 32 * 1024 * 1024
# Below what a broker takes unless it was told otherwise, 1 MiB; a larger message goes on its own.
LARGEST_BATCH: Final = 512 * 1024
# Apache Kafka refuses less than 6 s; the laptop's broker lets a join wait half of it.
SESSION_MS: Final = 6_000
FETCH_WAIT_MS: Final = 50
# Longer than a join takes where nothing else holds it up.
JOIN_MS: Final = SESSION_MS * 2 // 3

_TOPIC_IS_FINE: Final = (
    0,
    errors.TopicAlreadyExistsError.errno,
    errors.TopicAuthorizationFailedError.errno,
    errors.ClusterAuthorizationFailedError.errno,
)
_LATEST: Final = -1  # the protocol's own word for the end of a partition

# kafka-python lets a socket's own error through when a broker disappears in the middle of a call.
BROKER_TROUBLE: Final[tuple[type[Exception], ...]] = (errors.KafkaError, OSError)
# What a cluster with access rules says to somebody it does not know, or who may not do this.
REFUSALS: Final[tuple[type[Exception], ...]] = (
    errors.SaslAuthenticationFailedError,
    errors.AuthorizationError,
)
# A message that is too large for the client, or for a broker that was told otherwise.
TOO_LARGE: Final[tuple[type[Exception], ...]] = (
    errors.MessageSizeTooLargeError,
    errors.RecordListTooLargeError,
)
_CONNECTION: Final[dict[str, Any]] = {
    "bootstrap_timeout_ms": 5_000,
    "reconnect_backoff_max_ms": 1_000,
    "request_timeout_ms": 4_000,
}


def open_producer(bootstrap: str, access: Access = OPEN) -> Producer:
    """Return an idempotent producer that waits for all replicas and gives up within seconds."""
    _require_reachable(bootstrap)
    return cast(
        "Producer",
        kafka.KafkaProducer(
            bootstrap_servers=_servers(bootstrap),
            acks="all",
            enable_idempotence=True,
            # What is handed over while a request is under way goes with the next one.
            batch_size=LARGEST_BATCH,
            linger_ms=0,
            max_request_size=LARGEST_MESSAGE,
            max_block_ms=2_000,
            delivery_timeout_ms=6_000,
            metrics_enabled=False,
            **_CONNECTION,
            **access.options(),
        ),
    )


def open_consumer(
    bootstrap: str,
    *,
    group: str | None,
    topics: Sequence[str] = (),
    access: Access = OPEN,
    wait_ms: int = FETCH_WAIT_MS,
) -> Consumer:
    """Return a consumer that reads from the beginning and commits only when it is told to.

    It asks again every `wait_ms` when there is nothing, which costs both sides processor time.
    """
    _require_reachable(bootstrap)
    consumer = kafka.KafkaConsumer(
        bootstrap_servers=_servers(bootstrap),
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        session_timeout_ms=SESSION_MS,
        heartbeat_interval_ms=SESSION_MS // 3,
        # The laptop's broker does not wake a waiting fetch: a message waits for the next one.
        fetch_max_wait_ms=wait_ms,
        max_partition_fetch_bytes=LARGEST_MESSAGE,
        metadata_max_age_ms=5_000,
        metrics_enabled=False,
        **_CONNECTION,
        **access.options(),
    )
    if topics:
        consumer.subscribe(topics=list(topics))
    return cast("Consumer", consumer)


def open_admin(bootstrap: str, access: Access = OPEN) -> Any:
    """Return kafka-python's admin client; topics and access rules are made with it."""
    _require_reachable(bootstrap)
    return kafka.KafkaAdminClient(
        bootstrap_servers=_servers(bootstrap), **_CONNECTION, **access.options()
    )


class Broker:
    """What the hub asks of a cluster besides messages: topics, and how far they reach."""

    def __init__(self, bootstrap: str, access: Access = OPEN) -> None:
        self._bootstrap, self._access = bootstrap, access
        self._lock = threading.Lock()
        self._admin: Any = None

    def create(self, topic: str, *, partitions: int) -> None:
        """Create a topic with the cluster's own replication; one that exists is left as it is.

        A cluster that lets nobody but its operator create topics is left alone: sending will tell.
        """
        wanted = {
            "num_partitions": partitions,
            "replication_factor": -1,
            "configs": {"max.message.bytes": str(LARGEST_MESSAGE)},
        }
        made = self._client().create_topics({topic: wanted}, raise_errors=False)
        code: int = made["topics"][0]["error_code"]
        if code not in _TOPIC_IS_FINE:
            raise errors.for_code(code)(f"topic {topic} cannot be created")

    def end_offset(self, topic: str) -> int:
        """Return the offset that the topic's next message will get; 0 if there is no topic."""
        place = partition_of(topic)
        try:
            ends = self._client().list_partition_offsets({place: _LATEST})
        except errors.UnknownTopicOrPartitionError:
            return 0
        return int(ends[place].offset)

    def close(self) -> None:
        """Close the connection; the next question opens a new one."""
        with self._lock:
            if self._admin is not None:
                self._admin.close()
                self._admin = None

    def _client(self) -> Any:
        with self._lock:
            if self._admin is None:
                self._admin = open_admin(self._bootstrap, self._access)
            return self._admin


def patience(consumer: Consumer, usual_ms: int) -> int:
    """Return how long to poll: a poll that ends amid a join makes kafka-python join again."""
    return usual_ms if consumer.assignment() else JOIN_MS


def partition_of(topic: str, partition: int = 0) -> TopicPartition:
    """Return the name of one partition."""
    return cast("TopicPartition", structs.TopicPartition(topic, partition))


def text_headers(record: Record) -> dict[str, str]:
    """Return a message's headers as text; what is no text is left out."""
    return {name: value.decode("utf-8", "ignore") for name, value in record.headers if value}


def _servers(bootstrap: str) -> list[str]:
    return [server.strip() for server in bootstrap.split(",") if server.strip()]


def _require_reachable(bootstrap: str) -> None:
    # A client that kafka-python builds against a dead broker keeps its thread and sockets for ever.
    for server in _servers(bootstrap):
        host, _, port = server.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=2).close()
        except (OSError, ValueError):
            continue
        return
    raise errors.KafkaConnectionError("no Kafka broker answers; check DEELREGIE_KAFKA_BOOTSTRAP")


def abandon(producer: Producer) -> None:
    """Stop a producer at once; what it still held is sent again under the same ids."""
    # close() waits for pending messages and, if they do not come, leaves its thread behind.
    sender: Any = producer._sender  # type: ignore[attr-defined]  # noqa: SLF001
    sender.force_close()
    sender.join(2)
    producer.close(timeout=0)
