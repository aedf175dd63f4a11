"""A large CSV in pieces: its header, and some of its rows at their own line numbers."""

import io
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any, BinaryIO, Final

from adapters.contract import ROWS, Adapter, Kind, Layout, ReadOptions, Unreadable
from adapters.opening import layout_of
from adapters.pieces.encoding import Written, encoding_of
from adapters.pieces.file import MOST_IN_RECORD, CutFile, Stopped, cut_of, go_on, record_too_large
from adapters.pieces.index import Entry, Index
from adapters.reading.csv_table import (
    UNFINISHED,
    Columns,
    Fault,
    Row,
    Table,
    raw_rows,
    read_header,
    reader,
    row_of,
)
from adapters.reading.text import truncated

_LONGEST_LINE: Final = 1 << 18


def cut_table(
    file: BinaryIO, adapter: Adapter, index: Index, options: ReadOptions
) -> CutFile | Unreadable:
    """Walk through the rows of a file and keep where each stands."""
    written = encoding_of(file, fallback=adapter.code_page)
    if isinstance(written, Unreadable):
        return written
    lines = _Lines(file, written)
    try:
        return _cut(lines, adapter, index, options)
    except Stopped as stopped:
        return stopped.answer
    finally:
        lines.close()


class _Lines:
    """The lines of a file for a CSV reader, with the byte at which the next one begins."""

    def __init__(self, file: BinaryIO, written: Written) -> None:
        file.seek(written.start)
        self.file, self.encoding, self.end = file, written.encoding, written.start
        self._text = io.TextIOWrapper(file, written.encoding, newline="")
        self._begun, self._lines = written.start, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(_LONGEST_LINE)
        if not line:
            raise StopIteration
        self._lines += 1
        self.end += len(line.encode(self.encoding))
        if len(line) == _LONGEST_LINE or self.end - self._begun > MOST_IN_RECORD:
            raise Stopped(record_too_large(f"line {self._lines}"))
        return line

    def record(self) -> int:
        """The byte at which the record that was read began; the next one begins now."""
        begun, self._begun = self._begun, self.end
        return begun

    def close(self) -> None:
        """Let go of the file without closing it."""
        self._text.detach()


def _cut(lines: _Lines, adapter: Adapter, index: Index, options: ReadOptions) -> CutFile:
    rows = reader(lines)
    header = go_on(read_header(rows))
    layout = _layout(header, adapter, options)
    places = [header.index(column) for (column,) in cut_of(adapter, layout).records[ROWS]]
    lines.record()
    for number, (line, cells) in enumerate(raw_rows(rows), start=1):
        if cells == UNFINISHED:
            raise Stopped(truncated(f"line {line}"))
        begun = lines.record()
        entry = Entry(begun, lines.end - begun, line, number, 0)
        index.add(_said(cells, places) or [str(number)], entry)
    return CutFile(
        layout=layout,
        index=index,
        document=partial(_table, lines.file, lines.encoding, header),
        is_of_record=_is_of_row,
    )


def _layout(header: tuple[str, ...], adapter: Adapter, options: ReadOptions) -> Layout[Table, Any]:
    empty = Table(header=header, rows=())
    tables = [layout for layout in adapter.layouts if layout.kind is Kind.CSV]
    layout = go_on(layout_of(adapter, empty, tables))
    go_on(layout.read(empty, options))
    return layout


def _said(cells: list[str] | Fault, places: list[int]) -> list[str]:
    if isinstance(cells, Fault):
        return []
    return [cells[place] for place in places if place < len(cells)]


def _table(
    file: BinaryIO, encoding: str, header: tuple[str, ...], entries: Collection[Entry]
) -> Table:
    columns = Columns.of(header)
    return Table(
        header=header,
        rows=tuple(_row(file, encoding, entry, columns) for entry in entries),
    )


def _row(file: BinaryIO, encoding: str, entry: Entry, columns: Columns) -> Row:
    file.seek(entry.offset)
    text = file.read(entry.length).decode(encoding)
    ((_, cells),) = raw_rows(reader(io.StringIO(text, newline="")))
    return row_of(entry.line, entry.number, cells, columns)


def _is_of_row(place: str) -> bool:
    return place.startswith("line ")
