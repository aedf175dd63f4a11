"""The register of legal bases and the page of rules say what the table says."""

import json
import re
from datetime import date
from inspect import getsource
from typing import Any

import pytest
from jsonschema import (  # type: ignore[import-untyped]  # it carries no types
    Draft202012Validator,
    FormatChecker,
)

from consent import reasons, routes, rule, rules, transfer
from consent.rules import RULES
from schemas import read_data
from tests.support.rules_page import PAGE, REGISTER, page

SCHEMA: dict[str, Any] = json.loads(read_data("legal", "bases.v1.schema.json"))
CITATIONS = [one for basis in REGISTER["bases"].values() for one in basis["citations"]]
VALID = Draft202012Validator(SCHEMA, format_checker=FormatChecker())


def test_every_basis_of_the_table_is_in_the_register_and_the_other_way_round() -> None:
    assert {one.basis for one in RULES.values()} == set(REGISTER["bases"])


def test_the_register_follows_its_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert [problem.message for problem in VALID.iter_errors(REGISTER)] == []


@pytest.mark.parametrize("mark", ["OK", "INF", "PP"])
def test_what_no_source_states_cannot_be_called_verified(mark: str) -> None:
    claimed = {**CITATIONS[0], "marks": ["S1", mark], "verified": True}
    bases = {"claim": {"title": {"nl": "x", "en": "x"}, "citations": [claimed]}}
    assert not VALID.is_valid({**REGISTER, "bases": bases})


def test_every_source_and_law_is_named_once_and_none_is_idle() -> None:
    marks = {mark for one in CITATIONS for mark in one["marks"]}
    in_notes = set(re.findall(r"\[(S\d+b?)\]", json.dumps(REGISTER["bases"])))
    sources = {mark for mark in marks if mark.startswith("S")}
    assert sources | in_notes == set(REGISTER["sources"])
    assert {one["law"] for one in CITATIONS} == set(REGISTER["laws"])


def test_a_citation_ends_after_it_begins() -> None:
    for one in CITATIONS:
        if one["from"] and one["until"]:
            assert date.fromisoformat(one["from"]) <= date.fromisoformat(one["until"])


def test_every_basis_rests_on_something_that_holds_on_the_day_of_the_register() -> None:
    today = REGISTER["date"]
    for basis in REGISTER["bases"].values():
        assert any(
            (one["from"] or today) <= today <= (one["until"] or today) for one in basis["citations"]
        )


def test_no_article_of_law_stands_in_the_table_or_its_reasons() -> None:
    for module in (rules, rule, reasons, routes, transfer):
        assert not re.search(r"\bart(icle|ikel)?\.? \d|\b458(?!bis\")", getsource(module))


def test_the_page_of_rules_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m tests.support.rules_page"


def test_the_page_names_every_rule_of_the_table() -> None:
    for name in set(RULES) - {"G0"}:
        assert f"| **{name}** |" in page()
        assert RULES[name].reason.nl in page()
