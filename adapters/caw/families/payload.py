"""Families of a CAW in their own column names: a parent's row with the children in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from adapters.contract import ReadOptions, Unreadable
from adapters.reading.csv_table import Row, Table
from adapters.reading.mapping_file import mapping_file
from adapters.reading.node import Field

PLACES = mapping_file(
    "caw/families",
    places={
        *("action", "born", "civil status", "family", "given", "household", "insz"),
        *("kind of family", "number"),
        *("child.born", "child.family", "child.given", "child.insz", "child.stays"),
    },
    words={"adds"},
)
_SIGN = PLACES.column("child.given")

_CELLS: Final = PLACES.columns(
    *("number", "household", "action", "family", "given", "insz", "born"),
    *("civil status", "kind of family"),
)


class Child(NamedTuple):
    """One of the children in a row; `position` counts from one."""

    position: int
    family: Field | None
    given: Field | None
    born: Field | None
    insz: Field | None
    stays: Field | None

    @property
    def fields(self) -> tuple[Field, ...]:
        """All the row says about this child, and nothing about another."""
        return tuple([field for field in self[1:] if field and field.text])


class Family(NamedTuple):
    """One row: a parent who is a client, with the children the centre knows of."""

    line: int
    fields: tuple[Field, ...]
    children: tuple[Child, ...]
    number: Field | None
    household: Field | None
    action: Field | None
    family: Field | None
    given: Field | None
    insz: Field | None
    born: Field | None
    civil_status: Field | None
    kind: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Families:
    """All rows, the unusable ones with their fault."""

    rows: tuple[Row, ...]


def is_families(table: Table) -> bool:
    """Whether the header holds a column that only this export has."""
    return _SIGN in table.header


def read(table: Table, _: ReadOptions) -> Families | Unreadable:
    """Rows to payload, under a header with every agreed column."""
    return PLACES.lacks(table) or Families(rows=table.rows)


def family(row: Row) -> Family:
    """A row without a fault as a family."""
    return Family(row.line, row.fields, tuple(_children(row)), *row.cells(_CELLS))


def _children(row: Row) -> Iterator[Child]:
    """As many as the header has columns for; a place without any value holds no child."""
    position = 1
    while PLACES.column("child.given", position) in row.columns.at:
        child = Child(position, *row.cells(_columns_of(position)))
        if child.fields:
            yield child
        position += 1


@lru_cache(maxsize=64)
def _columns_of(position: int) -> tuple[str, ...]:
    names = ("family", "given", "born", "insz", "stays")
    return PLACES.columns(*(f"child.{name}" for name in names), number=position)
