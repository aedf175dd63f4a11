"""The parts of a workbook, heard one element at a time: nothing but what is wanted is kept."""

import re
from typing import Final, NamedTuple

from adapters.reading.xml_document import local_name

MAX_CELLS: Final = 50_000
"""Filled cells of a whole workbook: a sheet of every child of a large location has thousands."""

_REFERENCE: Final = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")
_LETTERS: Final = 26
_COLUMNS: Final = 1 + 26 + 26**2 + 26**3
_TRUE: Final = frozenset({"1", "true", "on"})
_HEADERS: Final = frozenset(
    {"oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"}
)


class FoundCell(NamedTuple):
    """A cell as its part spells it; `kind` is the format's letter, `style` a number of styles."""

    column: int
    row: int
    kind: str = "n"
    style: str = ""
    text: str = ""

    @property
    def name(self) -> str:
        """Its name in the sheet, such as C7."""
        letters, left = "", self.column
        while left:
            left, letter = divmod(left - 1, _LETTERS)
            letters = chr(ord("A") + letter) + letters
        return f"{letters}{self.row}"


def place_of(name: str) -> tuple[int, int] | None:
    """Column and row of a name such as C7, counted from 1."""
    found = _REFERENCE.fullmatch(name)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * _LETTERS + ord(letter) - ord("A") + 1
    return column, int(found[2])


class Silent:
    """A listener that keeps nothing; the others say what they keep."""

    def start(self, tag: str, attrib: dict[str, str], /) -> None:
        """Keep nothing."""

    def end(self, tag: str, /) -> None:
        """Keep nothing."""

    def data(self, data: str, /) -> None:
        """Keep nothing."""

    def close(self) -> None:
        """Nothing to give back."""


class TextListener(Silent):
    """The text of every element of one name; of a phonetic reading it keeps nothing."""

    def __init__(self, *names: str) -> None:
        self.found: list[str] = []
        self._names = frozenset(names)
        self._pieces: list[str] | None = None

    def start(self, tag: str, attrib: dict[str, str], /) -> None:
        """Begin to keep text."""
        del attrib
        if local_name(tag) in self._names:
            self._pieces = []

    def data(self, data: str, /) -> None:
        """Keep text where it is wanted."""
        if self._pieces is not None:
            self._pieces.append(data)

    def end(self, tag: str, /) -> None:
        """Keep the whole text."""
        if self._pieces is not None and local_name(tag) in self._names:
            self.found.append("".join(self._pieces))
            self._pieces = None


class _RichText(Silent):
    """Text that may stand in runs (`t` inside `si`, `is` or `text`)."""

    def __init__(self) -> None:
        self._open = False
        self._phonetic = False
        self._pieces: list[str] = []

    def start(self, tag: str, attrib: dict[str, str], /) -> None:
        del attrib
        self._begin(local_name(tag))

    def data(self, data: str, /) -> None:
        if self._open:
            self._pieces.append(data)

    def end(self, tag: str, /) -> None:
        self._finish(local_name(tag))

    def _begin(self, name: str) -> None:
        self._phonetic = self._phonetic or name == "rPh"
        self._open = name == "t" and not self._phonetic

    def _finish(self, name: str) -> None:
        self._phonetic = self._phonetic and name != "rPh"
        self._open = self._open and name != "t"

    def _taken(self) -> str:
        text = "".join(self._pieces)
        self._pieces.clear()
        return text


class StringListener(_RichText):
    """The texts that cells share, by number."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def end(self, tag: str, /) -> None:
        """Keep a whole text."""
        super().end(tag)
        if local_name(tag) == "si":
            self.found.append(self._taken())


class CommentListener(_RichText):
    """The comments on cells, by the name of the cell; who wrote one is not kept."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._cell = ""

    def start(self, tag: str, attrib: dict[str, str], /) -> None:
        """Begin a comment."""
        super().start(tag, attrib)
        if local_name(tag) == "comment":
            place = place_of(attrib.get("ref", ""))
            self._cell = FoundCell(*place).name if place else ""

    def end(self, tag: str, /) -> None:
        """Keep a whole comment."""
        super().end(tag)
        if local_name(tag) == "comment":
            told = self._taken()
            before = self.found.get(self._cell)
            self.found[self._cell] = f"{before} {told}" if before else told


class StyleListener(Silent):
    """Which style shows a number in which format; `dates` remembers which of them are dates."""

    def __init__(self) -> None:
        self.formats: dict[str, str] = {}
        self.of_style: list[str] = []
        self.dates: dict[str, bool] = {}
        self._in_cells = False

    def start(self, tag: str, attrib: dict[str, str], /) -> None:
        """Keep formats and which style uses them."""
        name = local_name(tag)
        if name == "cellXfs":
            self._in_cells = True
        elif name == "numFmt":
            self.formats[attrib.get("numFmtId", "")] = attrib.get("formatCode", "")
        elif name == "xf" and self._in_cells:
            self.of_style.append(attrib.get("numFmtId", ""))

    def end(self, tag: str, /) -> None:
        """Only the styles of cells count."""
        if local_name(tag) == "cellXfs":
            self._in_cells = False


class BookListener(Silent):
    """The sheets of a book: name, relation and state; and from which year it counts days."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, str]] = []
        self.since_1904 = False

    def start(self, tag: str, attrib: dict[str, str], /) -> None:
        """Keep a sheet."""
        name = local_name(tag)
        if name == "workbookPr":
            self.since_1904 = attrib.get("date1904", "") in _TRUE
        elif name == "sheet":
            own = {local_name(key): value for key, value in attrib.items() if key.startswith("{")}
            said = (attrib.get("name", ""), own.get("id", ""), attrib.get("state", ""))
            self.sheets.append(said)


class SheetListener(_RichText):
    """The filled cells of a sheet, first and last rows that are merged, and what is hidden."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.cells: list[FoundCell] = []
        self.merged: list[tuple[int, int]] = []
        self.hidden_rows: set[int] = set()
        self.headers: list[str] = []
        self.too_many = False
        self._most = most
        self._hidden_columns = bytearray(_COLUMNS)
        self._here: tuple[int, int, str, str] | None = None
        self._row = 0
        self._column = 0

    @property
    def twice(self) -> bool:
        """Whether a cell stands twice."""
        return len({(one.row, one.column) for one in self.cells}) < len(self.cells)

    def hides(self, cell: FoundCell) -> bool:
        """Whether a reader of the sheet does not see the cell."""
        return cell.row in self.hidden_rows or bool(self._hidden_columns[cell.column])

    def start(self, tag: str, attrib: dict[str, str], /) -> None:
        """Keep what is hidden or merged, and begin cells."""
        name = local_name(tag)
        if name == "c":
            self._begin_cell(attrib)
        elif name == "v" or name in _HEADERS:
            self._open = True
        elif name == "row":
            self._begin_row(attrib)
        elif name == "col" and attrib.get("hidden", "") in _TRUE:
            first, last = _number(attrib, "min"), min(_number(attrib, "max"), _COLUMNS - 1)
            self._hidden_columns[first : last + 1] = b"\1" * (last + 1 - first)
        elif name == "mergeCell":
            self._merge(attrib.get("ref", ""))
        else:
            self._begin(name)

    def end(self, tag: str, /) -> None:
        """Keep a cell that is filled."""
        name = local_name(tag)
        if name == "v":
            self._open = False
        elif name == "c" and self._here:
            self._keep(*self._here)
        elif name in _HEADERS:
            self._open = False
            self.headers.append(self._taken())
        else:
            self._finish(name)

    def _begin_row(self, attrib: dict[str, str]) -> None:
        self._row = _number(attrib, "r") or self._row + 1
        self._column = 0
        if attrib.get("hidden", "") in _TRUE:
            self.hidden_rows.add(self._row)

    def _begin_cell(self, attrib: dict[str, str]) -> None:
        self._column, self._row = place_of(attrib.get("r", "")) or (self._column + 1, self._row)
        self._taken()
        kind, style = attrib.get("t", "n"), attrib.get("s", "0")
        self._here = (self._column, self._row, kind, style)

    def _keep(self, column: int, row: int, kind: str, style: str) -> None:
        self._here = None
        text = self._taken().strip()
        self.too_many = self.too_many or len(self.cells) >= self._most
        if text and not self.too_many:
            self.cells.append(FoundCell(column, row, kind, style, text))

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        start, end = place_of(first), place_of(last or first)
        if start and end and start[1] < end[1]:
            self.merged.append((start[1], end[1]))


def _number(attrib: dict[str, str], name: str) -> int:
    text = attrib.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < len("10000000") else 0
