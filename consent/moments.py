"""Days and instants by the clock of Europe/Brussels.

A moment nobody can read (a datetime without zone) answers None, and counts against sharing.
"""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from consent.model import Moment

BRUSSELS: Final = ZoneInfo("Europe/Brussels")
LEGAL_MAJORITY: Final = 18
PRESUMED_CAPABLE_FROM: Final = 12
# From then on the clock of Brussels differs from UTC by whole hours, at every moment of an hour.
_WHOLE_HOURS_SINCE: Final = 1900


class Now(NamedTuple):
    """The instant of the decision and the day it falls on in Brussels."""

    instant: datetime
    today: date


def now_at(at: datetime) -> Now | None:
    """Read the instant of the decision; None without a time zone."""
    if at.tzinfo is UTC:
        instant = at
    elif at.utcoffset() is None:
        return None
    else:
        instant = at.astimezone(UTC)
    if instant.year < _WHOLE_HOURS_SINCE:
        return Now(instant, at.astimezone(BRUSSELS).date())
    return Now(instant, _day_of(instant.toordinal(), instant.hour))


@lru_cache(maxsize=64)
def _day_of(ordinal: int, hour: int) -> date:
    """Give the day in Brussels in this hour of this day by UTC, which a zone costs time to find."""
    day = date.fromordinal(ordinal)
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC).astimezone(BRUSSELS).date()


def begun(moment: Moment | None, now: Now) -> bool | None:
    """Whether this moment has come (None: long ago); a date begins at midnight in Brussels."""
    if moment is None:
        return True
    if not isinstance(moment, datetime):
        return moment <= now.today
    return None if moment.utcoffset() is None else moment <= now.instant


def over(moment: Moment | None, now: Now) -> bool | None:
    """Whether this last moment has passed (None: never); a date includes its whole day."""
    if moment is None:
        return False
    if not isinstance(moment, datetime):
        return moment < now.today
    return None if moment.utcoffset() is None else moment < now.instant


def instant_of(moment: Moment) -> datetime | None:
    """Give the instant a moment begins, comparable with every other."""
    if not isinstance(moment, datetime):
        return datetime(moment.year, moment.month, moment.day, tzinfo=BRUSSELS).astimezone(UTC)
    return None if moment.utcoffset() is None else moment.astimezone(UTC)


def age_on(born: date, today: date) -> int:
    """Completed years; who is born on 29 February has a birthday on 1 March in other years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def birthday(born: date, age: int) -> date:
    """Give the day a person turns this age."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)
