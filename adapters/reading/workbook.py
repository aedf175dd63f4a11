"""XLSX as cells with their places: what is hidden, merged or remarked stays visible.

Read from its parts rather than through a spreadsheet library: those give a number without its
spelling and build the whole book in memory. Source of the format: ECMA-376, part 1, chapter 18.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from adapters.contract import Unreadable
from adapters.reading.node import Field, clean
from adapters.reading.package import Package, Relation, open_package, too_large
from adapters.reading.sheet_parts import (
    MAX_CELLS,
    BookListener,
    CommentListener,
    FoundCell,
    SheetListener,
    StringListener,
    StyleListener,
    TextListener,
    place_of,
)
from adapters.reading.spreadsheet_values import CellKind, Value, value_of
from adapters.reading.xml_document import Listener, hear_xml

AnyListener = TypeVar("AnyListener", bound=Listener)
MODIFIED: Final = "workbook, modified"
_READ_ELSEWHERE: Final = (
    "[Content_Types].xml",
    "docProps/",
    "xl/calcChain.xml",
    "xl/persons/",
    "xl/printerSettings/",
    "xl/threadedComments/",
)
"""Plumbing, what describes the file rather than its content, and copies of comments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: `field.text` is what a reader of the sheet sees, `raw` how the file spells it.

    A date is written yyyy-mm-dd, but only where the cell is formatted as one: a bare number stays
    a number. `row` and `column` count from 1.
    """

    field: Field
    row: int
    column: int
    kind: CellKind
    raw: str
    hidden: bool
    comment: Field | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The filled cells of one sheet by row, and other text in it, such as a header.

    `merged_rows` are filled rows of which a cell is merged with one of another row: what stands in
    the first row may be meant for them all.
    """

    name: Field
    hidden: bool
    rows: Mapping[int, tuple[Cell, ...]]
    merged_rows: frozenset[int]
    hidden_rows: frozenset[int]
    other: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbook:
    """Every sheet, when the file was last saved (an instant), and the parts nobody reads."""

    sheets: tuple[Sheet, ...]
    modified: Field | None
    unread: tuple[Field, ...]

    def fields(self) -> Iterator[Field]:
        """Everything to account for, in the order of the book."""
        if self.modified:
            yield self.modified
        for sheet in self.sheets:
            yield sheet.name
            for cell in (cell for row in sheet.rows.values() for cell in row):
                yield cell.field
                if cell.comment:
                    yield cell.comment
            yield from sheet.other
        yield from self.unread


class _Refused(Exception):
    """Carries an answer out of the parts; it never leaves this module."""

    def __init__(self, answer: Unreadable) -> None:
        super().__init__()
        self.answer = answer


def read_workbook(raw: bytes) -> Workbook | Unreadable:
    """The cells of an XLSX, or why it cannot be read."""
    package = open_package(raw)
    if isinstance(package, Unreadable):
        return package
    try:
        return _Reader(package).workbook()
    except _Refused as refused:
        return refused.answer


class _Reader:
    """What the sheets of one book share while they are read."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._read: set[str] = set()
        self._left = MAX_CELLS
        top = self._relations("")
        main = next((one.part for one in top if one.kind == "officeDocument"), "")
        self._book = self._heard(main, BookListener())
        inside = self._relations(main)
        self._sheet_parts = {one.id: one for one in inside if one.kind == "worksheet"}
        self._strings = self._heard(_of_kind(inside, "sharedStrings"), StringListener()).found
        self._styles = self._heard(_of_kind(inside, "styles"), StyleListener())
        self._read |= {one.part for one in (*top, *inside) if one.kind == "theme"}
        properties = self._heard(_of_kind(top, "core-properties"), TextListener("modified"))
        self._modified = clean(properties.found[0]) if properties.found else ""

    def workbook(self) -> Workbook:
        """Every sheet in the order of the book."""
        if not self._book.sheets:
            raise _Refused(_no_book())
        sheets = tuple(
            self._sheet(number, name, state, relation)
            for number, (name, relation, state) in enumerate(self._book.sheets, start=1)
        )
        modified = Field(path=MODIFIED, place="workbook", name="modified", text=self._modified)
        return Workbook(
            sheets=sheets,
            modified=modified if self._modified else None,
            unread=tuple(self._unread()),
        )

    def _sheet(self, number: int, name: str, state: str, relation: str) -> Sheet:
        found = self._sheet_parts.get(relation)
        place = f"sheet {number}"
        heard = self._heard(found.part if found else "", SheetListener(self._left))
        if heard.too_many:
            raise _Refused(too_large(f"more than {MAX_CELLS} cells"))
        if heard.twice:
            raise _Refused(_twice(place))
        self._left -= len(heard.cells)
        comments = self._comments(found.part) if found else {}
        rows: dict[int, list[Cell]] = {}
        for cell in self._cells(heard, place, comments):
            rows.setdefault(cell.row, []).append(cell)
        return Sheet(
            name=Field(path=f"{place}, name", place=place, name="name", text=clean(name)),
            hidden=state not in {"", "visible"},
            rows={row: tuple(cells) for row, cells in sorted(rows.items())},
            merged_rows=frozenset(_merged(sorted(rows), heard.merged)),
            hidden_rows=frozenset(heard.hidden_rows),
            other=tuple(_other(heard, place)),
        )

    def _cells(self, heard: SheetListener, place: str, comments: dict[str, str]) -> Iterator[Cell]:
        remarked = dict(comments)
        for one in heard.cells:
            value = value_of(one, self._strings, self._styles, since_1904=self._book.since_1904)
            name = one.name
            told = remarked.pop(name, "")
            if value.text or told:
                yield _cell(name, one, value, told, place, hidden=heard.hides(one))
        for name, told in remarked.items():
            empty = FoundCell(*place_of(name) or (0, 0))
            yield _cell(name, empty, Value(), told, place, hidden=heard.hides(empty))

    def _comments(self, sheet: str) -> dict[str, str]:
        told: dict[str, str] = {}
        for one in self._relations(sheet):
            if one.kind == "comments":
                told.update(self._heard(one.part, CommentListener()).found)
            elif one.kind in {"vmlDrawing", "threadedComment", "printerSettings"}:
                self._read.add(one.part)
        return {name: clean(text) for name, text in told.items() if clean(text)}

    def _relations(self, of: str) -> tuple[Relation, ...]:
        found = self._package.relations(of)
        if isinstance(found, Unreadable):
            raise _Refused(found)
        return found

    def _heard(self, part: str, listener: AnyListener) -> AnyListener:
        raw = self._package.parts.get(part)
        if raw is not None:
            self._read.add(part)
            if refused := hear_xml(raw, listener):
                raise _Refused(refused)
        return listener

    def _unread(self) -> Iterator[Field]:
        for number, name in enumerate(self._package.names, start=1):
            plumbing = name.startswith(_READ_ELSEWHERE) or name.endswith(".rels")
            if name not in self._read and not plumbing:
                label = f"part {number}"
                yield Field(path=f"package, {label}", place="package", name=label, text="-")


def _cell(name: str, one: FoundCell, value: Value, told: str, place: str, *, hidden: bool) -> Cell:
    label = f"cell {name}"
    path = f"{place}, {label}"
    remark = f"{label}, comment"
    return Cell(
        field=Field(path=path, place=place, name=label, text=value.text),
        row=one.row,
        column=one.column,
        kind=value.kind,
        raw=value.raw,
        hidden=hidden,
        comment=Field(path=f"{place}, {remark}", place=place, name=remark, text=told)
        if told
        else None,
    )


def _merged(rows: list[int], ranges: list[tuple[int, int]]) -> Iterator[int]:
    """The rows within one of the ranges, in one walk through both."""
    waiting, reach = sorted(ranges, reverse=True), 0
    for row in rows:
        while waiting and waiting[-1][0] <= row:
            reach = max(reach, waiting.pop()[1])
        if row <= reach:
            yield row


def _other(heard: SheetListener, place: str) -> Iterator[Field]:
    for number, text in enumerate(heard.headers, start=1):
        label = f"header {number}"
        yield Field(path=f"{place}, {label}", place=place, name=label, text=clean(text))


def _of_kind(relations: Iterable[Relation], kind: str) -> str:
    return next((one.part for one in relations if one.kind == kind), "")


def _no_book() -> Unreadable:
    return Unreadable(
        code="unexpected-document",
        where="the whole file",
        message="the zip holds no workbook; send the XLSX itself",
        status=422,
    )


def _twice(place: str) -> Unreadable:
    return Unreadable(
        code="duplicate-cell",
        where=place,
        message="a cell stands twice in the sheet; save the workbook again",
        status=400,
    )
