"""A JSON text of any length, of which only what is being read is in memory."""

import codecs
import json
import re
from typing import BinaryIO, Final

from adapters.contract import Unreadable
from adapters.pieces.encoding import CHUNK, Written
from adapters.pieces.file import MOST_IN_RECORD, Stopped, record_too_large
from adapters.reading.json_document import DECODER, malformed
from adapters.reading.text import truncated

_SPACE: Final = re.compile(r"[ \t\n\r]*")
# A number may go on behind the window: so much of a text always tells whether it does.
_ENOUGH: Final = len("e+1")


class Window:
    """Reads values and signs one after the other; stops with a place where the text is wrong."""

    def __init__(self, file: BinaryIO, written: Written) -> None:
        file.seek(written.start)
        self._file, self._decoder = file, codecs.getincrementaldecoder(written.encoding)()
        self._text, self._at, self._is_whole = "", 0, False
        self._offset, self._counted, self._line, self._column = written.start, 0, 1, 1

    @property
    def offset(self) -> int:
        """The byte of the file that is read next."""
        self._offset += len(self._text[self._counted : self._at].encode())
        self._counted = self._at
        return self._offset

    def sign(self, *expected: str) -> str:
        """The next sign that is no space, which must be one of these."""
        found = self._expect(expected)
        self._at += 1
        return found

    def key(self) -> str:
        """The name of a member of an object."""
        self._expect(('"',))
        return str(self.value())

    def peek(self) -> str:
        """The next sign that is no space, or nothing at the end of the text."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def value(self) -> object:
        """The next value, in the spelling of the source."""
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._more():
                    raise Stopped(self._why(error)) from None
            else:
                if end + _ENOUGH <= len(self._text) or not self._more():
                    self._at = end
                    return value

    def _expect(self, expected: tuple[str, ...]) -> str:
        found = self.peek()
        if found not in expected:
            raise Stopped(self.wrong() if found else truncated(self._place(self._at)))
        return found

    def _more(self) -> bool:
        """Read on, unless the text ended or the record is too large."""
        if self._is_whole:
            return False
        self._forget()
        if len(self._text) > MOST_IN_RECORD:
            raise Stopped(record_too_large(self._place(0)))
        chunk = self._file.read(CHUNK)
        self._is_whole = not chunk
        self._text += self._decoder.decode(chunk, final=not chunk)
        return True

    def _forget(self) -> None:
        """Drop what was read, and keep where it ended."""
        _ = self.offset
        gone, self._text = self._text[: self._at], self._text[self._at :]
        self._at = self._counted = 0
        lines = gone.count("\n")
        self._line += lines
        self._column = len(gone) - gone.rfind("\n") if lines else self._column + len(gone)

    def _place(self, position: int) -> str:
        before = self._text[:position]
        lines = before.count("\n")
        column = len(before) - before.rfind("\n") if lines else self._column + len(before)
        return f"line {self._line + lines}, column {column}"

    def _why(self, error: json.JSONDecodeError) -> Unreadable:
        is_cut_off = error.pos >= len(self._text.rstrip())
        if is_cut_off or error.msg.startswith("Unterminated string"):
            return truncated(self._place(error.pos))
        return self.wrong(error.pos)

    def wrong(self, position: int | None = None) -> Unreadable:
        """The answer to a text that is no JSON from here, or from a position, on."""
        message = "the document is not valid JSON from this place on; export it again"
        return malformed(self._place(self._at if position is None else position), message)
