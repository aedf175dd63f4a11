"""Numbers of organisations and professionals, checked against worked vectors."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.enterprise_numbers import parse_establishment, parse_kbo, parse_riziv

VECTORS = Path(__file__).parent / "vectors" / "kbo_vestiging_riziv_vectors.csv"
PARSERS = {"kbo": parse_kbo, "vestiging": parse_establishment, "riziv": parse_riziv}


def vectors() -> list[dict[str, str]]:
    with VECTORS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["input"])
def test_a_worked_vector_is_judged_as_it_was_computed(vector: dict[str, str]) -> None:
    found = PARSERS[vector["kind"]](vector["input"])
    assert found == (vector["normalised"] or None)
    assert (found is not None) == (vector["valid"] == "1")


def test_the_spelling_with_dots_and_country_is_the_same_enterprise() -> None:
    assert parse_kbo("BE1999.000.249") == parse_kbo("1999000249") == "1999000249"


@given(st.integers(0, 19_999_999), st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_of_an_enterprise_number_is_noticed(
    stem: int, place: int, more: int
) -> None:
    number = f"{stem:08d}{97 - stem % 97:02d}"
    assert parse_kbo(number) == number
    digit = (int(number[place]) + more) % 10
    wrong = f"{number[:place]}{digit}{number[place + 1 :]}"
    assert parse_kbo(wrong) is None


@given(st.integers(0, 999_999), st.sampled_from([97, 89]), st.integers(0, 999))
def test_a_riziv_number_may_count_either_way(stem: int, modulus: int, tail: int) -> None:
    number = f"{stem:06d}{modulus - stem % modulus:02d}{tail:03d}"
    assert parse_riziv(number) == number
    assert parse_riziv(number[:8]) == number[:8]
    assert parse_riziv(number[:10]) is None


@given(st.integers(20_000_000, 89_999_999))
def test_an_establishment_is_no_enterprise(stem: int) -> None:
    number = f"{stem:08d}{97 - stem % 97:02d}"
    assert parse_establishment(number) == number
    assert parse_kbo(number) is None
