"""Families of a CAW in their own column names: a parent's row with the children in it."""

from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
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
        all_ = (self.family, self.given, self.born, self.insz, self.stays)
        return tuple(field for field in all_ if field and field.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One row: a parent who is a client, with the children the centre knows of."""

    line: int
    fields: tuple[Field, ...]
    number: Field | None
    household: Field | None
    action: Field | None
    family: Field | None
    given: Field | None
    insz: Field | None
    born: Field | None
    background: tuple[Field | None, ...]
    children: tuple[Child, ...]


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

    def cell(name: str) -> Field | None:
        return PLACES.field(row, name)

    return Family(
        line=row.line,
        fields=row.fields,
        number=cell("number"),
        household=cell("household"),
        action=cell("action"),
        family=cell("family"),
        given=cell("given"),
        insz=cell("insz"),
        born=cell("born"),
        background=(cell("civil status"), cell("kind of family")),
        children=tuple(_children(row)),
    )


def _children(row: Row) -> Iterator[Child]:
    """As many as the header has columns for; a place without any value holds no child."""
    position = 1
    while PLACES.column("child.given", position) in row.columns:
        if (child := _child(row, position)).fields:
            yield child
        position += 1


def _child(row: Row, position: int) -> Child:
    def cell(name: str) -> Field | None:
        return PLACES.field(row, f"child.{name}", position)

    return Child(
        position=position,
        family=cell("family"),
        given=cell("given"),
        born=cell("born"),
        insz=cell("insz"),
        stays=cell("stays"),
    )
