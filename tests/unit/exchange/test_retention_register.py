"""The register of retention: well formed, honest about its sources, and pure dates."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import (  # type: ignore[import-untyped]  # it carries no types
    Draft202012Validator,
    FormatChecker,
)

from adapters.registry import ADAPTERS
from consent.vocabulary import DATA_CLASSES
from gateway.exchange.erasure.retention_register import (
    ACCESS_LOG,
    ANY,
    PERIODS,
    longest,
    periods_for,
)
from schemas import read_data

REGISTER: dict[str, Any] = json.loads(read_data("legal", "retention.v1.json"))
SCHEMA: dict[str, Any] = json.loads(read_data("legal", "retention.v1.schema.json"))
VALID = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
BORN, CONTACT = date(2010, 2, 28), date(2020, 6, 1)
DAYS = st.dates(date(1990, 1, 1), date(2030, 12, 31))


def test_the_register_follows_its_schema_and_names_known_sources_and_classes() -> None:
    assert [problem.message for problem in VALID.iter_errors(REGISTER)] == []
    assert {one.source for one in PERIODS} <= {*ADAPTERS, ACCESS_LOG}
    assert {one.data_class for one in PERIODS} - {ANY} <= DATA_CLASSES
    assert len({one.id for one in PERIODS}) == len(PERIODS)


@pytest.mark.parametrize("mark", ["OK", "INF", "PP", "S1 PP"])
def test_what_no_source_states_cannot_be_called_verified(mark: str) -> None:
    claimed = {**REGISTER["periods"][0], "mark": mark, "verified": True}
    assert not VALID.is_valid({**REGISTER, "periods": [claimed]})


@pytest.mark.parametrize(
    ("source", "data_class", "over"),
    [
        ("vaph", "diagnosis", (date(2045, 2, 28), "youth-help")),
        # Ten years after the last contact is 2030, 25 is 2035: special education counts.
        ("clb", "functional", (date(2040, 2, 28), "clb-special-education")),
        ("childcare", "logistics", (date(2025, 6, 1), "childcare")),
        ("childcare", "concern", (date(2030, 6, 1), "childcare-crisis")),
        ("groeipakket", "logistics", None),
        (None, "logistics", None),
    ],
)
def test_the_longest_period_counts_and_nothing_is_kept_for_ever_by_guessing(
    source: str | None, data_class: str, over: tuple[date, str] | None
) -> None:
    found = longest(periods_for(source, data_class), born=BORN, last_contact=CONTACT)
    assert found == over


def test_who_was_seen_late_is_kept_ten_years_after_it() -> None:
    found = longest(periods_for("clb", "medical"), born=BORN, last_contact=date(2034, 1, 1))
    assert found == (date(2044, 1, 1), "clb")


def test_without_a_birth_date_what_counts_from_birth_is_kept() -> None:
    assert longest(periods_for("vaph", "diagnosis"), born=None, last_contact=CONTACT) is None
    assert longest(periods_for("clb", "diagnosis"), born=None, last_contact=CONTACT) is None
    found = longest(periods_for("childcare", "logistics"), born=None, last_contact=CONTACT)
    assert found == (date(2025, 6, 1), "childcare")


@given(
    st.sampled_from(sorted(ADAPTERS)), st.sampled_from(sorted(DATA_CLASSES)), DAYS, DAYS, DAYS
)  # fmt: skip
def test_a_later_contact_or_birth_never_shortens_a_period(
    source: str, data_class: str, born: date, one: date, other: date
) -> None:
    early, late = sorted((one, other))
    periods = periods_for(source, data_class)
    before = longest(periods, born=born, last_contact=early)
    after = longest(periods, born=born, last_contact=late)
    assert (before is None) == (after is None)
    if before and after:
        assert before[0] <= after[0]
