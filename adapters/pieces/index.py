"""Where each record of a file stands, by its piece: only numbers, on a scratch file."""

from array import array
from collections.abc import Collection, Iterable, Iterator
from hashlib import blake2b
from secrets import token_bytes
from typing import BinaryIO, Final, NamedTuple
from zlib import crc32

_ROWS_IN_BLOCK: Final = 128
_SALT_BYTES: Final = 16


class Entry(NamedTuple):
    """A record of a file: its bytes, its first line, its number, and of which list it is."""

    offset: int
    length: int
    line: int
    number: int
    of: int


class _Table:
    """Rows of numbers in buckets, of which only the last few of each bucket are in memory."""

    def __init__(self, scratch: BinaryIO, buckets: int, width: int) -> None:
        self._scratch, self._width = scratch, width
        self._waiting = [array("Q") for _ in range(buckets)]
        self._blocks = [array("Q") for _ in range(buckets)]

    def add(self, bucket: int, row: Iterable[int]) -> None:
        waiting = self._waiting[bucket]
        waiting.extend(row)
        if len(waiting) >= _ROWS_IN_BLOCK * self._width:
            self._blocks[bucket].append(self._scratch.seek(0, 2))
            self._scratch.write(waiting.tobytes())
            del waiting[:]

    def rows(self, bucket: int) -> Iterator[Collection[int]]:
        for block in (*self._read(bucket), self._waiting[bucket]):
            for start in range(0, len(block), self._width):
                yield block[start : start + self._width]

    def _read(self, bucket: int) -> Iterator["array[int]"]:
        for start in self._blocks[bucket]:
            self._scratch.seek(start)
            found = array("Q")
            size = _ROWS_IN_BLOCK * self._width * found.itemsize
            found.frombytes(self._scratch.read(size))
            yield found


class Index:
    """Gives each record its piece by what must stay together, and keeps its place until then.

    The scratch file holds no word of a record; an id comes in it as a digest under a key that is
    drawn for this file and kept in memory alone, so that nobody finds an id by trying. What stays
    in memory grows with the number of pieces, and by one number for each 128 records.
    """

    def __init__(self, scratch: BinaryIO, pieces: int) -> None:
        self._entries = _Table(scratch, pieces, len(Entry._fields))
        self._ids = _Table(scratch, pieces, len(("digest of an id", "piece")))
        self._salt = token_bytes(_SALT_BYTES)
        self.sizes = [0] * pieces

    def add(self, together: Iterable[str], entry: Entry, known_by: str | None = None) -> None:
        """Keep the place of a record; the same words always lead to the same piece.

        `known_by` is an id of which all records must be in one piece, whatever words they have.
        """
        said = "\n".join(" ".join(words.split()).casefold() for words in together)
        piece = crc32(said.encode()) % len(self.sizes)
        self.sizes[piece] += entry.length
        self._entries.add(piece, entry)
        if known_by:
            named = f"{entry.of}/{known_by}".encode()
            digest = blake2b(named, digest_size=8, key=self._salt).digest()
            number = int.from_bytes(digest, "big")
            self._ids.add(number % len(self.sizes), (number, piece))

    def pieces(self) -> Iterator[Collection[Entry]]:
        """The records of each piece that has any, in the order of the file."""
        for piece, size in enumerate(self.sizes):
            if size:
                yield [Entry(*row) for row in self._entries.rows(piece)]

    def parts_an_id(self) -> bool:
        """Whether records known by one id came into different pieces."""
        return any(self._is_parted(bucket) for bucket in range(len(self.sizes)))

    def _is_parted(self, bucket: int) -> bool:
        known: dict[int, int] = {}
        return any(known.setdefault(id_, piece) != piece for id_, piece in self._ids.rows(bucket))
