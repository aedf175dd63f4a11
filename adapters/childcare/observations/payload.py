"""The observation sheet of a group: a title, a heading somewhere below it, a row for each child."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from adapters.contract import ReadOptions, Unreadable
from adapters.reading.csv_table import Fault
from adapters.reading.mapping_file import mapping_file
from adapters.reading.node import Field
from adapters.reading.spreadsheet_values import CellKind
from adapters.reading.workbook import Cell, Sheet, Workbook

OBSERVATIONS: Final = mapping_file(
    "childcare/observations",
    places={
        "name",
        "born",
        "observed",
        "wellbeing",
        "involvement",
        "motor",
        "language",
        "remark",
        "internal",
    },
    words={"made.by", "legend", "total", "replaces", "doubt"},
)
_OPTIONAL: Final = frozenset({"motor", "language", "remark", "internal"})
_DAY: Final = len("2024-11-18")
_SIGNS: Final = ("name", "wellbeing")
_BRACKETS: Final = re.compile(r"\(([^()]+)\)$")
_HIDDEN: Final = Fault(
    code="hidden-row", message="the row is hidden; show it, or delete it from the sheet"
)
_MERGED: Final = Fault(
    code="merged-cells",
    message="cells are merged over several rows; split them and fill in each row",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row about one child on one day; `cells` by our own names, and the fault if any."""

    number: str
    place: str
    fields: tuple[Field, ...]
    cells: Mapping[str, Cell]
    fault: Fault | None = None

    def field(self, name: str) -> Field | None:
        """What stands under that heading."""
        return self.cells[name].field if name in self.cells else None

    def day(self, name: str) -> Field | None:
        """The date under that heading, without a time of day."""
        cell = self.cells.get(name)
        if cell and cell.kind is CellKind.DATE:
            return cell.field._replace(text=cell.field.text[:_DAY])
        return cell.field if cell else None

    def said(self) -> tuple[Field, ...]:
        """Remarks: those in their own column, and those attached to a cell."""
        comments = (cell.comment for cell in self.cells.values())
        return tuple(one for one in (self.field("remark"), *comments) if one and one.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The rows of every sheet with the heading; `location` is the name between brackets."""

    fields: tuple[Field, ...]
    modified: Field | None
    location: Field | None
    tabs: tuple[Field, ...]
    titles: tuple[Field, ...]
    headings: tuple[Field, ...]
    legend: tuple[Field, ...]
    totals: tuple[Field, ...]
    lines: tuple[Line, ...]


def is_group(book: Workbook) -> bool:
    """Whether a sheet has a heading with a child and its wellbeing."""
    return any(_heading(sheet) is not None for sheet in book.sheets)


def read(book: Workbook, _: ReadOptions) -> Group | Unreadable:
    """Sheets to payload; a heading without an agreed column, or with one twice, is refused."""
    sheets = [(sheet, row) for sheet in book.sheets if (row := _heading(sheet)) is not None]
    if not sheets:
        return _wrong("the whole file", "no sheet has the agreed heading")
    for sheet, row in sheets:
        if wrong := _wrong_heading(sheet, row):
            return wrong
    titles = tuple(cell.field for sheet, row in sheets for cell in _cells(sheet) if cell.row < row)
    return Group(
        fields=tuple(book.fields()),
        modified=book.modified,
        location=next(_made_by(titles), None),
        tabs=tuple(sheet.name for sheet in book.sheets),
        titles=titles,
        headings=tuple(cell.field for sheet, row in sheets for cell in sheet.rows[row]),
        legend=tuple(_legend(book)),
        totals=tuple(
            cell.field
            for sheet, row in sheets
            for number, cells in sheet.rows.items()
            if number > row and _is_total(cells)
            for cell in cells
        ),
        lines=tuple(line for sheet, row in sheets for line in _lines(sheet, row)),
    )


def _heading(sheet: Sheet) -> int | None:
    signs = {OBSERVATIONS.column(name) for name in _SIGNS}
    return next(
        (row for row, cells in sheet.rows.items() if signs <= {one.field.text for one in cells}),
        None,
    )


def _wrong_heading(sheet: Sheet, row: int) -> Unreadable | None:
    found = [cell.field.text for cell in sheet.rows[row]]
    columns = {OBSERVATIONS.column(name): name for name in OBSERVATIONS.places}
    missing = sorted(
        column for column, name in columns.items() if column not in found and name not in _OPTIONAL
    )
    place = f"{sheet.name.place}, row {row}"
    if missing:
        return _wrong(place, f"missing: {', '.join(missing)}")
    twice = sorted(column for column in columns if found.count(column) > 1)
    return _wrong(place, f"twice: {', '.join(twice)}") if twice else None


def _wrong(where: str, what: str) -> Unreadable:
    return Unreadable(
        code="header-mismatch",
        where=where,
        message=f"the heading is not the agreed one ({what}); use the agreed columns",
        status=422,
    )


def _lines(sheet: Sheet, heading: int) -> Iterator[Line]:
    names = {OBSERVATIONS.column(name): name for name in OBSERVATIONS.places}
    columns = {
        cell.column: names[cell.field.text]
        for cell in sheet.rows[heading]
        if cell.field.text in names
    }
    for number, cells in sheet.rows.items():
        if number > heading and not _is_total(cells):
            known = {columns[cell.column]: cell for cell in cells if cell.column in columns}
            hidden = _HIDDEN if number in sheet.hidden_rows else None
            yield Line(
                number=f"{sheet.name.place}, row {number}",
                place=f"{sheet.name.place}, row {number}",
                fields=tuple(_fields(cells)),
                cells=known,
                fault=_MERGED if number in sheet.merged_rows else hidden,
            )


def _is_total(cells: tuple[Cell, ...]) -> bool:
    first = cells[0].field.text
    return any(first.startswith(word) for word in OBSERVATIONS.words["total"])


def _made_by(titles: tuple[Field, ...]) -> Iterator[Field]:
    for title in titles:
        found = _BRACKETS.search(title.text)
        if found and title.text.startswith(tuple(OBSERVATIONS.words["made.by"])):
            yield title._replace(text=found[1].strip())


def _legend(book: Workbook) -> Iterator[Field]:
    for sheet in book.sheets:
        if OBSERVATIONS.says(sheet.name, "legend"):
            yield from _fields(_cells(sheet))


def _cells(sheet: Sheet) -> tuple[Cell, ...]:
    return tuple(cell for row in sheet.rows.values() for cell in row)


def _fields(cells: tuple[Cell, ...]) -> Iterator[Field]:
    for cell in cells:
        yield cell.field
        if cell.comment:
            yield cell.comment
