"""The module export of a CAW in its own column names."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from adapters.contract import ReadOptions, Unreadable
from adapters.reading.csv_table import Row, Table
from adapters.reading.mapping_file import mapping_file
from adapters.reading.node import Field

PLACES = mapping_file(
    "caw/modules",
    places={
        *("action", "domain", "end", "end reason", "hours", "household", "module", "number"),
        *("professional", "severity", "start"),
    },
    words={"adds", "changes", "deletes"},
)
_SIGN = PLACES.column("module")
_CELLS: Final = PLACES.columns(
    *("number", "household", "action", "module", "start", "end"),
    *("hours", "end reason", "domain", "severity", "professional"),
)


class Module(NamedTuple):
    """One row: one kind of help for one client, with its own start and end."""

    line: int
    fields: tuple[Field, ...]
    number: Field | None
    household: Field | None
    action: Field | None
    module: Field | None
    start: Field | None
    end: Field | None
    hours: Field | None
    end_reason: Field | None
    domain: Field | None
    severity: Field | None
    professional: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Modules:
    """All rows, the unusable ones with their fault."""

    rows: tuple[Row, ...]


def is_modules(table: Table) -> bool:
    """Whether the header holds the column that only this export has."""
    return _SIGN in table.header


def read(table: Table, _: ReadOptions) -> Modules | Unreadable:
    """Rows to payload, under a header with every agreed column."""
    return PLACES.lacks(table) or Modules(rows=table.rows)


def module(row: Row) -> Module:
    """A row without a fault as a module."""
    return Module(row.line, row.fields, *row.cells(_CELLS))
