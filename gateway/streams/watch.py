"""Reading so that nothing is skipped when a broker forgets what it had.

A broker that lost its data numbers messages from zero again. A consumer that stood at offset 5
would then never see the new 0 to 4. Whatever is read twice is recognised by its id.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from kafka.errors import KafkaConnectionError
from kafka.structs import OffsetAndMetadata

from gateway.streams.wire import Consumer, TopicPartition

PATIENCE_MS: Final = 3_000


class Watch:
    """Commits what a consumer read, unless the broker no longer knows what was committed."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self._known: dict[TopicPartition, int] = {}
        # Where a partition ended, and how far it was read, at the last look.
        self._seen: dict[TopicPartition, tuple[int, int]] = {}

    def commit(self) -> bool:
        """Commit what was read; False when data was lost and reading starts over instead."""
        if self.rewound():
            return False
        # What lies beyond the end is read again after a restart, until a later look knows whether
        # it was lost: committed now, it would hide what is written there next.
        read = {place: position for place, (end, position) in self._looked() if position <= end}
        if read:
            offsets = {place: OffsetAndMetadata(at, "", -1) for place, at in read.items()}
            self._consumer.commit(offsets, timeout_ms=PATIENCE_MS)
            self._known |= read
        return True

    def _looked(self) -> Iterator[tuple[TopicPartition, tuple[int, int]]]:
        """Yield the partitions of which something was read, as the last look saw them."""
        for place in self._consumer.assignment():
            end, position = self._seen.get(place, (0, 0))
            if position:
                yield place, (end, position)

    def rewound(self) -> bool:
        """Go back to the beginning of every partition that began anew; tell if there was one."""
        assigned = self._consumer.assignment()
        ends = self._ends_of(assigned)
        lost = [place for place in assigned if self._is_lost(place, ends.get(place, 0))]
        for place in lost:
            del self._known[place]
            self._consumer.seek_to_beginning(place)
        return bool(lost)

    def _ends_of(self, assigned: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        try:
            ends: Mapping[TopicPartition, int]
            ends = self._consumer.end_offsets(list(assigned), timeout_ms=PATIENCE_MS)
        except KeyError as error:
            # What kafka-python says while a broker that just started knows no partition yet.
            raise KafkaConnectionError("the broker does not know the topic yet") from error
        return ends

    def _is_lost(self, place: TopicPartition, end: int) -> bool:
        committed = self._consumer.committed(place, timeout_ms=PATIENCE_MS) or 0
        known = self._known.setdefault(place, committed)
        position = self._consumer.position(place, timeout_ms=PATIENCE_MS) or 0
        seen = self._seen.get(place, (committed, 0))
        self._seen[place] = end, position
        # The laptop's broker counts the end from where the last batch begins, so that one reads
        # past it for a moment: something was lost if that stays so, also while the end grows below
        # where one stands, or if the end went back.
        stays_so = position > end and seen[0] < position == seen[1]
        return committed < known or end < seen[0] or stays_so
