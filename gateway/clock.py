"""The one place that reads the clock; the edges read it once per use case and pass `at=` down."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")


def now() -> datetime:
    """Return the current instant, in UTC and aware."""
    return datetime.now(UTC)


def brussels_date(at: datetime) -> date:
    """Return the civil date of an instant in Flanders, the one that law and birthdays use."""
    return at.astimezone(BRUSSELS).date()
