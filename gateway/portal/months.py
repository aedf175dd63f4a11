"""Ends of consents counted in calendar months, as families count."""

from calendar import monthrange
from datetime import date, timedelta

MONTHS_A_YEAR = 12


def last_day(first: date, months: int) -> date:
    """Return the last day of a period of whole months that begins on `first`."""
    years, month = divmod(first.month - 1 + months, MONTHS_A_YEAR)
    year, month = first.year + years, month + 1
    day = min(first.day, monthrange(year, month)[1])
    return date(year, month, day) - timedelta(days=1)
