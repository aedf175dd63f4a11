"""What a source's statement is now, from all that the source told about it: pure, in any order.

Of each statement the greatest of three things counts: what it says (its base), each kind of end,
and the change of each element. Taking the greatest is the same in every order and however often it
is told; what follows from the three is therefore the same too (docs/changes.md).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Self

from adapters.contract import Resource
from gateway.clock import brussels_date
from gateway.fhir.ended import RANKS, ended_form

_VERSION_DIGITS: Final = 12
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:\d{2})")

ACTIVE: Final = "active"


def order_of(asserted_at: str, version: str) -> str:
    """Return what sorts statements by when they were made, and then by the source's version.

    Instants are compared in one time zone, after their day in Brussels, since a date without a time
    is a day there; and version 10 comes after version 9.
    """
    number = version.isascii() and version.isdigit()
    last = version.zfill(_VERSION_DIGITS) if number else _in_one_zone(version)
    return f"{_in_one_zone(asserted_at)}#{last}"


def _in_one_zone(told: str) -> str:
    if _INSTANT.fullmatch(told):
        try:
            moment = datetime.fromisoformat(told).astimezone(UTC)
        except (ValueError, OverflowError):
            return told
        return f"{brussels_date(moment)}T{moment:%Y-%m-%dT%H:%M:%S.%fZ}"
    return told


@dataclass(frozen=True, slots=True, order=True)
class Base:
    """What the source says in full; of two at one moment the greater bytes stand."""

    order: str
    content: bytes


@dataclass(frozen=True, slots=True, order=True)
class Amended:
    """What stands in one element from then on, as JSON."""

    order: str
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """All that counts of what a source told about one statement, in whatever order it came."""

    base: Base | None = None
    ended: Mapping[str, str] = field(default_factory=dict)
    """Of each kind of end the newest order."""
    amended: Mapping[str, Amended] = field(default_factory=dict)
    """Of each element the newest change."""

    def with_base(self, new: Base) -> Self:
        """Return it after the source said the statement in full."""
        return replace(self, base=max(self.base, new) if self.base else new)

    def with_end(self, ending: str, order: str) -> Self:
        """Return it after the source ended the statement."""
        newest = max(self.ended.get(ending, ""), order)
        return replace(self, ended={**self.ended, ending: newest})

    def without_end(self, ending: str) -> Self:
        """Return it as if the source had not ended the statement so."""
        return replace(self, ended={one: at for one, at in self.ended.items() if one != ending})

    def with_amendment(self, element: str, new: Amended) -> Self:
        """Return it after the source changed one element."""
        known = self.amended.get(element)
        newest = max(known, new) if known else new
        return replace(self, amended={**self.amended, element: newest})

    @property
    def ending(self) -> str | None:
        """Why the statement no longer stands; None while it does.

        At one moment the end counts: whoever says something and takes it back has taken it back.
        """
        since = self.base.order if self.base else ""
        over = [ending for ending, order in self.ended.items() if order >= since]
        return max(over, key=RANKS.index, default=None)

    @property
    def changes(self) -> tuple[tuple[str, Amended], ...]:
        """The changes that are no older than the base, and no newer than the end; oldest first."""
        if self.base is None:
            return ()
        since, until = self.base.order, self.ended[self.ending] if self.ending else None
        return tuple(
            (element, one)
            for element, one in sorted(self.amended.items(), key=lambda item: (item[1], item[0]))
            if one.order >= since and (until is None or one.order <= until)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a statement is stored now: as said, or as what became of it."""

    status: str
    content: Resource


def standing(said: Resource, changes: Iterable[tuple[str, Any]], ending: str | None) -> Standing:
    """Return what became of a statement: each change in its element, and then its end.

    An element may be a path such as `name.0.family`, in which a number is a place in a list.
    """
    content: Any = said
    for element, value in changes:
        content = _put(content, element.split("."), value)
    if ending is None:
        return Standing(status=ACTIVE, content=content)
    return Standing(status=ending, content=ended_form(content, ending))


def _put(node: Any, path: list[str], value: Any) -> Any:
    """Return the node with another value at a path; without a value, nothing stands there."""
    if not path:
        return value
    step, *rest = path
    if step.isdecimal():
        return _put_in_list(node if isinstance(node, list) else [], int(step), rest, value)
    known = node if isinstance(node, dict) else {}
    put = _put(known.get(step), rest, value)
    if put in (None, {}, []):
        # FHIR knows no empty elements.
        return {name: one for name, one in known.items() if name != step}
    return {**known, step: put}


def _put_in_list(known: list[Any], place: int, rest: list[str], value: Any) -> list[Any]:
    if place > len(known):
        return known
    put = _put(known[place] if place < len(known) else None, rest, value)
    filled = [] if put in (None, {}, []) else [put]
    return [*known[:place], *filled, *known[place + 1 :]]
