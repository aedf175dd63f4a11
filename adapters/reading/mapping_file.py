"""Where an adapter's own names stand in a source: a file in `schemas/mappings`, checked at import.

A layout that no public specification fixes is read through such a file, so that the real layout
changes the file and no code.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from adapters.contract import Unreadable
from adapters.reading.csv_table import Row, Table
from adapters.reading.node import Field, Node
from schemas import read_data

_ABOUT: Final = ("version", "source", "date", "status")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER: Final = "{n}"


class MappingFileError(ValueError):
    """A mapping file does not say what its adapter needs to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingFile:
    """Places and words by the adapter's own names.

    A place is a column, or steps from a node (`a/b`; an XML attribute is `@a`); in those that are
    `repeated`, `{n}` counts groups of a flat layout. Words are the spellings of one meaning, and
    `meanings` has that of each word.
    """

    name: str
    version: str
    source: str
    date: str
    status: str
    places: Mapping[str, tuple[str, ...]]
    words: Mapping[str, frozenset[str]]
    repeated: frozenset[str]
    meanings: Mapping[str, str]

    def field(self, at: Node | Row | None, name: str, number: int = 1) -> Field | None:
        """The leaf at that place, seen from a node or a row."""
        if at is None:
            return None
        steps = self.places[name] if name not in self.repeated else self._steps(name, number)
        return at.field(steps[0]) if isinstance(at, Row) else at.field(*steps)

    def node(self, at: Node | None, name: str) -> Node | None:
        """The first node at that place."""
        return at.at(*self._steps(name)) if at else None

    def nodes(self, at: Node | None, name: str) -> Iterator[Node]:
        """Every node at that place, through every repetition on the way."""
        here = [at] if at else []
        for step in self._steps(name):
            here = [child for node in here for child in node.nodes(step)]
        yield from here

    def column(self, name: str, number: int = 1) -> str:
        """The column of that name."""
        return self._steps(name, number)[0]

    def columns(self, *names: str, number: int = 1) -> tuple[str, ...]:
        """The columns of those names, for `Row.cells`."""
        return tuple(self.column(name, number) for name in names)

    def lacks(self, table: Table, *, optional: Collection[str] = ()) -> Unreadable | None:
        """Why the header is not this one; a repeated group must be there once."""
        needed = [name for name in self.places if name not in optional]
        return table.lacks(frozenset(self.column(name) for name in needed))

    def says(self, field: Field | None, *meanings: str) -> bool:
        """Whether the field holds a word of one of these meanings."""
        return self.meanings.get(field.text if field else "") in meanings

    def meaning(self, field: Field | None) -> str | None:
        """What the field's word means, or None when it is a word of no meaning."""
        return self.meanings.get(field.text if field else "")

    def _steps(self, name: str, number: int = 1) -> tuple[str, ...]:
        steps = self.places[name]
        if name not in self.repeated:
            return steps
        return _numbered(steps, number)


@lru_cache(maxsize=4096)
def _numbered(steps: tuple[str, ...], number: int) -> tuple[str, ...]:
    return tuple(step.replace(_NUMBER, str(number)) for step in steps)


def mapping_file(name: str, *, places: Collection[str], words: Collection[str] = ()) -> MappingFile:
    """Read `schemas/mappings/<name>.json`; it must hold exactly the names the adapter uses."""
    return checked(name, json.loads(read_data("mappings", f"{name}.json")), places, words)


def checked(
    name: str, content: Mapping[str, Any], places: Collection[str], words: Collection[str]
) -> MappingFile:
    """The content of a mapping file, or a `MappingFileError` that names what is wrong in it."""
    for about in _ABOUT:
        if not content.get(about):
            raise MappingFileError(f"{name}: it does not say its {about}")
    if not _DATE.fullmatch(content["date"]):
        raise MappingFileError(f"{name}: its date is not written as yyyy-mm-dd")
    _same_names(name, "places", content, places)
    _same_names(name, "words", content, words)
    words_of = content.get("words", {})
    return MappingFile(
        name=name,
        places=_frozen({own: tuple(there.split("/")) for own, there in content["places"].items()}),
        repeated=frozenset(own for own, there in content["places"].items() if _NUMBER in there),
        words=_frozen({own: frozenset(said) for own, said in words_of.items()}),
        meanings=_frozen(_meanings(words_of)),
        **{about: content[about] for about in _ABOUT},
    )


def _meanings(words: Mapping[str, Collection[str]]) -> dict[str, str]:
    """The meaning of each word; of one that stands under two the first."""
    return {word: name for name, said in reversed(list(words.items())) for word in said}


def _same_names(
    name: str, kind: str, content: Mapping[str, Any], expected: Collection[str]
) -> None:
    given = content.get(kind, {})
    if missing := sorted(set(expected) - set(given)):
        raise MappingFileError(f"{name}: {kind} is missing {', '.join(missing)}")
    if surplus := sorted(set(given) - set(expected)):
        raise MappingFileError(f"{name}: {kind} has {', '.join(surplus)}, which nothing reads")
    if empty := sorted(own for own, there in given.items() if not there):
        raise MappingFileError(f"{name}: {kind} leaves {', '.join(empty)} empty")


def _frozen(names: dict[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(names)
