"""The wording as lines with a label, so that a page can set the same words in a list."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_BULLET: Final = "- "


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One line of the wording: its label with the colon, the rest, and the items under it."""

    label: str
    rest: str
    items: tuple[str, ...]


def parts_of(text: str) -> tuple[Part, ...]:
    """Cut a wording into its lines without losing or adding a word."""
    return tuple(_parts(text))


def _parts(text: str) -> Iterator[Part]:
    blocks: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith(_BULLET) and blocks:
            blocks[-1].append(line.removeprefix(_BULLET))
        else:
            blocks.append([line])
    for first, *items in blocks:
        label, colon, rest = first.partition(":")
        yield Part(label=label + colon, rest=rest.strip(), items=tuple(items))
