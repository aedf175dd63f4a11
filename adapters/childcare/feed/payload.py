"""The monthly feed of a childcare location: one row for each child and day."""

from dataclasses import dataclass
from typing import Final

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
_WHOLE_DAY: Final = len("2024-11-04")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One child on one day; `number` is that of the row, from 1."""

    number: str
    place: str
    fields: tuple[Field, ...]
    location: Field | None
    location_name: Field | None
    family: Field | None
    given: Field | None
    born: Field | None
    gender: Field | None
    day: Field | None
    hours: Field | None
    school_start: Field | None
    beneficiary: tuple[Field | None, ...]

    @property
    def date(self) -> str:
        """The day of care, or nothing when it is no whole date."""
        found = parse_date(self.day.text) if self.day else None
        return found if found and found != OPEN_END and len(found) == _WHOLE_DAY else ""

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
    return FEED.column("day") in table.header


def read(table: Table, _: ReadOptions) -> Feed | Unreadable:
    """Rows to payload; who receives the benefit may be left out."""
    return FEED.lacks(table, optional=_BENEFICIARY) or Feed(rows=table.rows)


def day_of(row: Row) -> Day:
    """A row without a fault as a day of care."""
    return Day(
        number=str(row.number),
        place=f"line {row.line}",
        fields=row.fields,
        location=FEED.field(row, "location"),
        location_name=FEED.field(row, "location.name"),
        family=FEED.field(row, "family"),
        given=FEED.field(row, "given"),
        born=FEED.field(row, "born"),
        gender=FEED.field(row, "gender"),
        day=FEED.field(row, "day"),
        hours=FEED.field(row, "hours"),
        school_start=FEED.field(row, "school.start"),
        beneficiary=tuple(FEED.field(row, name) for name in _BENEFICIARY),
    )
