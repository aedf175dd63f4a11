"""From bytes to text: which encodings are accepted, and what is said when they are not."""

import codecs
import re

from adapters.contract import Unreadable

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

FOREIGN_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)

EMPTY = Unreadable(
    code="empty", where="byte 0", message="the file is empty; send the whole record", status=400
)


def decode(raw: bytes, *, fallback: str | None = None) -> str | Unreadable:
    """Text by byte order mark, else strict UTF-8, else the source's own code page."""
    if not raw.strip():
        return EMPTY
    if raw.startswith(FOREIGN_MARKS):
        return wrong_encoding(0, fallback)
    try:
        return raw.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        if fallback is None or raw.startswith(codecs.BOM_UTF8):
            return wrong_encoding(error.start, None)
    try:
        return raw.decode(fallback)
    except UnicodeDecodeError as error:
        return wrong_encoding(error.start, fallback)


def wrong_encoding(position: int, fallback: str | None) -> Unreadable:
    """The answer to bytes that are no text in the encodings of a source."""
    accepted = f"UTF-8 or {fallback}" if fallback else "UTF-8"
    return Unreadable(
        code="wrong-encoding",
        where=f"byte {position}",
        message=f"the bytes are not text in the agreed encoding; export the file as {accepted}",
        status=415,
    )


def position(text: str, offset: int) -> str:
    """Line and column of an offset, counted from one."""
    line = text.count("\n", 0, offset) + 1
    return f"line {line}, column {offset - (text.rfind(chr(10), 0, offset) + 1) + 1}"


def too_deep(where: str, limit: int) -> Unreadable:
    """The answer to nesting beyond the limit."""
    return Unreadable(
        code="too-deep",
        where=where,
        message=f"the document nests deeper than {limit} levels; send it without nesting that deep",
        status=400,
    )


def truncated(where: str) -> Unreadable:
    """The answer to a document that stops before its end."""
    return Unreadable(
        code="truncated",
        where=where,
        message="the file stops before its end; send it again in full",
        status=400,
    )
