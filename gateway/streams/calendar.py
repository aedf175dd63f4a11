"""The calendar's loop: it looks every few minutes, and right after midnight in Brussels.

It needs no broker, and several may run: each thing is done once, whoever comes first.
"""

from collections.abc import Callable
from datetime import date, datetime
from threading import Event
from typing import Final

from gateway import clock
from gateway.exchange.calendar.age_dates import next_midnight
from gateway.exchange.calendar.keep_calendar import keep_calendar
from gateway.exchange.erasure.retention import apply_retention, retention_plan
from gateway.exchange.hub import Hub
from gateway.observability import Event as LogEvent
from gateway.observability import log, warn

LOOK_SECONDS: Final = 240.0
# A moment past midnight, so that a clock that is behind by a little sees the new day as well.
PAST_MIDNIGHT_SECONDS: Final = 1.0
_STATES: Final = ("reviews_overdue", "birthdays_unknown")


def keep_the_calendar(hub: Hub, stop: Event) -> None:
    """Keep the calendar until it is time to stop; an exception means the database is gone."""
    warned: tuple[date, int] | None = None
    looked: date | None = None
    while not stop.is_set():
        at = clock.now()
        kept = keep_calendar(hub, at=at, told=stop.is_set)
        for name, count in kept.items():
            if count and name not in _STATES:
                log(LogEvent.CALENDAR_KEPT, code=name, count=count)
        if looked != clock.brussels_date(at) and not stop.is_set():
            keep_retention(hub, at=at, told=stop.is_set)
            looked = clock.brussels_date(at)
        overdue = (clock.brussels_date(at), kept["reviews_overdue"])
        # Once a day, and whenever it changes: who looks at the log is not to be dulled.
        if overdue[1] and overdue != warned:
            warn(LogEvent.REVIEWS_OVERDUE, count=overdue[1])
        warned = overdue
        stop.wait(seconds_to_wait(clock.now()))


def keep_retention(hub: Hub, *, at: datetime, told: Callable[[], bool]) -> None:
    """Once a day: count what retention asks to erase or, if the setting says so, erase it."""
    if hub.settings.retention == "apply":
        for name, count in apply_retention(hub, at=at, told=told).items():
            if count:
                log(LogEvent.RETENTION_APPLIED, code=name, count=count)
        return
    due = sum(one.count for one in retention_plan(hub, at=at).due)
    if due:
        log(LogEvent.RETENTION_DUE, count=due)


def seconds_to_wait(at: datetime) -> float:
    """Return how long to sleep, so that a new day is never missed by minutes."""
    to_midnight = (next_midnight(at) - at).total_seconds() + PAST_MIDNIGHT_SECONDS
    return min(LOOK_SECONDS, to_midnight)
