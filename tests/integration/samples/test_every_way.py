"""Every sample, over HTTP and over Kafka, ends as the file way and its ground truth say."""

import json
from collections import Counter
from typing import Any

import fhirkit
import pytest

from adapters.contract import load
from gateway.fhir.validate import validate
from gateway.kit.samples import SOURCES
from tests.integration.samples.archive import TRUTH, Kept, Told, is_said
from tests.integration.samples.story import ORDER, WAYS, Record, records
from tests.support.running_hub import CLB, VAPH

STORY = records()
by_every_way = pytest.mark.parametrize("way", WAYS)
each_record = pytest.mark.parametrize("record", STORY, ids=lambda one: one.name)


def told(parts: list[dict[str, Any]], outcome: str) -> list[dict[str, Any]]:
    names = ("where", "field", "code", "message")
    return [{name: one[name] for name in names} for one in parts if one["outcome"] == outcome]


def test_the_story_holds_every_sample_of_the_project() -> None:
    assert {one.file for one in STORY} >= {path.name for path in SOURCES.glob("*/*.*")}
    assert len({one.name for one in STORY}) == len(ORDER)


@by_every_way
@each_record
def test_a_receipt_accounts_for_a_file_as_translate_does(
    ways: dict[str, Told], record: Record, way: str
) -> None:
    receipt, report = ways[way].receipts[record.name], record.report
    assert receipt["status"] == "processed"
    assert receipt["sha256"] == report["sha256"]
    assert receipt["account"] == report["account"]
    assert told(receipt["parts"], "rejected") == report["rejections"]
    assert told(receipt["parts"], "question") == report.get("questions", [])
    for outcome, changes in (("retracted", "retractions"), ("amended", "amendments")):
        places = [one["where"] for one in receipt["parts"] if one["outcome"] == outcome]
        assert places == [one["where"] for one in report.get(changes, [])]


@by_every_way
@each_record
def test_what_is_linked_says_no_more_that_it_waits(
    ways: dict[str, Told], record: Record, way: str
) -> None:
    parts = ways[way].receipts[record.name]["parts"]
    codes = {(one["outcome"], one["code"]) for one in parts}
    assert {code for outcome, code in codes if outcome == "stored"} <= {None}
    assert {code for outcome, code in codes if outcome == "review"} <= {"identity-match"}


@by_every_way
@each_record
def test_what_was_expected_to_be_refused_or_asked_is(
    ways: dict[str, Told], record: Record, way: str
) -> None:
    parts = ways[way].receipts[record.name]["parts"]
    for outcome, expected in (("rejected", "faults"), ("question", "questions")):
        codes = sorted(one["code"] for one in parts if one["outcome"] == outcome)
        assert codes == TRUTH[expected].get(record.name, [])


@by_every_way
def test_who_is_recognised_is_whom_the_truth_names(ways: dict[str, Told], way: str) -> None:
    found = ways[way]
    linked = {
        name: {part: found.names[child] for part, child in parts.items()}
        for name, parts in found.linked.items()
    }
    assert linked == TRUTH["linked"]
    # Nobody is two children, no two people are one, and nobody else is known.
    assert Counter(found.names.values()) == Counter(list(TRUTH["people"]))
    assert found.unnamed == []
    known = {name: number for name, number in TRUTH["people"].items() if number}
    assert found.numbers == known


@by_every_way
def test_who_has_no_number_waits_with_the_proposals_that_the_truth_allows(
    ways: dict[str, Told], way: str
) -> None:
    assert ways[way].proposed == TRUTH["proposed"]


@by_every_way
def test_anonymous_help_and_grown_ups_are_never_linked_nor_proposed(
    ways: dict[str, Told], way: str
) -> None:
    found = ways[way]
    for name, parts in TRUTH["never_linked"].items():
        receipt = found.receipts[name]["parts"]
        kept = {one["part"]: one["code"] for one in receipt if one["outcome"] == "kept_in_original"}
        assert kept == parts
        assert not set(parts) & (set(found.linked[name]) | set(found.proposed.get(name, {})))


@by_every_way
@each_record
def test_what_is_stored_of_a_file_is_what_the_file_way_says_to_the_byte(
    ways: dict[str, Told], record: Record, way: str
) -> None:
    found = ways[way]
    for part, child in found.linked[record.name].items():
        stored = {one.content for one in said(found, record.partner, found.names[child])}
        missing = is_said(record, part) - stored
        if record.name in TRUTH["overtaken"]:
            missing = {one for one in missing if place(one) not in newer(record)}
        assert missing == set()


@by_every_way
def test_nothing_is_stored_that_no_file_says(ways: dict[str, Told], way: str) -> None:
    found = ways[way]
    expected = {
        (found.names[child], record.partner, content)
        for record in STORY
        for part, child in found.linked[record.name].items()
        for content in is_said(record, part)
    }
    stored = {(one.child, one.partner, one.content) for one in found.kept if is_word(one)}
    assert stored - expected == set()


def newer(record: Record) -> set[str]:
    """Which resources a newer file says that came first."""
    (by,) = [one for one in STORY if one.name == TRUTH["overtaken"][record.name][0]]
    return {place(one) for part in by.translation.parts for one in is_said(by, part.id)}


def place(content: bytes) -> str:
    resource = json.loads(content)
    return f"{resource['resourceType']}/{resource['id']}"


def said(found: Told, partner: str, child: str) -> list[Kept]:
    return [
        one for one in found.kept if (one.partner, one.child) == (partner, child) and is_word(one)
    ]


def is_word(one: Kept) -> bool:
    """Whether a source said it, word for word."""
    return one.said and one.layer == "assertion" and one.status != "kept"


def test_both_ways_end_in_the_same_state_and_ask_the_same(ways: dict[str, Told]) -> None:
    http, kafka = ways["http"], ways["kafka"]
    assert http.state() == kafka.state()
    assert http.asked == kafka.asked
    assert http.proposed == kafka.proposed


@by_every_way
@pytest.mark.parametrize("child", TRUTH["diagnoses"])
def test_each_disorder_has_the_one_diagnosis_of_the_truth_with_its_authors(
    ways: dict[str, Told], child: str, way: str
) -> None:
    truth = TRUTH["diagnoses"][child]
    assert ways[way].leading(child) == truth["leading"]
    assert ways[way].diagnoses(child) == {tuple(one) for one in truth["said"]}


@by_every_way
def test_the_source_reads_what_it_is_asked_about_its_diagnoses(
    ways: dict[str, Told], way: str
) -> None:
    assert ways[way].tasks == TRUTH["tasks"]


@by_every_way
def test_all_that_vaph_said_of_a_struck_file_ended_and_what_the_clb_said_stands(
    ways: dict[str, Told], way: str
) -> None:
    found = [one for one in ways[way].kept if one.child == "zeynep" and one.newest]
    statuses = {(one.partner, one.status) for one in found if one.layer == "assertion"}
    assert {status for partner, status in statuses if partner == VAPH} == {"withdrawn", "kept"}
    assert (CLB, "active") in statuses


def test_all_that_is_kept_in_the_end_is_valid_for_two_validators_and_claims_no_profile(
    ways: dict[str, Told],
) -> None:
    # Also what was changed, ended and derived, which no golden file holds.
    for one in ways["kafka"].kept:
        assert validate(load(one.content)) == (), one.content
        assert fhirkit.validate(one.content) == [], one.content
        assert "profile" not in one.resource.get("meta", {})
