"""JSON without its surprises: no duplicate keys, no NaN, bounded depth, numbers as written."""

import json
import re
from functools import lru_cache
from typing import NoReturn

from adapters.contract import Unreadable
from adapters.reading.node import MAX_DEPTH, Field, Node, clean, shown
from adapters.reading.text import CONTROL, decode, position, too_deep, truncated

_PLAIN_KEY = re.compile(r"\w+")


class _Pairs(list[tuple[str, object]]):
    """A JSON object as read, so that a repeated key is still visible."""


class _NotANumber(ValueError):
    """NaN or an infinity stood where JSON wants a number."""


class Refused(Exception):
    """Carries an answer out of the recursion; it never leaves the reading of a document."""

    def __init__(self, answer: Unreadable) -> None:
        super().__init__()
        self.answer = answer


def read_json(raw: bytes) -> Node | Unreadable:
    """The document as a tree of places, or why it cannot be read."""
    text = decode(raw)
    if isinstance(text, Unreadable):
        return text
    try:
        return _root(DECODER.decode(text))
    except json.JSONDecodeError as error:
        return _syntax_problem(text, error)
    except ODD as error:
        return why_odd(error)


def why_odd(error: Exception) -> Unreadable:
    """What to answer to well-formed JSON that is refused all the same: one of `ODD`."""
    if isinstance(error, Refused):
        return error.answer
    if isinstance(error, RecursionError):
        return too_deep("$", MAX_DEPTH)
    message = "a number is NaN or infinite, which JSON does not know; leave the field out"
    return malformed("$", message)


def _no_constant(_: str) -> NoReturn:
    raise _NotANumber


# Numbers stay text: their spelling is the source's, and a huge one costs nothing to read.
DECODER = json.JSONDecoder(
    object_pairs_hook=_Pairs, parse_float=str, parse_int=str, parse_constant=_no_constant
)
ODD = (RecursionError, _NotANumber, Refused)


def _root(value: object) -> Node:
    top = nodes_of(value, "$", "", "$", 0)
    return top[0] if len(top) == 1 else Node(name="$", path="$", own=None, children=top)


def _syntax_problem(text: str, error: json.JSONDecodeError) -> Unreadable:
    where = position(text, error.pos)
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return truncated(where)
    return malformed(where, "the document is not valid JSON from this place on; export it again")


def malformed(where: str, message: str) -> Unreadable:
    """The answer to what is no JSON."""
    return Unreadable(code="malformed", where=where, message=message, status=400)


def nodes_of(value: object, path: str, place: str, name: str, depth: int) -> tuple[Node, ...]:
    """One node, or one for each item of an array: a repeated XML element looks the same."""
    if isinstance(value, list) and depth >= MAX_DEPTH:
        raise Refused(too_deep(f"level {depth + 1}", MAX_DEPTH))
    if isinstance(value, _Pairs) and value:
        return (Node(name, path, None, _members(value, path, depth)),)
    if isinstance(value, list) and value:
        found: list[Node] = []
        for index, item in enumerate(value):
            found += nodes_of(item, f"{path}[{index}]", path, name, depth + 1)
        return tuple(found)
    label = path.removeprefix(place).lstrip(".")
    return (Node(name, path, Field(path, place, label, _text(value, path))),)


def _members(pairs: _Pairs, path: str, depth: int) -> tuple[Node, ...]:
    seen: set[str] = set()
    found: list[Node] = []
    for number, (key, value) in enumerate(pairs, start=1):
        here = path + step(key, number)
        if key in seen:
            raise Refused(duplicate(here))
        seen.add(key)
        found += nodes_of(value, here, path, key, depth + 1)
    return tuple(found)


@lru_cache(maxsize=4096)
def step(key: str, number: int) -> str:
    """The end of the path of a member, by its key and its place in the object."""
    label = shown(key, number)
    return f".{label}" if _PLAIN_KEY.fullmatch(label) else f'["{label}"]'


def duplicate(where: str) -> Unreadable:
    """The answer to a key that stands twice."""
    return Unreadable(
        code="duplicate-key",
        where=where,
        message="a key stands twice in one object; send each key once",
        status=400,
    )


def _text(value: object, path: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return ""
    if not value.isprintable() and CONTROL.search(value):
        raise Refused(malformed(path, "the text holds control characters; remove them"))
    return clean(value)
