"""The intake export of a CAW in its own column names."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from adapters.contract import ReadOptions, Unreadable
from adapters.reading.csv_table import Row, Table
from adapters.reading.mapping_file import mapping_file
from adapters.reading.node import Field

PLACES = mapping_file(
    "caw/intake",
    places={
        *("action", "applied", "born", "domains", "family", "gender", "given", "household"),
        *("income", "insz", "insz permission", "nationality", "number", "phase", "postcode"),
        *("question", "received", "referrer", "remarks", "town"),
    },
    words={"adds", "anonymous channel", "between domains", "permitted"},
)
_SIGN = PLACES.column("insz permission")
_CELLS: Final = PLACES.columns(
    *("number", "household", "action", "phase", "applied", "received", "family", "given"),
    *("insz", "insz permission", "born", "gender", "domains", "referrer", "income"),
    *("question", "remarks", "nationality", "postcode", "town"),
)


class Client(NamedTuple):
    """One row: one person, tied to a household by a number we do not keep."""

    line: int
    fields: tuple[Field, ...]
    number: Field | None
    household: Field | None
    action: Field | None
    phase: Field | None
    applied: Field | None
    received: Field | None
    family: Field | None
    given: Field | None
    insz: Field | None
    insz_permission: Field | None
    born: Field | None
    gender: Field | None
    domains: Field | None
    referrer: Field | None
    income: Field | None
    question: Field | None
    remarks: Field | None
    nationality: Field | None
    postcode: Field | None
    town: Field | None

    @property
    def may_use_insz(self) -> bool:
        """Only a plain yes allows it."""
        return PLACES.says(self.insz_permission, "permitted")

    @property
    def is_anonymous(self) -> bool:
        """A contact of the youth desk that gave no birth date, or a nickname in brackets."""
        channel = _text(self.referrer).upper() in PLACES.words["anonymous channel"]
        by_channel = channel and not _text(self.born)
        return by_channel or _text(self.family).startswith("(")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """All rows, the unusable ones with their fault."""

    rows: tuple[Row, ...]


def is_intake(table: Table) -> bool:
    """Whether the header holds the column that only this export has."""
    return _SIGN in table.header


def read(table: Table, _: ReadOptions) -> Intake | Unreadable:
    """Rows to payload, under a header with every agreed column."""
    return PLACES.lacks(table) or Intake(rows=table.rows)


def client(row: Row) -> Client:
    """A row without a fault as a client."""
    return Client(row.line, row.fields, *row.cells(_CELLS))


def _text(field: Field | None) -> str:
    return field.text if field else ""
