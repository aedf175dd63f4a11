"""Days on which a child's age changes who decides, for every birth date and every night."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.authority import capacity_of
from consent.model import Child
from consent.moments import BRUSSELS
from gateway.exchange.calendar.age_dates import AgeEvent, age_dates, birth_date, next_midnight
from gateway.exchange.calendar.keep_ages import ages_due

LONG_AGO = date(1990, 1, 1)
births = st.dates(min_value=date(1995, 1, 1), max_value=date(2040, 12, 31))
days = st.dates(min_value=date(1995, 1, 1), max_value=date(2070, 12, 31))
instants = st.datetimes(
    min_value=datetime(2000, 1, 1), max_value=datetime(2035, 12, 31), timezones=st.just(UTC)
)


@given(births, days)
def test_the_days_are_those_of_the_engine(born: date, today: date) -> None:
    dates, capacity = age_dates(born), capacity_of(Child(born=born), today)
    if today < born:
        return
    assert capacity.capable is (today >= dates.twelve)
    assert capacity.adult is (today >= dates.eighteen)
    carried_over = dates.twelve <= today < dates.reconfirm_over
    assert (capacity.turned_twelve is not None) is carried_over


@given(births, days)
def test_what_happened_stays_happened_and_in_order(born: date, today: date) -> None:
    dates = age_dates(born)
    now = dates.happened(known_since=LONG_AGO, today=today)
    later = dates.happened(known_since=LONG_AGO, today=today + timedelta(days=1))
    assert later[: len(now)] == now
    assert now == tuple(AgeEvent)[: len(now)]


@given(births, days)
def test_nothing_happens_twice_nor_before_the_hub_knows_a_child(born: date, today: date) -> None:
    known = {"known_since": LONG_AGO, "today": today}
    happened = age_dates(born).happened(**known)
    assert ages_due(born, **known, happened=[one.value for one in happened]) == ()
    assert ages_due(born, **known, happened=()) == happened
    unknown = ages_due(born, known_since=today + timedelta(days=1), today=today, happened=())
    assert unknown == ()


@given(births, days)
def test_who_is_told_of_a_birthday_is_told_before_it(born: date, today: date) -> None:
    dates = age_dates(born)
    soon = dates.turns_twelve_soon(today)
    assert soon is (timedelta(0) < dates.twelve - today <= timedelta(days=30))
    assert dates.turns_eighteen_soon(today) is (
        timedelta(0) < dates.eighteen - today <= timedelta(days=60)
    )
    assert not (soon and AgeEvent.TURNED_TWELVE in dates.happened(known_since=born, today=today))


def test_who_is_born_on_29_february_has_a_birthday_on_1_march_in_other_years() -> None:
    assert age_dates(date(2012, 2, 29)).twelve == date(2024, 2, 29)
    assert age_dates(date(2012, 2, 29)).eighteen == date(2030, 3, 1)


@pytest.mark.parametrize("text", ["", "2014", "2014-04", "2014-02-30", "soon", "2014-04-10T00:00"])
def test_a_partial_birth_date_is_none(text: str) -> None:
    assert birth_date(text) is None


@given(instants)
def test_the_next_midnight_is_the_first_moment_of_the_next_day(at: datetime) -> None:
    midnight = next_midnight(at)
    today = at.astimezone(BRUSSELS).date()
    assert midnight.astimezone(BRUSSELS).date() == today + timedelta(days=1)
    before = midnight.astimezone(UTC) - timedelta(microseconds=1)
    assert before.astimezone(BRUSSELS).date() == today
    assert timedelta(0) < midnight - at <= timedelta(hours=25)


@pytest.mark.parametrize(
    ("noon", "hours"),
    [
        (datetime(2026, 3, 29, 10, tzinfo=UTC), 12),
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), 22.5),
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), 24.5),
    ],
)
def test_a_night_of_23_or_25_hours_is_as_long_as_it_is(noon: datetime, hours: float) -> None:
    assert (next_midnight(noon).astimezone(UTC) - noon) == timedelta(hours=hours)
