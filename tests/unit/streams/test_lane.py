from collections.abc import Sequence
from typing import Any, cast

import pytest

from gateway.exchange.deliveries.seal_delivery import Sealed
from gateway.streams import lane as lanes
from gateway.streams.lane import INBOX, Lane, since_last_loss


def sealed(number: int) -> Sealed:
    return Sealed(
        delivery=str(number), partner="clb", sequence=number, type="t", bucket="00", jwe=b"x"
    )


@pytest.fixture
def lane(monkeypatch: pytest.MonkeyPatch) -> Lane:
    """A lane that is not started, with one message left by an earlier relay."""
    left = [[sealed(1)], []]
    monkeypatch.setattr(lanes, "unsent", lambda *_, **__: tuple(left.pop(0)))
    nothing = cast("Any", None)
    return Lane(nothing, nothing, "clb")


def in_hand(lane: Lane) -> list[int]:
    return [one.sequence for one in lane._inbox]


def test_a_lane_that_catches_up_is_offered_nothing_until_it_has(lane: Lane) -> None:
    assert lane.is_full()
    lane._catch_up()
    assert lane.is_full()
    lane._catch_up()
    assert not lane.is_full()
    lane.offer([sealed(2), sealed(3)])
    assert in_hand(lane) == [2, 3]


def test_a_lane_with_enough_in_hand_is_full_and_loses_nothing_of_it(lane: Lane) -> None:
    lane._catch_up()
    lane._catch_up()
    lane.offer([sealed(number) for number in range(2, INBOX // 2 + 3)])
    assert lane.is_full()
    lane.offer([sealed(INBOX // 2 + 3)])
    assert in_hand(lane) == [*range(2, INBOX // 2 + 4)]


def test_where_nothing_goes_out_the_database_takes_what_comes(lane: Lane) -> None:
    lane._delivers = False
    assert not lane.is_full()
    lane.offer([sealed(2)])
    assert in_hand(lane) == []


def acknowledged(*offsets: int) -> list[tuple[Sealed, int]]:
    return [(sealed(number), offset) for number, offset in enumerate(offsets)]


@pytest.mark.parametrize(
    ("reached", "offsets", "kept", "then", "lost"),
    [
        (-1, [0, 1, 2], [0, 1, 2], 2, False),
        (4, [5, 6], [5, 6], 6, False),
        (4, [], [], 4, False),
        (4, [5, -1, 6], [5, -1, 6], 6, False),
        (4, [0, 1], [0, 1], 1, True),
        (4, [4], [4], 4, True),
        (4, [5, 6, 0, 1], [0, 1], 1, True),
        (4, [5, 0, 0], [0], 0, True),
    ],
)
def test_an_offset_that_does_not_grow_means_that_the_broker_began_anew(
    reached: int, offsets: Sequence[int], kept: Sequence[int], then: int, *, lost: bool
) -> None:
    found, now, broken = since_last_loss(acknowledged(*offsets), reached=reached)
    assert [offset for _, offset in found] == list(kept)
    assert (now, broken) == (then, lost)
