"""Dates in every spelling partners use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.dates import is_adult, parse_date, parse_instant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-05-16", "2023-05-16"),
        ("2018-10-09+02:00", "2018-10-09"),
        ("2018-10-09Z", "2018-10-09"),
        ("14/3/2019", "2019-03-14"),
        ("10/10/2024", "2024-10-10"),
        ("16-09-2024", "2024-09-16"),
        ("2018", "2018"),
        ("2018-05", "2018-05"),
        ("10/2024", "2024-10"),
        ("5-2018", "2018-05"),
        ("13/2024", None),
        ("12/9999", None),
        ("9999-12-31", "9999-12-31"),
        ("9999-12-31+01:00", "9999-12-31"),
        ("31/02/2025", None),
        ("18/11", None),
        ("1/10/24", None),
        ("2018-00", None),
        ("1823-05-16", None),
        ("3/2/'23", None),
        ("", None),
    ],
)
def test_a_date_keeps_its_precision_or_is_none(text: str, expected: str | None) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-09-02T18:22", "2024-09-02T18:22:00+02:00"),
        ("2024-11-29T17:03:11", "2024-11-29T17:03:11+01:00"),
        ("2023-06-02T09:14:07.120", "2023-06-02T09:14:07.120+02:00"),
        ("2024-11-29T16:03:11Z", "2024-11-29T17:03:11+01:00"),
        ("gisteren", None),
    ],
)
def test_a_time_without_a_zone_is_brussels_time(text: str, expected: str | None) -> None:
    assert parse_instant(text) == expected


@pytest.mark.parametrize(
    ("born", "on", "adult"),
    [
        ("2006-11-21", "2024-11-20", False),
        ("2006-11-21", "2024-11-21", True),
        ("2006", "2024-12-30", False),
        ("2006", "2024-12-31", True),
        ("2006-11", "2024-11-29", False),
        ("2006-11-21", "2025-01-01T00:00:00+01:00", True),
        (None, "2024-11-21", False),
    ],
)
def test_someone_is_an_adult_only_when_that_is_sure(
    born: str | None, on: str, *, adult: bool
) -> None:
    assert is_adult(born, on) is adult


@given(st.text(max_size=24))
def test_no_text_makes_a_date_raise(text: str) -> None:
    parse_date(text)
    parse_instant(text)
