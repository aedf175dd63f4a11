"""A large JSON document in pieces: all but its records, and some of these at their own indexes."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO, Final, TypeAlias

from adapters.contract import Adapter, Cut, Kind, ReadOptions, Unreadable
from adapters.opening import layout_of
from adapters.pieces.encoding import Written, encoding_of
from adapters.pieces.file import MOST_IN_RECORD, CutFile, Stopped, go_on, not_cut, record_too_large
from adapters.pieces.index import Entry, Index
from adapters.pieces.window import Window
from adapters.reading.json_document import DECODER, ODD, duplicate, nodes_of, step, why_odd
from adapters.reading.node import Node

_DEPTH: Final = 2
"""How deep a record is in a document: a member of it holds an array of records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Array:
    """An array of records; `number` is which of those in the document."""

    number: int
    name: str
    path: str

    def nodes(self, value: object, index: int) -> tuple[Node, ...]:
        """A record of it at its place."""
        return nodes_of(value, f"{self.path}[{index}]", self.path, self.name, _DEPTH)


_Member: TypeAlias = tuple[Node, ...] | _Array


@dataclass(slots=True, kw_only=True)
class _Walk:
    """One walk through a document: where its records are, and what else it says."""

    window: Window
    places: Mapping[str, tuple[tuple[str, ...], ...]]
    known_by: Mapping[str, tuple[str, ...]]
    index: Index
    members: list[_Member] = field(default_factory=list)
    sample: dict[int, tuple[Node, ...]] = field(default_factory=dict)
    size: int = 0


def cut_document(
    file: BinaryIO, adapter: Adapter, index: Index, options: ReadOptions
) -> CutFile | Unreadable:
    """Walk through the records of a document and keep where each stands."""
    written = encoding_of(file, fallback=None)
    if isinstance(written, Unreadable):
        return written
    try:
        return _cut(file, written, adapter, index, options)
    except Stopped as stopped:
        return stopped.answer
    except ODD as error:
        return why_odd(error)


def _cut(
    file: BinaryIO, written: Written, adapter: Adapter, index: Index, options: ReadOptions
) -> CutFile:
    documents = [layout for layout in adapter.layouts if layout.kind is Kind.JSON]
    cuts = [layout.cut for layout in documents if layout.cut]
    walk = _Walk(
        window=Window(file, written),
        places={name: places for cut in cuts for name, places in cut.records.items()},
        known_by={name: place for cut in cuts for name, place in cut.known_by.items()},
        index=index,
    )
    if not walk.places or walk.window.peek() != "{":
        raise Stopped(not_cut(adapter.source, "such a document"))
    _document(walk)
    root = _root(walk.members, walk.sample)
    layout = go_on(layout_of(adapter, root, documents))
    go_on(layout.read(root, options))
    _check_names(walk.members, layout.cut, adapter.source, layout.format.name)
    arrays = tuple(f"{one.path}[" for one in walk.members if isinstance(one, _Array))
    return CutFile(
        layout=layout,
        index=index,
        document=partial(_again, file, walk.members),
        is_of_record=lambda place: place.startswith(arrays),
    )


def _check_names(members: list[_Member], cut: Cut | None, source: str, name: str) -> None:
    """An array that another layout is cut by may not be cut in this one."""
    for one in members:
        if isinstance(one, _Array) and (cut is None or one.name not in cut.records):
            raise Stopped(not_cut(source, name))


def _document(walk: _Walk) -> None:
    window, seen = walk.window, set[str]()
    window.sign("{")
    sign = "}" if window.peek() == "}" and window.sign("}") else ","
    while sign == ",":
        name = window.key()
        path = "$" + step(name, len(seen) + 1)
        if name in seen:
            raise Stopped(duplicate(path))
        seen.add(name)
        window.sign(":")
        walk.members.append(_member(walk, name, path))
        sign = window.sign(",", "}")
    if window.peek():
        raise Stopped(window.wrong())


def _member(walk: _Walk, name: str, path: str) -> _Member:
    begun = walk.window.offset
    if name in walk.places and walk.window.peek() == "[":
        walk.window.sign("[")
        if walk.window.peek() != "]":
            array = _Array(number=len(walk.members), name=name, path=path)
            _records(walk, array)
            return array
        walk.window.sign("]")
        return nodes_of([], path, "$", name, 1)
    nodes = nodes_of(walk.window.value(), path, "$", name, 1)
    walk.size += walk.window.offset - begun
    if walk.size > MOST_IN_RECORD:
        raise Stopped(record_too_large(path))
    return nodes


def _records(walk: _Walk, array: _Array) -> None:
    window, index, sign = walk.window, 0, ","
    while sign == ",":
        window.peek()
        begun = window.offset
        nodes = array.nodes(window.value(), index)
        entry = Entry(begun, window.offset - begun, 0, index, array.number)
        known_by = walk.known_by.get(array.name)
        id_ = next(iter(_said(nodes, (known_by,))), None) if known_by else None
        walk.index.add(_said(nodes, walk.places[array.name]) or [str(index)], entry, id_)
        walk.sample.setdefault(array.number, nodes)
        index, sign = index + 1, window.sign(",", "]")


def _said(nodes: tuple[Node, ...], places: tuple[tuple[str, ...], ...]) -> list[str]:
    found = [node.field(*steps) for node in nodes[:1] for steps in places]
    return [one.text for one in found if one]


def _again(file: BinaryIO, members: list[_Member], entries: Collection[Entry]) -> Node:
    records: dict[int, list[Node]] = {}
    arrays = {one.number: one for one in members if isinstance(one, _Array)}
    for entry in entries:
        file.seek(entry.offset)
        value, _ = DECODER.raw_decode(file.read(entry.length).decode())
        found = arrays[entry.of].nodes(value, entry.number)
        records.setdefault(entry.of, []).extend(found)
    return _root(members, records)


def _root(members: list[_Member], records: Mapping[int, Collection[Node]]) -> Node:
    return Node("$", "$", None, tuple(_children(members, records)))


def _children(members: list[_Member], records: Mapping[int, Collection[Node]]) -> Iterator[Node]:
    for one in members:
        yield from records.get(one.number, ()) if isinstance(one, _Array) else one
