"""CSV with a header: a bad row is a fault of that row, a bad header is a fault of the file."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.contract import Unreadable
from adapters.reading.node import Field, clean, shown
from adapters.reading.text import CONTROL, decode, truncated

if TYPE_CHECKING:
    import _csv


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a row cannot be used."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record: its first line in the file, its cells in order, and its fault if it has one."""

    line: int
    fields: tuple[Field, ...]
    columns: tuple[str, ...]
    fault: Fault | None = None

    def field(self, column: str) -> Field | None:
        """The cell under that column, if the row has it."""
        return next(
            (cell for name, cell in zip(self.columns, self.fields, strict=False) if name == column),
            None,
        )


def read_csv(
    raw: bytes, *, columns: frozenset[str], code_page: str
) -> tuple[Row, ...] | Unreadable:
    """The rows under a header that must hold every expected column, in any order."""
    text = decode(raw, fallback=code_page)
    if isinstance(text, Unreadable):
        return text
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    try:
        header = tuple(name.strip() for name in next(lines, []))
    except csv.Error:
        return _bad_header("it cannot be read as a line of column names")
    if problem := _header_problem(header, columns):
        return problem
    rows = tuple(_rows(lines, header))
    last = rows[-1] if rows else None
    return truncated(f"line {last.line}") if last and last.fault == _UNFINISHED else rows


_UNFINISHED = Fault(code="truncated", message="the file stops inside this row")
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


def _header_problem(header: tuple[str, ...], columns: frozenset[str]) -> Unreadable | None:
    missing = sorted(columns - set(header))
    if missing:
        return _bad_header(f"missing: {', '.join(missing)}")
    if len(set(header)) < len(header):
        return _bad_header("a column stands in it twice")
    return None


def _bad_header(what: str) -> Unreadable:
    return Unreadable(
        code="header-mismatch",
        where="line 1",
        message=f"the header is not the agreed one ({what}); export with the agreed columns",
        status=422,
    )


def _rows(lines: "_csv.Reader", header: tuple[str, ...]) -> Iterator[Row]:
    while True:
        line = lines.line_num + 1
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            unfinished = "end of data" in str(error)
            yield _broken(line, _UNFINISHED if unfinished else _NOT_A_ROW)
            continue
        if cells:
            yield _row(line, cells, header)


def _broken(line: int, fault: Fault) -> Row:
    place = f"line {line}"
    whole = Field(path=place, place=place, name="row", text="-")
    return Row(line=line, fields=(whole,), columns=(), fault=fault)


def _row(line: int, cells: list[str], header: tuple[str, ...]) -> Row:
    fields = tuple(_cell(line, number, header, text) for number, text in enumerate(cells, start=1))
    fault = None
    if len(cells) != len(header):
        fault = _WRONG_WIDTH
    elif any(CONTROL.search(text) for text in cells):
        fault = _CONTROL
    return Row(line=line, fields=fields, columns=header, fault=fault)


def _cell(line: int, number: int, header: tuple[str, ...], text: str) -> Field:
    known = number <= len(header)
    name = shown(header[number - 1], number) if known else f"cell {number}"
    path = f"line {line}, column {name}" if known else f"line {line}, {name}"
    return Field(path=path, place=f"line {line}", name=name, text=clean(text))
