from collections.abc import Sequence

import pytest

from gateway.exchange.seal_delivery import Sealed
from gateway.streams.lane import since_last_loss


def acknowledged(*offsets: int) -> list[tuple[Sealed, int]]:
    return [
        (
            Sealed(
                delivery=str(number),
                partner="clb",
                sequence=number,
                type="t",
                bucket="00",
                jwe=b"x",
            ),
            offset,
        )
        for number, offset in enumerate(offsets)
    ]


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
