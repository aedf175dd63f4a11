"""The Cedar policies of the second engine: valid, complete, and in the order of the rules."""

import json
from dataclasses import replace

import cedarpy
import pytest

from tests.second_engine.engine import decide, in_cedar
from tests.second_engine.random_situations import situation
from tests.second_engine.rulebook import CedarError, Rulebook, policy_text, rulebook, schema_text
from tests.second_engine.situation import Situation
from tests.second_engine.small_scope import small_scope

# Section 5 of the rules of sharing, in its order; L9 before T1 (section 6).
TABLE = (
    "G1 G2 G3 G4 G6 G7 G5 L9 H1 H2 H3 H4 H7 H5 H6 L1 L2 L3 L4 L5 L6 L6b L7 L8 "
    "R1 R2 R3 R7 R4 R5 R6 R8 K5 K6 K7 K2 K2b K1 K4 K3 J1 T6"
)
EFFECTS = {"permit", "extract", "withhold", "hold"}
ANNOTATIONS = {
    *("id", "tier", "limb", "effect", "obligations", "silent", "unless", "stands_aside_for"),
    *("basis", "builds_on", "waits_for", "cites", "adds", "turns_into", "to", "not_to"),
}


def policies() -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads(cedarpy.policies_to_json_str(policy_text()))
    return found["staticPolicies"]  # type: ignore[return-value]


def test_every_policy_is_valid_against_the_schema() -> None:
    result = cedarpy.validate_policies(policy_text(), schema_text())
    assert result.errors == []
    assert result.validation_passed


def test_a_policy_that_reads_what_is_not_there_is_found() -> None:
    mistaken = policy_text().replace("resource.reporter", "resource.reproter")
    assert not cedarpy.validate_policies(mistaken, schema_text()).validation_passed


def test_the_policies_name_the_rules_in_the_order_of_the_table() -> None:
    names = [row.id for row in rulebook().rows if row.tier != "rider"]
    assert list(dict.fromkeys(names)) == TABLE.split()


def test_a_policy_only_says_that_a_row_applies_and_its_annotations_what_follows() -> None:
    known = {row.id for row in rulebook().rows} | {row.tier for row in rulebook().rows}
    for policy in policies().values():
        assert policy["effect"] == "permit"
        notes = policy["annotations"]
        assert isinstance(notes, dict)
        assert notes.keys() <= ANNOTATIONS
        assert notes["tier"] == "rider" or notes["effect"] in EFFECTS
        for names in ("unless", "stands_aside_for", "builds_on", "to", "not_to"):
            assert set(notes.get(names, "").split()) <= known


@pytest.mark.parametrize("seed", range(100))
def test_what_is_sent_to_cedar_fits_the_schema(seed: int) -> None:
    told = situation(seed)
    at = told.at if told.at.tzinfo else situation(0).at
    asked = Situation(told.request, told.facts, at)
    entities, requests = in_cedar(asked, asked.asked_for())
    schema = cedarpy.Schema.from_str(schema_text())
    checked = cedarpy.Entities.from_json_str(entities, schema)
    answers = cedarpy.is_authorized_batch(requests, policy_text(), checked, schema)
    assert [answer.diagnostics.errors for answer in answers] == [[]] * len(requests)


def test_a_policy_that_cannot_be_evaluated_stops_the_answer() -> None:
    told = next(small_scope("a nurse"))
    broken = Rulebook(policy_text().replace("resource.reporter", "resource.reproter"))
    with pytest.raises(CedarError, match="reproter"):
        decide(told.request, told.facts, at=told.at, rules=broken)


def test_an_instant_without_a_time_zone_denies_everything() -> None:
    told = next(small_scope("a nurse"))
    answer = decide(told.request, told.facts, at=told.at.replace(tzinfo=None))
    assert {part.effect for part in answer.segments.values()} == {"withhold"}


def test_segments_of_one_name_deny_everything() -> None:
    told = next(small_scope("a nurse"))
    first = told.facts.record.segments[0]
    facts = replace(told.facts, record=replace(told.facts.record, segments=(first, first)))
    answer = decide(told.request, facts, at=told.at)
    assert {part.effect for part in answer.segments.values()} == {"withhold"}
