"""Damaged and swollen copies of a sample, the same for the same seed."""

import random
from collections.abc import Iterator

_ODD = (
    b"9999-12-31",
    b"31/02/2025",
    b"0.0",
    b"XX9",
    b"\xe9",
    b"\x00",
    b"<",
    b"{",
    b'"',
    b";",
    b"1e400",
)


def damaged(raw: bytes, *, seed: int, times: int) -> Iterator[bytes]:
    """Copies of a file that were cut, in which bytes changed, or odd words stand."""
    chance = random.Random(seed)  # noqa: S311 - the same damage every time is what is wanted
    for _ in range(times):
        yield _once(raw, chance)


def _once(raw: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(raw) + 1)
    match chance.randrange(5):
        case 0:
            return raw[:place]
        case 1:
            return raw[:place] + bytes([chance.randrange(256)]) + raw[place + 1 :]
        case 2:
            return raw[:place] + chance.choice(_ODD) + raw[place:]
        case 3:
            other = chance.randrange(len(raw) + 1)
            return raw[: min(place, other)] + raw[max(place, other) :]
        case _:
            other = min(len(raw), place + chance.randrange(200))
            return raw[:other] + raw[place:]
