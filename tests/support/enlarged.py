"""Large files made from the samples: the same records again and again, each time of others."""

import csv
import io
import json
from collections.abc import Iterator
from copy import deepcopy
from itertools import count
from typing import Any

from adapters.contract import ROWS, Cut, ReadOptions
from adapters.opening import Opened
from adapters.translate import open_record

_LETTERS = "abcdefghij"


def cut_of(source: str, raw: bytes) -> Cut | None:
    """How the layout of a sample is cut, if it is."""
    opened = open_record(source, raw, ReadOptions(allow_test_numbers=True))
    return opened.layout.cut if isinstance(opened, Opened) else None


def enlarged(source: str, raw: bytes, size: int) -> Iterator[bytes]:
    """A file of about this many bytes, in chunks: of one that is cut, the records are repeated."""
    cut = cut_of(source, raw)
    assert cut is not None, "this layout is not cut"
    if ROWS in cut.records:
        return _table(raw.decode("utf-8" if source != "caw" else "windows-1252"), cut, size)
    return _document(json.loads(raw), cut, size)


def records_in(raw: bytes, cut: Cut) -> int:
    """How many records a file holds."""
    if ROWS in cut.records:
        text = raw.decode("utf-8", "replace")
        return sum(1 for row in csv.reader(io.StringIO(text), delimiter=";") if row) - 1
    document = json.loads(raw)
    return sum(len(document[name]) for name in cut.records)


def _table(text: str, cut: Cut, size: int) -> Iterator[bytes]:
    header, *rows = [row for row in csv.reader(io.StringIO(text), delimiter=";") if row]
    places = [header.index(column) for (column,) in cut.records[ROWS]]
    yield _written([header])
    while size > 0:
        for number in count():
            again = [
                [
                    _other(cell, number) if place in places else cell
                    for place, cell in enumerate(row)
                ]
                for row in rows
            ]
            chunk = _written(again)
            size -= len(chunk)
            yield chunk
            if size <= 0:
                return


def _written(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(rows)
    return text.getvalue().encode()


def _document(document: dict[str, Any], cut: Cut, size: int) -> Iterator[bytes]:
    envelope = {name: value for name, value in document.items() if name not in cut.records}
    yield json.dumps(envelope).removesuffix("}").encode()
    comma = ", " if envelope else ""
    sizes = {name: len(json.dumps(document[name])) for name in cut.records}
    for name, places in cut.records.items():
        yield f'{comma}"{name}": ['.encode()
        rounds = max(1, size // sum(sizes.values()))
        yield from _records(document[name], places, rounds)
        yield b"]"
        comma = ", "
    yield b"}"


def _records(
    records: list[dict[str, Any]], places: tuple[tuple[str, ...], ...], rounds: int
) -> Iterator[bytes]:
    for number in range(rounds):
        again = deepcopy(records)
        for record, (*steps, last) in ((one, place) for one in again for place in places):
            holder = record
            for step in steps:
                holder = holder[step]
            if last in holder:
                holder[last] = _other(holder[last], number)
        comma = "," if number else ""
        yield (comma + json.dumps(again)[1:-1]).encode()


def _other(value: str, number: int) -> str:
    """The same value of another record: of the first ones it is left as it is."""
    return value + "".join(_LETTERS[int(digit)] for digit in str(number)) if number else value
