"""FHIR dates and times as the first and last instant they cover, to the microsecond."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from consent.provision_times import EARLIEST, LATEST, bounds
from tests.support.fhir_consents import (
    AT,
    consent,
    permit,
    permitted,
    question,
    refused_within,
    some_data,
    when,
)

MICROSECOND = timedelta(microseconds=1)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", utc(2025, 12, 31, 23), utc(2026, 12, 31, 22, 59, 59, 999999)),
        ("2024-02", utc(2024, 1, 31, 23), utc(2024, 2, 29, 22, 59, 59, 999999)),
        ("2026-07-01", utc(2026, 6, 30, 22), utc(2026, 7, 1, 21, 59, 59, 999999)),
        ("2026-03-02T09:00:00Z", utc(2026, 3, 2, 9), utc(2026, 3, 2, 9, 0, 0, 999999)),
        ("2026-03-02T09:00:00-02:30", utc(2026, 3, 2, 11, 30), utc(2026, 3, 2, 11, 30, 0, 999999)),
        ("2026-03-02T09:00:00.5Z", utc(2026, 3, 2, 9, 0, 0, 500000), None),
        ("2026-03-02T09:00:00.012Z", utc(2026, 3, 2, 9, 0, 0, 12000), None),
        ("2026-03-02T09:00:00.123456Z", utc(2026, 3, 2, 9, 0, 0, 123456), None),
        ("2026-03-02T09:00:00.123456789Z", utc(2026, 3, 2, 9, 0, 0, 123456), None),
    ],
)
def test_a_date_covers_all_of_it_and_a_fraction_one_instant(
    text: str, first: datetime, last: datetime | None
) -> None:
    assert bounds(text) == (first, last or first)


@pytest.mark.parametrize(
    "text", ["", "26", "2026-13", "2026-02-29", "2026-03-02T09:00:00", "2026-03-02T25:00:00Z"]
)
def test_what_is_no_date_covers_nothing(text: str) -> None:
    assert bounds(text) is None


def test_a_consent_holds_in_its_last_instant_and_not_after_it() -> None:
    until = consent(permit(period={"end": "2026-03-02T10:00:00.000001+01:00"}))
    assert permitted(until, question(at=AT + MICROSECOND))
    assert not permitted(until, question(at=AT + 2 * MICROSECOND))
    whole = consent(permit(period={"end": "2026-03-02T09:59:59+01:00"}))
    assert permitted(whole, question(at=AT - MICROSECOND))
    assert not permitted(whole, question(at=AT))
    since = consent(permit(period={"start": "2026-03-02T10:00:00.000000+01:00"}))
    assert permitted(since)
    assert not permitted(since, question(at=AT - MICROSECOND))


def test_a_refusal_meets_data_that_share_one_instant_with_it() -> None:
    noon = "2026-03-02T12:00:00.0+01:00"
    later = question(about=some_data(period=when(noon, "2027")))
    earlier = question(about=some_data(period=when("2025", noon)))
    assert not permitted(refused_within(dataPeriod={"end": noon}), later)
    assert not permitted(refused_within(dataPeriod={"start": noon}), earlier)
    before = "2026-03-02T11:59:59.999999+01:00"
    assert permitted(refused_within(dataPeriod={"end": before}), later)


def test_an_open_side_reaches_without_end() -> None:
    assert (EARLIEST.year, LATEST.year) == (1, 9999)
    asked = question(about=some_data(period=when("0002", "2026")))
    assert permitted(consent(permit(dataPeriod={"end": "2026"})), asked)


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Pacific/Auckland", "9999"),
        ("America/Los_Angeles", "0001-01-01T00:00:00Z"),
        ("America/Los_Angeles", "0001-01-02"),
    ],
)
def test_a_date_means_the_same_wherever_the_machine_stands(
    zone: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = bounds(text)
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert bounds(text) == usual
    finally:
        monkeypatch.undo()
        time.tzset()
    assert usual is not None
