"""What a large file is to whoever reads it in pieces, however it is written."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from adapters.contract import Adapter, Cut, Layout, Unreadable
from adapters.pieces.index import Entry, Index
from adapters.reading.document import AnyDocument

Found = TypeVar("Found")

TOO_LARGE: Final = "too-large"

MOST_IN_RECORD: Final = 1 << 20
"""Bytes of one record: more is no record but a file that went wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CutFile:
    """A file of which every byte was read once, and is well-formed.

    `document` reads some of its records again, in an envelope that is the file's own, at their
    places in the whole file; `is_of_record` tells such a place from one in the envelope.
    """

    layout: Layout[Any, Any]
    index: Index
    document: Callable[[Collection[Entry]], AnyDocument]
    is_of_record: Callable[[str], bool]


class Stopped(Exception):
    """Carries an answer out of the reading of a file; it never leaves this package."""

    def __init__(self, answer: Unreadable) -> None:
        super().__init__()
        self.answer = answer


def go_on(found: Found | Unreadable) -> Found:
    """What was found, or a stop with why nothing was."""
    if isinstance(found, Unreadable):
        raise Stopped(found)
    return found


def cut_of(adapter: Adapter, layout: Layout[Any, Any]) -> Cut:
    """How files of this layout are cut; refused where they are not."""
    if layout.cut is None:
        raise Stopped(not_cut(adapter.source, layout.format.name))
    return layout.cut


def not_cut(source: str, what: str) -> Unreadable:
    """The answer to a large file that must be seen whole."""
    return Unreadable(
        code=TOO_LARGE,
        where="the whole file",
        message=f"a file of this size is read in pieces, and {what} of {source} is not cut; "
        "send it in smaller files",
        status=413,
    )


def record_too_large(where: str) -> Unreadable:
    """The answer to a record that would not end."""
    return Unreadable(
        code="record-too-large",
        where=where,
        message=f"a record has more than {MOST_IN_RECORD} bytes; check that the file is whole, "
        "and its quotes and brackets close",
        status=413,
    )
