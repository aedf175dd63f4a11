"""Size classes: how much a sealed message weighs tells no more than in which class it is.

JSON may have spaces behind it, so the padding lies inside the encryption and any reader of JSON
passes over it. Classes are powers of two from 4 KiB: one record of a child fits the smallest,
nearly always, and looks the same as every other.
"""

from typing import Final

SMALLEST: Final = 4 * 1024
# A compact JWE of the last class still fits the largest message, 32 MiB; 32 MiB of text would not.
LAST: Final = 23 * 1024 * 1024
PADDING: Final = b" "


class TooLarge(ValueError):
    """The content fits no class, and so no message; it can only be read over HTTP."""


def size_class(length: int) -> int:
    """Return the bytes that content of this length is padded to; raise `TooLarge` beyond all."""
    if length > LAST:
        raise TooLarge("no message can carry this much")
    doubled = max(SMALLEST, 1 << max(length - 1, 0).bit_length())
    return min(doubled, LAST)


def padded(content: bytes) -> bytes:
    """Return JSON that is as long as its class."""
    return content.ljust(size_class(len(content)), PADDING)


def unpadded(content: bytes) -> bytes:
    """Return JSON without spaces behind it, as messages were before there were classes."""
    return content.rstrip(PADDING)


def is_smallest(sealed: bytes) -> bool:
    """Whether no sealed message can be smaller: this one is of the smallest class, or a notice."""
    # Four bytes of a compact JWE hold three; the next class begins at twice this.
    return len(sealed) < 2 * SMALLEST
