"""Where each record of a file stands, by its piece: only numbers, on a scratch file."""

from array import array
from collections.abc import Collection, Iterable, Iterator
from typing import BinaryIO, Final, NamedTuple
from zlib import crc32

_ENTRIES_IN_BLOCK: Final = 128


class Entry(NamedTuple):
    """A record of a file: its bytes, its first line, its number, and of which list it is."""

    offset: int
    length: int
    line: int
    number: int
    of: int


class Index:
    """Gives each record its piece by what must stay together, and keeps its place until then.

    The scratch file holds no word of a record. What stays in memory grows with the number of
    pieces, and by one number for each 128 records.
    """

    def __init__(self, scratch: BinaryIO, pieces: int) -> None:
        self._scratch = scratch
        self._waiting = [array("Q") for _ in range(pieces)]
        self._blocks: list[array[int]] = [array("Q") for _ in range(pieces)]
        self._end = 0
        self.sizes = [0] * pieces

    def add(self, together: Iterable[str], entry: Entry) -> None:
        """Keep the place of a record; the same words always lead to the same piece."""
        said = "\n".join(" ".join(words.split()).casefold() for words in together)
        piece = crc32(said.encode()) % len(self.sizes)
        self.sizes[piece] += entry.length
        waiting = self._waiting[piece]
        waiting.extend(entry)
        if len(waiting) >= _ENTRIES_IN_BLOCK * len(Entry._fields):
            self._write(piece, waiting)

    def pieces(self) -> Iterator[Collection[Entry]]:
        """The records of each piece that has any, in the order of the file."""
        for piece, waiting in enumerate(self._waiting):
            if waiting or self._blocks[piece]:
                yield list(self._entries(piece))

    def _write(self, piece: int, waiting: "array[int]") -> None:
        self._blocks[piece].append(self._end)
        self._end += self._scratch.write(waiting.tobytes())
        del waiting[:]

    def _entries(self, piece: int) -> Iterator[Entry]:
        width = len(Entry._fields)
        for block in (*self._read(piece), self._waiting[piece]):
            for start in range(0, len(block), width):
                yield Entry(*block[start : start + width])

    def _read(self, piece: int) -> Iterator["array[int]"]:
        for start in self._blocks[piece]:
            self._scratch.seek(start)
            found = array("Q")
            size = _ENTRIES_IN_BLOCK * len(Entry._fields) * found.itemsize
            found.frombytes(self._scratch.read(size))
            yield found
