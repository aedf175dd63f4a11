"""The calendar's loop looks often enough, and never sleeps over midnight in Brussels."""

from datetime import UTC, date, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.moments import BRUSSELS
from gateway import clock
from gateway.exchange.calendar.keep_calendar import COUNTS
from gateway.observability import Event as LogEvent
from gateway.streams import calendar
from gateway.streams.calendar import LOOK_SECONDS, keep_the_calendar, seconds_to_wait
from gateway.streams.worker import LOOPS, NEED_A_BROKER

instants = st.datetimes(
    min_value=datetime(2020, 1, 1), max_value=datetime(2035, 1, 1), timezones=st.just(UTC)
)


def day_of(at: datetime) -> date:
    return at.astimezone(BRUSSELS).date()


@given(instants)
def test_it_sleeps_minutes_at_most_and_wakes_in_the_first_moments_of_a_day(at: datetime) -> None:
    seconds = seconds_to_wait(at)
    assert 0 < seconds <= LOOK_SECONDS
    woken = at + timedelta(seconds=seconds)
    if day_of(woken) != day_of(at):
        assert day_of(woken - timedelta(seconds=2)) == day_of(at)


def test_it_runs_in_the_background_and_needs_no_broker() -> None:
    assert LOOPS["calendar"] is keep_the_calendar
    assert "calendar" not in NEED_A_BROKER


@pytest.fixture(autouse=True)
def retained(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """Look at retention without a hub; return when."""
    looked: list[datetime] = []
    monkeypatch.setattr(calendar, "keep_retention", lambda _hub, at, **_: looked.append(at))
    return looked


class Stopping(Event):
    """Stops by itself after so many rounds."""

    def __init__(self, rounds: int) -> None:
        super().__init__()
        self.left = rounds

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002 - as Event has it
        self.left -= 1
        if self.left == 0:
            self.set()
        return self.is_set()


def test_late_reviews_are_told_once_a_day_and_when_they_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[tuple[LogEvent, dict[str, Any]]] = []
    overdue = iter([1, 1, 2, 2, 0, 2])
    at = datetime(2026, 1, 12, 9, tzinfo=UTC)

    def kept(*_: object, **__: object) -> dict[str, int]:
        return dict.fromkeys(COUNTS, 0) | {"reviews_overdue": next(overdue)}

    monkeypatch.setattr(calendar, "keep_calendar", kept)
    monkeypatch.setattr(clock, "now", lambda: at)
    monkeypatch.setattr(calendar, "warn", lambda event, **more: told.append((event, more)))
    keep_the_calendar(None, Stopping(6))  # type: ignore[arg-type]
    assert told == [(LogEvent.REVIEWS_OVERDUE, {"count": count}) for count in (1, 2, 2)]


def test_what_was_done_is_a_line_with_a_number_and_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[dict[str, Any]] = []

    def kept(*_: object, **__: object) -> dict[str, int]:
        return dict.fromkeys(COUNTS, 0) | {"consents_ended": 3, "birthdays_unknown": 7}

    monkeypatch.setattr(calendar, "keep_calendar", kept)
    monkeypatch.setattr(calendar, "log", lambda _event, **more: lines.append(more))
    keep_the_calendar(None, Stopping(1))  # type: ignore[arg-type]
    assert lines == [{"code": "consents_ended", "count": 3}]


def test_retention_is_looked_at_once_a_day_in_brussels(
    monkeypatch: pytest.MonkeyPatch, retained: list[datetime]
) -> None:
    monkeypatch.setattr(calendar, "keep_calendar", lambda *_, **__: dict.fromkeys(COUNTS, 0))
    evening = datetime(2026, 1, 12, 22, 30, tzinfo=UTC)
    hours = iter(range(100))
    # Each round reads the clock twice: to act, and to know how long to sleep.
    monkeypatch.setattr(clock, "now", lambda: evening + timedelta(minutes=10 * next(hours)))
    keep_the_calendar(None, Stopping(6))  # type: ignore[arg-type]
    assert [one.day for one in retained] == [12, 12]
    assert [clock.brussels_date(one).day for one in retained] == [12, 13]
