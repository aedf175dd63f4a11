"""Days and instants by the clock of Europe/Brussels.

A moment nobody can read (a datetime without zone) answers None, and counts against sharing.
"""

from datetime import UTC, date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from consent.model import Moment

BRUSSELS: Final = ZoneInfo("Europe/Brussels")
LEGAL_MAJORITY: Final = 18
PRESUMED_CAPABLE_FROM: Final = 12


class Now(NamedTuple):
    """The instant of the decision and the day it falls on in Brussels."""

    instant: datetime
    today: date


def now_at(at: datetime) -> Now | None:
    """Read the instant of the decision; None without a time zone."""
    if at.tzinfo is None or at.utcoffset() is None:
        return None
    return Now(at.astimezone(UTC), at.astimezone(BRUSSELS).date())


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
