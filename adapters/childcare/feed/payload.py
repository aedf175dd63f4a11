"""The monthly feed of a childcare location: one row for each child and day."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from adapters.contract import ReadOptions, Unreadable
from adapters.dates import OPEN_END, parse_date
from adapters.reading.csv_table import Row, Table
from adapters.reading.mapping_file import mapping_file
from adapters.reading.node import Field

FEED: Final = mapping_file(
    "childcare/feed",
    places={
        "location",
        "location.name",
        "family",
        "given",
        "born",
        "gender",
        "day",
        "hours",
        "school.start",
        "beneficiary.address",
        "beneficiary.phone",
    },
)
_BENEFICIARY: Final = ("beneficiary.address", "beneficiary.phone")
_CELLS: Final = FEED.columns(
    *("location", "location.name", "family", "given", "born", "gender", "day", "hours"),
    *("school.start", *_BENEFICIARY),
)
_DAY: Final = FEED.column("day")
_WHOLE_DAY: Final = len("2024-11-04")


class Day(NamedTuple):
    """One child on one day; `number` is that of the row, from 1.

    `date` is the day of care, or nothing when it is no whole date.
    """

    number: str
    place: str
    fields: tuple[Field, ...]
    date: str
    location: Field | None
    location_name: Field | None
    family: Field | None
    given: Field | None
    born: Field | None
    gender: Field | None
    day: Field | None
    hours: Field | None
    school_start: Field | None
    address: Field | None
    phone: Field | None

    @property
    def location_number(self) -> str:
        """The file number of the location."""
        return self.location.text if self.location else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """All rows, the unusable ones with their fault."""

    rows: tuple[Row, ...]


def is_feed(table: Table) -> bool:
    """Whether the header has the column that only this feed has."""
    return _DAY in table.header


def read(table: Table, _: ReadOptions) -> Feed | Unreadable:
    """Rows to payload; who receives the benefit may be left out."""
    return FEED.lacks(table, optional=_BENEFICIARY) or Feed(rows=table.rows)


def day_of(row: Row) -> Day:
    """A row without a fault as a day of care."""
    date = _whole_date(row.field(_DAY))
    return Day(str(row.number), f"line {row.line}", row.fields, date, *row.cells(_CELLS))


def _whole_date(day: Field | None) -> str:
    found = parse_date(day.text) if day else None
    return found if found and found != OPEN_END and len(found) == _WHOLE_DAY else ""
