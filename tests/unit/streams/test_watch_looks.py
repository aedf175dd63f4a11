"""What a look at a topic's end tells: data is lost, or a batch is under way."""

from collections.abc import Mapping, Sequence
from typing import cast

import pytest
from kafka.structs import OffsetAndMetadata

from gateway.streams.client import partition_of
from gateway.streams.watch import Watch
from gateway.streams.wire import Consumer, TopicPartition

PLACE = partition_of("partner.somebody")


class Broker:
    """A consumer that stands somewhere in a topic, and what its broker says of it."""

    def __init__(self, *, end: int, position: int, committed: int) -> None:
        self.end, self.place, self.known = end, position, committed

    def assignment(self) -> set[TopicPartition]:
        return {PLACE}

    def end_offsets(self, _: Sequence[TopicPartition], **__: int) -> Mapping[TopicPartition, int]:
        return {PLACE: self.end}

    def committed(self, *_: object, **__: int) -> int:
        return self.known

    def position(self, *_: object, **__: int) -> int:
        return self.place

    def commit(self, offsets: Mapping[TopicPartition, OffsetAndMetadata], **_: int) -> None:
        self.known = offsets[PLACE].offset

    def seek_to_beginning(self, *_: object) -> None:
        self.place = 0

    def look(self, watch: Watch, *, end: int, position: int) -> bool:
        self.end, self.place = end, position
        return watch.rewound()


def watched(*, end: int, position: int, committed: int) -> tuple[Broker, Watch]:
    broker = Broker(end=end, position=position, committed=committed)
    return broker, Watch(cast("Consumer", broker))


def test_what_was_read_beyond_an_end_that_still_grows_is_not_lost() -> None:
    broker, watch = watched(end=3, position=3, committed=3)
    assert watch.commit()
    # A batch of seven begins at 3: the laptop's broker says 4 until the next one came.
    assert not broker.look(watch, end=4, position=10)
    assert not broker.look(watch, end=11, position=11)
    assert broker.place == 11


@pytest.mark.parametrize("end", [0, 2])
def test_an_end_that_went_back_means_that_data_was_lost(end: int) -> None:
    broker, watch = watched(end=3, position=3, committed=3)
    assert watch.commit()
    assert broker.look(watch, end=end, position=3)
    assert broker.place == 0


def test_an_end_that_stays_below_what_was_read_means_that_data_was_lost() -> None:
    broker, watch = watched(end=3, position=3, committed=3)
    assert watch.commit()
    assert not broker.look(watch, end=5, position=9)
    assert broker.look(watch, end=5, position=9)


def test_an_end_that_grows_below_where_one_stands_means_that_data_was_lost() -> None:
    # The broker began anew before the first look, and messages come in faster than one looks.
    broker, watch = watched(end=2, position=9, committed=0)
    assert watch.commit()
    assert broker.look(watch, end=4, position=9)
    assert broker.place == 0


def test_a_reader_that_had_committed_more_than_there_is_begins_again() -> None:
    broker, watch = watched(end=2, position=5, committed=5)
    assert watch.rewound()
    assert broker.place == 0
    # What it reads then is looked at anew.
    assert not broker.look(watch, end=2, position=2)


def test_what_lies_beyond_the_end_is_not_committed_until_the_end_has_grown_past_it() -> None:
    # Lost between the reading and the first look: what is written there next was never read.
    broker, watch = watched(end=2, position=9, committed=0)
    assert watch.commit()
    assert broker.known == 0
    # Or a batch that the laptop's broker counts only when the next one came.
    broker.end = 10
    assert watch.commit()
    assert broker.known == 9


def test_a_commit_that_the_broker_forgot_means_that_data_was_lost() -> None:
    broker, watch = watched(end=3, position=3, committed=3)
    assert watch.commit()
    broker.known = 0
    assert broker.look(watch, end=8, position=8)
