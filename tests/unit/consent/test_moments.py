"""The day of a decision is the day in Brussels, whatever clock the machine or the asker uses."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from consent.moments import BRUSSELS, Now, instant_of, now_at
from tests.support.situations import ask, facts, granted_by_both, rule_for


@contextmanager
def machine_in(zone: str) -> Iterator[None]:
    """Let the machine's own clock run in another zone for a while."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "UTC"])
@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2031-05-05T21:59:59+00:00", date(2031, 5, 5)),
        ("2031-05-05T22:00:00+00:00", date(2031, 5, 6)),
        ("2031-01-05T22:59:59-01:00", date(2031, 1, 6)),
        ("2031-01-05T23:00:00+01:00", date(2031, 1, 5)),
        ("1850-06-01T23:40:00+00:00", date(1850, 6, 1)),
        ("1850-06-01T23:50:00+00:00", date(1850, 6, 2)),
        ("1900-01-01T23:50:00+00:00", date(1900, 1, 1)),
    ],
)
def test_today_is_the_day_in_brussels(zone: str, instant: str, day: date) -> None:
    at = datetime.fromisoformat(instant)
    with machine_in(zone):
        assert now_at(at) == Now(at, day)
        assert now_at(at.astimezone(timezone(timedelta(hours=-7)))) == Now(at, day)
        assert now_at(at.astimezone(UTC)) == Now(at, day)


def test_an_instant_without_zone_is_no_instant() -> None:
    assert now_at(datetime(2031, 5, 5, 12)) is None
    assert instant_of(datetime(2031, 5, 5, 12)) is None


def test_a_day_begins_at_midnight_in_brussels() -> None:
    with machine_in("America/Los_Angeles"):
        assert instant_of(date(2031, 5, 5)) == datetime(2031, 5, 4, 22, tzinfo=UTC)
        assert instant_of(date(2031, 1, 5)) == datetime(2031, 1, 4, 23, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_a_grant_ends_at_midnight_in_brussels_wherever_the_machine_stands(zone: str) -> None:
    known = facts(*granted_by_both())
    with machine_in(zone):
        last = datetime(2026, 12, 31, 23, 59, 59, tzinfo=BRUSSELS)
        assert rule_for(known, ask(), last) == "K1"
        assert rule_for(known, ask(), last.astimezone(UTC) + timedelta(seconds=1)) == "T6"
