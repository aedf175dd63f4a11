"""Time as section 3 of the rules means it: days of Europe/Brussels, and instants."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from consent.model import Moment

BRUSSELS = ZoneInfo("Europe/Brussels")
EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)


def is_readable(moment: Moment) -> bool:
    """Tell whether it is a day, or an instant that says which one: it has an offset."""
    return not isinstance(moment, datetime) or moment.utcoffset() is not None


def day_of(at: Moment) -> date:
    """The day in Europe/Brussels; `at` is readable."""
    return at.astimezone(BRUSSELS).date() if isinstance(at, datetime) else at


def midnight(day: date) -> datetime:
    """The instant at which a day begins in Europe/Brussels."""
    try:
        return datetime.combine(day, time(), BRUSSELS).astimezone(UTC)
    except OverflowError:
        return EARLIEST


def begin_of(moment: Moment) -> datetime:
    """The first instant of a readable moment."""
    return moment.astimezone(UTC) if isinstance(moment, datetime) else midnight(moment)


def has_begun(moment: Moment | None, at: datetime, *, unreadable: bool) -> bool:
    """Tell whether a `since` is reached; None is always; `unreadable` answers for what is not."""
    if moment is None:
        return True
    if not is_readable(moment):
        return unreadable
    if isinstance(moment, datetime):
        return moment <= at
    return moment <= day_of(at)


def has_passed(moment: Moment | None, at: datetime, *, unreadable: bool) -> bool:
    """Tell whether an `until` is behind us; it includes its whole day, or its instant."""
    if moment is None:
        return False
    if not is_readable(moment):
        return unreadable
    if isinstance(moment, datetime):
        return moment < at
    return moment < day_of(at)


def runs(since: Moment | None, until: Moment | None, at: datetime, *, unreadable: bool) -> bool:
    """Tell whether a period holds `at`; one that cannot be read does as `unreadable` says."""
    begun = has_begun(since, at, unreadable=unreadable)
    return begun and not has_passed(until, at, unreadable=not unreadable)


def days_after(day: date, days: int, at: datetime) -> bool:
    """Tell whether `days` whole calendar days after `day` are over."""
    return day_of(at) - day > timedelta(days=days)
