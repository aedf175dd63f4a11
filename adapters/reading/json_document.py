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


class _Refused(Exception):
    """Carries an answer out of the recursion; it never leaves this module."""

    def __init__(self, answer: Unreadable) -> None:
        super().__init__()
        self.answer = answer


def read_json(raw: bytes) -> Node | Unreadable:
    """The document as a tree of places, or why it cannot be read."""
    text = decode(raw)
    if isinstance(text, Unreadable):
        return text
    try:
        return _root(_parse(text))
    except RecursionError:
        return too_deep("$", MAX_DEPTH)
    except json.JSONDecodeError as error:
        return _syntax_problem(text, error)
    except _NotANumber:
        return _malformed(
            "$", "a number is NaN or infinite, which JSON does not know; leave the field out"
        )
    except _Refused as refused:
        return refused.answer


def _parse(text: str) -> object:
    # Numbers stay text: their spelling is the source's, and a huge one costs nothing to read.
    return json.loads(
        text,
        object_pairs_hook=_Pairs,
        parse_float=str,
        parse_int=str,
        parse_constant=_no_constant,
    )


def _no_constant(_: str) -> NoReturn:
    raise _NotANumber


def _root(value: object) -> Node:
    top = _nodes(value, "$", "", "$", 0)
    return top[0] if len(top) == 1 else Node(name="$", path="$", own=None, children=top)


def _syntax_problem(text: str, error: json.JSONDecodeError) -> Unreadable:
    where = position(text, error.pos)
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return truncated(where)
    return _malformed(where, "the document is not valid JSON from this place on; export it again")


def _malformed(where: str, message: str) -> Unreadable:
    return Unreadable(code="malformed", where=where, message=message, status=400)


def _nodes(value: object, path: str, place: str, name: str, depth: int) -> tuple[Node, ...]:
    """One node, or one for each item of an array: a repeated XML element looks the same."""
    if isinstance(value, list) and depth >= MAX_DEPTH:
        raise _Refused(too_deep(f"level {depth + 1}", MAX_DEPTH))
    if isinstance(value, _Pairs) and value:
        return (Node(name, path, None, _members(value, path, depth)),)
    if isinstance(value, list) and value:
        found: list[Node] = []
        for index, item in enumerate(value):
            found += _nodes(item, f"{path}[{index}]", path, name, depth + 1)
        return tuple(found)
    label = path.removeprefix(place).lstrip(".")
    return (Node(name, path, Field(path, place, label, _text(value, path))),)


def _members(pairs: _Pairs, path: str, depth: int) -> tuple[Node, ...]:
    seen: set[str] = set()
    found: list[Node] = []
    for number, (key, value) in enumerate(pairs, start=1):
        here = path + _step(key, number)
        if key in seen:
            raise _Refused(_duplicate(here))
        seen.add(key)
        found += _nodes(value, here, path, key, depth + 1)
    return tuple(found)


@lru_cache(maxsize=4096)
def _step(key: str, number: int) -> str:
    label = shown(key, number)
    return f".{label}" if _PLAIN_KEY.fullmatch(label) else f'["{label}"]'


def _duplicate(where: str) -> Unreadable:
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
        raise _Refused(_malformed(path, "the text holds control characters; remove them"))
    return clean(value)
