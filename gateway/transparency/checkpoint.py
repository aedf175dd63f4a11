"""Checkpoints (C2SP tlog-checkpoint): whose log it is, how long it is and what its root is."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final, Self

from gateway.transparency.note import MalformedError, Note
from gateway.transparency.tree import HASH_BYTES

_SIZE: Final = re.compile("0|[1-9][0-9]{0,18}")
_TIME: Final = "time "


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The state of a log; `time` is this hub's extension line, in seconds since 1970."""

    origin: str
    size: int
    root: bytes
    time: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a note; raise `MalformedError`. Other extension lines are skipped."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):  # noqa: PLR2004 -- see the format
            raise MalformedError("a checkpoint has three lines at least, none of them empty")
        origin, size, root, *more = lines[:-1]
        if not _SIZE.fullmatch(size):
            raise MalformedError("the size of a checkpoint is a number without leading zeros")
        times = [int(one[5:]) for one in more if one.startswith(_TIME) and _SIZE.fullmatch(one[5:])]
        return cls(
            origin=origin, size=int(size), root=_hash(root), time=times[0] if times else None
        )

    @classmethod
    def of(cls, note: Note) -> Self:
        """Read the checkpoint that a note is about."""
        return cls.parse(note.text)

    @property
    def text(self) -> str:
        """The text that is signed."""
        root = base64.b64encode(self.root).decode()
        extension = "" if self.time is None else f"{_TIME}{self.time}\n"
        return f"{self.origin}\n{self.size}\n{root}\n{extension}"


def _hash(written: str) -> bytes:
    try:
        root = base64.b64decode(written, validate=True)
    except binascii.Error as error:
        raise MalformedError("the root of a checkpoint is not base64") from error
    if len(root) != HASH_BYTES:
        raise MalformedError("the root of a checkpoint has 32 bytes")
    return root
