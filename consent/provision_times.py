"""FHIR dates as the first and last instant they cover; a date without zone is a Brussels day."""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from consent.moments import BRUSSELS

# FHIR R4, data type dateTime: hours come with seconds and a zone.
_DATE: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", re.ASCII)
_TIME: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
LATEST: Final = datetime.max.replace(tzinfo=UTC)


class Interval(NamedTuple):
    """The instants from first to last, both included."""

    first: datetime
    last: datetime

    def covers(self, other: "Interval") -> bool:
        """Whether all of the other lies inside."""
        return self.first <= other.first and other.last <= self.last

    def meets(self, other: "Interval") -> bool:
        """Whether the two have an instant in common."""
        return self.first <= other.last and other.first <= self.last

    def holds(self, at: datetime) -> bool:
        """Whether the instant lies inside."""
        return self.first <= at <= self.last


def bounds(text: str) -> Interval | None:
    """Give the first and last instant of YYYY, YYYY-MM, YYYY-MM-DD or a time with its zone."""
    try:
        if whole := _DATE.fullmatch(text):
            return _date_bounds(*whole.groups())
        if parts := _TIME.fullmatch(text):
            return _time_bounds(*parts.groups())
    except (ValueError, OverflowError):
        return None
    return None


def _date_bounds(year: str, month: str | None, day: str | None) -> Interval:
    first = datetime(int(year), int(month or 1), int(day or 1), tzinfo=BRUSSELS)
    last_month = int(month or 12)
    last_day = int(day or monthrange(int(year), last_month)[1])
    last = datetime(int(year), last_month, last_day, 23, 59, 59, 999999, tzinfo=BRUSSELS)
    return Interval(first.astimezone(UTC), last.astimezone(UTC))


def _time_bounds(seconds: str, fraction: str | None, zone: str) -> Interval:
    moment = datetime.fromisoformat(seconds + ("+00:00" if zone == "Z" else zone)).astimezone(UTC)
    if fraction is None:
        return Interval(moment, moment + timedelta(microseconds=999999))
    exact = moment + timedelta(microseconds=int(fraction[1:7].ljust(6, "0")))
    return Interval(exact, exact)
