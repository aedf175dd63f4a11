"""CSV with a header: a bad row is a fault of that row, a bad header is a fault of the file."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Final, TypeAlias

from adapters.contract import Unreadable
from adapters.reading.node import Field, clean, shown
from adapters.reading.text import CONTROL, decode, truncated

if TYPE_CHECKING:
    import _csv

_Pick: TypeAlias = Callable[[tuple[Field | None, ...]], tuple[Field | None, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a row cannot be used."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record: its first line in the file, its cells in order, and its fault if it has one.

    `number` counts the rows of the file from one, blank lines aside.
    All rows of a file share their `columns`.
    """

    line: int
    number: int
    fields: tuple[Field, ...]
    columns: "Columns"
    fault: Fault | None = None

    def field(self, column: str) -> Field | None:
        """The cell under that column, if the row has it."""
        position = self.columns.at.get(column)
        if position is None or position >= len(self.fields):
            return None
        return self.fields[position]

    def cells(self, columns: tuple[str, ...]) -> tuple[Field | None, ...]:
        """The cells under two or more columns of a row without a fault; None: no such column."""
        return self.columns.pick(columns)((*self.fields, None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rows of a file under its header."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]

    def lacks(self, columns: frozenset[str]) -> Unreadable | None:
        """Why the header is not the agreed one, which may stand in any order; None if it is."""
        missing = sorted(columns - set(self.header))
        return _bad_header(f"missing: {', '.join(missing)}") if missing else None


def read_table(raw: bytes, *, code_page: str | None) -> Table | Unreadable:
    """The rows of a file with `;` between its cells, or why it cannot be read."""
    text = decode(raw, fallback=code_page)
    if isinstance(text, Unreadable):
        return text
    lines = reader(io.StringIO(text, newline=""))
    header = read_header(lines)
    if isinstance(header, Unreadable):
        return header
    columns = Columns.of(header)
    rows = tuple(
        row_of(line, number, cells, columns)
        for number, (line, cells) in enumerate(raw_rows(lines), start=1)
    )
    if rows and rows[-1].fault == UNFINISHED:
        return truncated(f"line {rows[-1].line}")
    return Table(header=header, rows=rows)


def fields_of(rows: Iterable[Row]) -> Iterator[Field]:
    """Every cell of these rows, for an account."""
    return chain.from_iterable(row.fields for row in rows)


def reader(lines: Iterable[str]) -> "_csv.Reader":
    """A reader of the agreed form: `;` between cells, quotes that close."""
    return csv.reader(lines, delimiter=";", strict=True)


def read_header(lines: "_csv.Reader") -> tuple[str, ...] | Unreadable:
    """The names of the columns, or why they are none."""
    try:
        header = tuple(name.strip() for name in next(lines, []))
    except csv.Error:
        return _bad_header("it cannot be read as a line of column names")
    if len(set(header)) < len(header):
        return _bad_header("a column stands in it twice")
    return header


UNFINISHED = Fault(code="truncated", message="the file stops inside this row")
_NOT_A_ROW = Fault(
    code="malformed-row",
    message="the quotes in this row do not close as they should; correct the row",
)
_WRONG_WIDTH = Fault(
    code="column-count",
    message="the row has not as many cells as the header has columns; correct the row",
)
_CONTROL = Fault(
    code="control-character",
    message="the row holds control characters; remove them",
)


def _bad_header(what: str) -> Unreadable:
    return Unreadable(
        code="header-mismatch",
        where="line 1",
        message=f"the header is not the agreed one ({what}); export with the agreed columns",
        status=422,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What all rows of a file share: where each column is, and what it is called in an account."""

    at: Mapping[str, int]
    shown: tuple[str, ...]
    _picks: dict[tuple[str, ...], _Pick] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of(cls, header: tuple[str, ...]) -> "Columns":
        """The columns under a header without a name twice."""
        return cls(
            at={name: position for position, name in enumerate(header)},
            shown=tuple(shown(name, number) for number, name in enumerate(header, start=1)),
        )

    def pick(self, columns: tuple[str, ...]) -> _Pick:
        """What takes the cells under these columns, from those of a row with None behind them."""
        known = self._picks.get(columns)
        if known is None:
            known = itemgetter(*(self.at.get(column, -1) for column in columns))
            self._picks[columns] = known
        return known


_NONE: Final = Columns.of(())


def raw_rows(lines: "_csv.Reader") -> Iterator[tuple[int, list[str] | Fault]]:
    """Each row that is not blank: its first line, and its cells or why it has none."""
    while True:
        line = lines.line_num + 1
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, UNFINISHED if "end of data" in str(error) else _NOT_A_ROW
            continue
        if cells:
            yield line, cells


def row_of(line: int, number: int, cells: list[str] | Fault, columns: Columns) -> Row:
    """A row under its header, at its places in the file."""
    place, fault = f"line {line}", None
    if isinstance(cells, Fault):
        whole = Field(place, place, "row", "-")
        return Row(line=line, number=number, fields=(whole,), columns=_NONE, fault=cells)
    if len(cells) != len(columns.shown):
        fault = _WRONG_WIDTH
    elif any(CONTROL.search(text) for text in cells if not text.isprintable()):
        fault = _CONTROL
    known = [
        Field(f"{place}, column {name}", place, name, clean(text))
        for name, text in zip(columns.shown, cells, strict=False)
    ]
    surplus = [
        Field(f"{place}, cell {number}", place, f"cell {number}", clean(text))
        for number, text in enumerate(cells[len(known) :], start=len(known) + 1)
    ]
    return Row(line=line, number=number, fields=(*known, *surplus), columns=columns, fault=fault)
