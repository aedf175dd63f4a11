"""The corrections of a CAW in their own column names."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from adapters.caw.intake.payload import PLACES as INTAKE
from adapters.contract import ReadOptions, Unreadable
from adapters.reading.csv_table import Row, Table
from adapters.reading.mapping_file import mapping_file
from adapters.reading.node import Field

PLACES = mapping_file(
    "caw/corrections",
    places={"action", "changed", "field", "household", "new", "number", "old", "reason"},
    words={"changes", "deletes"},
)
_SIGN = frozenset({PLACES.column("field"), PLACES.column("new")})
# What is corrected is called as the column of the intake export that holds it.
_CORRECTED: Final = {INTAKE.column(name): name for name in INTAKE.places}

_CELLS: Final = PLACES.columns(
    "number", "household", "action", "field", "old", "new", "changed", "reason"
)


class Correction(NamedTuple):
    """One row: one field of one client that changes, or the client as a whole that goes."""

    line: int
    fields: tuple[Field, ...]
    number: Field | None
    household: Field | None
    action: Field | None
    field: Field | None
    old: Field | None
    new: Field | None
    changed: Field | None
    reason: Field | None

    @property
    def what(self) -> str:
        """Our name for the field that changes, or nothing for one no intake export has."""
        return _CORRECTED.get(self.field.text, "") if self.field else ""

    @property
    def value(self) -> str:
        """What stands there from now on; deleting one field leaves nothing."""
        if PLACES.says(self.action, "deletes") or self.new is None:
            return ""
        return self.new.text

    @property
    def deletes_client(self) -> bool:
        """Whether all the centre said about the client goes."""
        return PLACES.says(self.action, "deletes") and not (self.field and self.field.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """All rows, the unusable ones with their fault."""

    rows: tuple[Row, ...]


def is_corrections(table: Table) -> bool:
    """Whether the header holds the columns that only this export has."""
    return set(table.header) >= _SIGN


def read(table: Table, _: ReadOptions) -> Corrections | Unreadable:
    """Rows to payload, under a header with every agreed column."""
    return PLACES.lacks(table) or Corrections(rows=table.rows)


def correction(row: Row) -> Correction:
    """A row without a fault as a correction."""
    return Correction(row.line, row.fields, *row.cells(_CELLS))
