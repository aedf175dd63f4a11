"""The part of kafka-python that the hub uses, written down as types; the library carries none."""

from collections.abc import Mapping, Sequence
from typing import Protocol


class TopicPartition(Protocol):
    """One partition of a topic."""

    @property
    def topic(self) -> str:
        """The topic's name."""
        ...

    @property
    def partition(self) -> int:
        """The number within the topic."""
        ...


class Record(Protocol):
    """One message as it lies in a topic."""

    @property
    def topic(self) -> str:
        """The topic's name."""
        ...

    @property
    def partition(self) -> int:
        """The partition's number."""
        ...

    @property
    def offset(self) -> int:
        """The place in the partition."""
        ...

    @property
    def key(self) -> bytes | None:
        """What chooses the partition."""
        ...

    @property
    def value(self) -> bytes | None:
        """The payload."""
        ...

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        """Names and values beside the payload."""
        ...


class Acknowledged(Protocol):
    """Where the broker put a message."""

    @property
    def offset(self) -> int:
        """The place in the partition."""
        ...


class Pending(Protocol):
    """A message that was handed to the client and is not acknowledged yet."""

    def get(self, timeout: float | None = None) -> Acknowledged:
        """Wait for the acknowledgement, or raise what went wrong."""
        ...


class Producer(Protocol):
    """The calls that are made on a producer."""

    def send(
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        headers: list[tuple[str, bytes]] | None = None,
        partition: int | None = None,
    ) -> Pending:
        """Hand a message to the client."""
        ...

    def close(self, timeout: float | None = None) -> None:
        """Give up what is pending after the time-out, and disconnect."""
        ...


class Consumer(Protocol):
    """The calls that are made on a consumer."""

    def poll(
        self, timeout_ms: int = 0, max_records: int | None = None
    ) -> Mapping[TopicPartition, Sequence[Record]]:
        """Return messages by partition; also keeps the membership of the group alive."""
        ...

    def assignment(self) -> set[TopicPartition]:
        """Return the partitions this member reads."""
        ...

    def position(self, partition: TopicPartition, timeout_ms: int | None = None) -> int | None:
        """Return the offset that is read next."""
        ...

    def committed(
        self, partition: TopicPartition, metadata: bool = False, timeout_ms: int | None = None
    ) -> int | None:
        """Return the offset the group would start at, as the broker knows it."""
        ...

    def commit(
        self, offsets: Mapping[TopicPartition, object] | None = None, timeout_ms: int | None = None
    ) -> None:
        """Let the group start after what was read."""
        ...

    def end_offsets(
        self, partitions: Sequence[TopicPartition], timeout_ms: int | None = None
    ) -> Mapping[TopicPartition, int]:
        """Return the offsets that the next messages will get."""
        ...

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read on from this offset."""
        ...

    def seek_to_beginning(self, *partitions: TopicPartition) -> None:
        """Read on from the first message there is."""
        ...

    def pause(self, *partitions: TopicPartition) -> None:
        """Return nothing of these partitions until they are resumed."""
        ...

    def resume(self, *partitions: TopicPartition) -> None:
        """Return messages of these partitions again."""
        ...

    def close(self, autocommit: bool = True, timeout_ms: int | None = None) -> None:
        """Leave the group and disconnect."""
        ...
