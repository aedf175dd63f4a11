"""The register of retention periods (schemas/legal/retention.v1.json), and the day one is over.

Of the periods that fit a statement the one that keeps it longest counts; what no period fits, or
whose day cannot be told, is kept.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from consent.moments import birthday
from schemas import read_data

_REGISTER: Final[dict[str, Any]] = json.loads(read_data("legal", "retention.v1.json"))
EDITION: Final = f"retention.v{_REGISTER['version']}"
GROUNDS: Final[Mapping[str, Mapping[str, str]]] = _REGISTER["grounds"]
ANY: Final = "*"
ACCESS_LOG: Final = "access_log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """How long what one source says of one class is kept."""

    id: str
    source: str
    data_class: str
    years: int
    not_before_age: int | None
    counted_from: str
    """birth | last_contact | recorded"""
    basis: str
    verified: bool

    def over_on(self, *, born: date | None, last_contact: date) -> date | None:
        """Return the first day on which it is over; None when the birth date is not known."""
        days: list[date] = []
        if self.counted_from != "birth":
            days.append(birthday(last_contact, self.years))
        if self.not_before_age is not None:
            if born is None:
                return None
            days.append(birthday(born, self.not_before_age))
        return max(days)


def _period(told: Mapping[str, Any]) -> Period:
    names = ("id", "source", "years", "not_before_age", "counted_from", "basis", "verified")
    return Period(data_class=told["class"], **{name: told[name] for name in names})


PERIODS: Final = tuple(_period(one) for one in _REGISTER["periods"])


def periods_for(source: str | None, data_class: str) -> tuple[Period, ...]:
    """Return the periods that fit what a source says of a class."""
    return tuple(
        one for one in PERIODS if one.source == source and one.data_class in {ANY, data_class}
    )


def counts_birthdays(period: str) -> bool:
    """Whether the day on which a period is over may tell a birth date."""
    return any(one.not_before_age is not None for one in PERIODS if one.id == period)


def longest(
    periods: Iterable[Period], *, born: date | None, last_contact: date
) -> tuple[date, str] | None:
    """Return on which day the last of some periods is over, and which; None to keep."""
    found = [(one.over_on(born=born, last_contact=last_contact), one.id) for one in periods]
    if not found or any(day is None for day, _ in found):
        return None
    return max((day, name) for day, name in found if day is not None)
