"""Chance from one seed, leaning towards the moments at which something changes."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from consent.model import Moment

T = TypeVar("T")
BRUSSELS = ZoneInfo("Europe/Brussels")
INSTANTS = (
    datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    datetime(2026, 3, 2, 10, 0, tzinfo=BRUSSELS),
    datetime(2026, 3, 2, 0, 0, tzinfo=BRUSSELS),
    datetime(2026, 3, 2, 23, 59, 59, 999999, tzinfo=BRUSSELS),
    datetime(2026, 3, 1, 23, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 0, tzinfo=BRUSSELS),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BRUSSELS),
    datetime(2028, 2, 29, 12, 0, tzinfo=BRUSSELS),
)
DAYS = (-400, -60, -31, -30, -29, -12, -11, -10, -9, -5, -2, -1, 0, 0, 1, 2, 10, 40, 400)
INSTANT_STEPS = (
    timedelta(0),
    timedelta(microseconds=1),
    timedelta(microseconds=-1),
    timedelta(hours=-1),
    timedelta(hours=1),
)


class Dice:
    """Everything a situation leaves to chance."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self.at = self.pick(INSTANTS)

    @property
    def today(self) -> date:
        """The day of the decision in Brussels."""
        return self.at.astimezone(BRUSSELS).date()

    def chance(self, of_a_hundred: int) -> bool:
        """Tell whether something with this percentage happens."""
        return self._random.random() * 100 < of_a_hundred

    def pick(self, options: Sequence[T]) -> T:
        """One of these."""
        return options[int(self._random.random() * len(options))]

    def usually(self, usual: T, *others: T) -> T:
        """The first nearly always, else one of the others."""
        return usual if self.chance(85) else self.pick(others)

    def some(self, options: Sequence[T], most: int = 3) -> frozenset[T]:
        """One to `most` of these."""
        return frozenset(self.pick(options) for _ in range(1 + int(self._random.random() * most)))

    def day(self) -> date:
        """A day around the decision."""
        return self.today + timedelta(days=self.pick(DAYS))

    def instant(self) -> datetime:
        """An instant around the decision, or a midnight in Brussels."""
        if self.chance(30):
            return datetime.combine(self.day(), time(), BRUSSELS)
        shift = timedelta(days=self.pick(DAYS)) if self.chance(60) else timedelta(0)
        return self.at.astimezone(UTC) + shift + self.pick(INSTANT_STEPS)

    def moment(self) -> Moment:
        """A day or an instant."""
        return self.day() if self.chance(60) else self.instant()

    def past(self) -> Moment:
        """A moment that is probably over."""
        return self.today - timedelta(days=self.pick((1, 5, 20, 60, 400)))
