"""The days on which a child's age changes who decides (rules of sharing, section 7): pure dates.

A day begins at 00:00 Europe/Brussels; who is born on 29 February has a birthday on 1 March in other
years, as in `consent.moments`.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from consent.moments import BRUSSELS, LEGAL_MAJORITY, PRESUMED_CAPABLE_FROM, birthday

DAYS_TO_RECONFIRM: Final = timedelta(days=30)
TELL_BEFORE_TWELVE: Final = timedelta(days=30)
TELL_BEFORE_EIGHTEEN: Final = timedelta(days=60)


class AgeEvent(StrEnum):
    """What happens once to a child because of its age; also the words in the log."""

    TURNED_TWELVE = "turned_twelve"
    RECONFIRM_OVER = "reconfirm_over"
    TURNED_EIGHTEEN = "turned_eighteen"


class AgeDates(NamedTuple):
    """The days of one life that the calendar keeps."""

    twelve: date
    reconfirm_over: date
    eighteen: date

    def turns_twelve_soon(self, today: date) -> bool:
        """Whether the twelfth birthday lies ahead, within thirty days."""
        return self.twelve - TELL_BEFORE_TWELVE <= today < self.twelve

    def turns_eighteen_soon(self, today: date) -> bool:
        """Whether the eighteenth birthday lies ahead, within sixty days."""
        return self.eighteen - TELL_BEFORE_EIGHTEEN <= today < self.eighteen

    def happened(self, *, known_since: date, today: date) -> tuple[AgeEvent, ...]:
        """Return what happened up to today since the hub knows the child, oldest first."""
        days = (
            (AgeEvent.TURNED_TWELVE, self.twelve),
            (AgeEvent.RECONFIRM_OVER, self.reconfirm_over),
            (AgeEvent.TURNED_EIGHTEEN, self.eighteen),
        )
        return tuple(event for event, day in days if known_since <= day <= today)


def age_dates(born: date) -> AgeDates:
    """Return the days that matter in the life of somebody born on this day."""
    twelve = birthday(born, PRESUMED_CAPABLE_FROM)
    return AgeDates(
        twelve=twelve,
        reconfirm_over=twelve + DAYS_TO_RECONFIRM,
        eighteen=birthday(born, LEGAL_MAJORITY),
    )


def birth_date(text: str) -> date | None:
    """Read a birth date; None for a partial one ("2017"), which leaves the age unknown."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def next_midnight(at: datetime) -> datetime:
    """Return when the next day begins in Brussels, also in a night that has 23 or 25 hours."""
    tomorrow = at.astimezone(BRUSSELS).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=BRUSSELS)
