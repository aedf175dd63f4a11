"""How a large file is written, and its digest, in one walk that keeps nothing of it."""

import codecs
import hashlib
from dataclasses import dataclass
from typing import BinaryIO, Final

from adapters.contract import Unreadable
from adapters.reading.text import EMPTY, FOREIGN_MARKS, wrong_encoding

CHUNK: Final = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The encoding of a text and the byte at which it begins."""

    encoding: str
    start: int


def digest_of(file: BinaryIO) -> str:
    """The SHA-256 of a file, and the file back at its beginning."""
    found = hashlib.sha256()
    while chunk := file.read(CHUNK):
        found.update(chunk)
    file.seek(0)
    return found.hexdigest()


def encoding_of(file: BinaryIO, *, fallback: str | None) -> Written | Unreadable:
    """As `reading.text.decode` chooses it, or the same answer when it is none of them."""
    if _is_blank(file):
        return EMPTY
    file.seek(0)
    head = file.read(max(map(len, FOREIGN_MARKS)))
    if head.startswith(FOREIGN_MARKS):
        return wrong_encoding(0, fallback)
    marked = head.startswith(codecs.BOM_UTF8)
    written = Written(encoding="utf-8", start=len(codecs.BOM_UTF8) if marked else 0)
    bad = _first_bad_byte(file, written)
    if bad is None:
        return written
    if fallback is None or marked:
        return wrong_encoding(bad, None)
    written = Written(encoding=fallback, start=0)
    bad = _first_bad_byte(file, written)
    return written if bad is None else wrong_encoding(bad, fallback)


def _is_blank(file: BinaryIO) -> bool:
    file.seek(0)
    while chunk := file.read(CHUNK):
        if chunk.strip():
            return False
    return True


def _first_bad_byte(file: BinaryIO, written: Written) -> int | None:
    """Where the bytes after the mark stop being text, counted from there, if they do."""
    decoder = codecs.getincrementaldecoder(written.encoding)()
    file.seek(written.start)
    read = 0
    while True:
        chunk = file.read(CHUNK)
        begun = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            return read - begun + error.start
        if not chunk:
            return None
        read += len(chunk)
