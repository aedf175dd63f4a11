"""National numbers, checked against worked vectors."""

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.be import bis, nn

from adapters.insz import Insz, InszProblem, Register, parse_insz

VECTORS = Path(__file__).parent / "vectors" / "insz_vectors.csv"
TODAY = date(2026, 11, 21)
REGISTERS = {"RR": "RR", "TER(+40)": "TER", "BIS(+20)": "BIS", "MOCK(+60)": "MOCK"}


def vectors() -> list[dict[str, str]]:
    with VECTORS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["input"])
def test_a_worked_vector_is_judged_as_it_was_computed(vector: dict[str, str]) -> None:
    found = parse_insz(vector["input"], allow_test_numbers=True, today=TODAY)
    if vector["valid"] not in {"1", "repair"}:
        assert isinstance(found, InszProblem)
        return
    assert isinstance(found, Insz)
    assert found.digits == vector["normalised"]
    assert found.register == REGISTERS[vector["register"]]
    assert found.repaired == (vector["valid"] == "repair")


def test_a_number_of_the_future_is_refused_with_and_without_a_clock() -> None:
    for today in (TODAY, None):
        found = parse_insz("93051822390", today=today)
        assert isinstance(found, InszProblem)
        assert found.code == "insz-future"


def test_a_birth_later_this_year_is_in_the_future() -> None:
    found = parse_insz("19631421243", allow_test_numbers=True, today=date(2019, 3, 13))
    assert isinstance(found, InszProblem)
    assert isinstance(
        parse_insz("19631421243", allow_test_numbers=True, today=date(2019, 3, 14)), Insz
    )


def test_a_test_number_needs_permission() -> None:
    found = parse_insz("19631421243", today=TODAY)
    assert isinstance(found, InszProblem)
    assert found.code == "insz-test-number-refused"


@pytest.mark.parametrize(
    ("number", "born"),
    [
        ("85073003328", "1985-07-30"),
        ("17073003384", "2017-07-30"),
        ("98472899765", "1998-07-28"),
        ("19631421243", "2019-03-14"),
        ("17200099714", "2017"),
        ("00010100105", "2000-01-01"),
        ("00010100173", "1900-01-01"),
    ],
)
def test_only_the_check_digits_tell_the_century(number: str, born: str) -> None:
    found = parse_insz(number, allow_test_numbers=True, today=TODAY)
    assert isinstance(found, Insz)
    assert found.born == born


def test_digits_of_another_script_are_no_digits() -> None:
    assert isinstance(parse_insz("٨٥٠٧٣٠٠٣٣٢٨"), InszProblem)


@given(st.text(max_size=14))
def test_no_text_makes_the_check_raise_or_speak_of_the_text(text: str) -> None:
    found = parse_insz(text, allow_test_numbers=True)
    assert isinstance(found, Insz | InszProblem)


@given(stem=st.integers(0, 999_999_999), wrong=st.integers(1, 96))
def test_a_wrong_check_digit_is_never_accepted_in_its_century(stem: int, wrong: int) -> None:
    check = 97 - stem % 97
    other = (check + wrong - 1) % 97 + 1
    found = parse_insz(f"{stem:09d}{other:02d}", allow_test_numbers=True)
    if isinstance(found, Insz):
        assert found.born.startswith("20")
        assert 97 - (2_000_000_000 + stem) % 97 == other


def test_registers_are_told_by_the_month() -> None:
    assert {str(register) for register in Register} == set(REGISTERS.values())


DATES = st.dates(date(1910, 1, 1), date(2026, 11, 20))


def built(born: date, counter: int, month: int) -> str:
    """Return the number of somebody born on a day, with the month digits of a register."""
    stem = f"{born:%y}{born.month + month:02}{born:%d}{counter:03}"
    whole = int(f"2{stem}" if born.year >= 2000 else stem)
    return f"{stem}{97 - whole % 97:02}"


@given(DATES, st.integers(1, 998), st.sampled_from([0, 20, 40, 60]))
def test_a_number_tells_its_register_and_birth_date(born: date, counter: int, month: int) -> None:
    number = built(born, counter, month)
    found = parse_insz(number, allow_test_numbers=True, today=TODAY)
    assert isinstance(found, Insz)
    registers = {0: "RR", 20: "BIS", 40: "TER", 60: "MOCK"}
    assert (found.register, found.born) == (registers[month], born.isoformat())
    # Another program that knows these numbers agrees, as far as it knows them.
    if month != 60:
        assert (nn if month == 0 else bis).is_valid(number)
    refused = parse_insz(number, today=TODAY)
    assert isinstance(refused, InszProblem) == (month == 60)
