"""Numbers of organisations and professionals, checked against worked vectors."""

import csv
from pathlib import Path

import pytest

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
