"""Decisions about the care allowance, in and out."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from adapters.contract import Ending, Part, Resource, dump
from adapters.registry import ADAPTERS
from adapters.translate import report
from gateway.cli import app
from tests.conformance.adapters.samples import ALLOWED, sample, translated

ONE = sample("gp_01")


def changed(**values: Any) -> bytes:
    """The sample with its first decision alone, and other values in it."""
    document = json.loads(ONE.raw)
    first = document["beslissingen"][0] | values
    return json.dumps({**document, "beslissingen": [first]}).encode()


def coverage(part: Part) -> Resource:
    (found,) = [one.resource for one in part.segments if one.resource["resourceType"] == "Coverage"]
    return found


def test_what_was_granted_becomes_coverage_without_amounts_points_or_remarks() -> None:
    first, second = translated("groeipakket", ONE.raw).parts
    assert coverage(first)["period"] == {"start": "2024-07-01", "end": "2027-06-30"}
    assert coverage(second)["period"] == {"start": "2024-03-01"}
    everything = b"".join(dump(one.resource) for one in (*first.segments, *second.segments))
    for never in (b"145", b"BE00", b"wachttijd", b"90710208412"):
        assert never not in everything


def test_that_there_is_an_allowance_is_no_mere_logistics() -> None:
    for part in translated("groeipakket", ONE.raw).parts:
        classes = {one.resource["resourceType"]: one.data_class for one in part.segments}
        assert classes["Coverage"] == "functional"


def test_a_withdrawn_decision_ends_what_was_granted_under_its_number() -> None:
    granted = translated("groeipakket", changed(nummer="ZT-87940", versie=1)).parts[0]
    (ended,) = translated(
        "groeipakket", changed(nummer="ZT-87940", versie=2, actie="INGETROKKEN")
    ).retractions
    assert ended.key in {one.key for one in granted.segments}
    assert ended.ending is Ending.WITHDRAWN
    assert ended.version > granted.version


@pytest.mark.parametrize(("version", "ends"), [(1, 0), (2, 1)])
def test_a_refusal_is_not_told_on_and_ends_only_what_it_reviews(version: int, ends: int) -> None:
    found = translated("groeipakket", changed(actie="GEWEIGERD", versie=version))
    assert found.parts == ()
    assert len(found.retractions) == ends
    assert found.rejections == ()


def test_an_action_nobody_knows_goes_to_a_person_and_the_rest_goes_on() -> None:
    found = translated("groeipakket", ONE.raw)
    assert [(one.where, one.code) for one in found.rejections] == [
        ("$.beslissingen[4]", "unknown-code")
    ]
    assert len(found.parts) == 2


@given(order=st.permutations(range(5)))
def test_the_order_of_decisions_in_a_message_changes_nothing(order: list[int]) -> None:
    document = json.loads(ONE.raw)
    document["beslissingen"] = [document["beslissingen"][place] for place in order]
    shuffled = translated("groeipakket", json.dumps(document).encode())
    usual = translated("groeipakket", ONE.raw)
    assert segments(shuffled.parts) == segments(usual.parts)
    assert {one.key for one in shuffled.retractions} == {one.key for one in usual.retractions}


def segments(parts: tuple[Part, ...]) -> dict[str, bytes]:
    return {one.key: dump(one.resource) for part in parts for one in part.segments}


def test_what_is_written_out_reads_back_as_the_same_coverage() -> None:
    parts = translated("groeipakket", ONE.raw).parts
    (layout,) = ADAPTERS["groeipakket"].layouts
    assert layout.write is not None
    message = json.loads(layout.write(one.resource for part in parts for one in part.segments))
    message["bericht"] = {"id": "GP-2", "tijdstip": "2025-01-06T09:00:00+01:00"}
    for one in message["beslissingen"]:
        one["versie"] = 2
    again = translated("groeipakket", json.dumps(message).encode())
    assert again.rejections == ()
    same = ("identifier", "status", "type", "period", "beneficiary")
    for before, after in zip(parts, again.parts, strict=True):
        assert [coverage(before).get(one) for one in same] == [
            coverage(after).get(one) for one in same
        ]


def written(*resources: Resource) -> list[Any]:
    (layout,) = ADAPTERS["groeipakket"].layouts
    assert layout.write is not None
    found: list[Any] = json.loads(layout.write(resources))["beslissingen"]
    return found


def test_only_what_a_payer_decided_is_written_never_a_recognition_of_another_source() -> None:
    recognised = translated("childcare", sample("ko_06").raw).parts
    found = [one.resource for part in recognised for one in part.segments]
    assert "Coverage" in {one["resourceType"] for one in found}
    assert written(*found) == []


def test_a_decision_without_a_child_beside_it_is_written_without_one() -> None:
    granted = coverage(translated("groeipakket", ONE.raw).parts[0])
    del granted["beneficiary"]
    (one,) = written(granted)
    assert one["nummer"] == "ZT-88001"
    assert "kind" not in one


def test_the_command_writes_a_bundle_in_the_payers_own_words(tmp_path: Any) -> None:
    bundle = tmp_path / "bundle.json"
    bundle.write_bytes(dump(report("groeipakket", ONE.raw, ALLOWED)["bundle"]))
    found = CliRunner().invoke(app, ["adapter", "write", "groeipakket", str(bundle)])
    assert found.exit_code == 0, found.output
    assert [one["nummer"] for one in json.loads(found.output)["beslissingen"]] == [
        "ZT-88001",
        "ZT-88002",
    ]
    bundle.write_text("[]")
    assert CliRunner().invoke(app, ["adapter", "write", "groeipakket", str(bundle)]).exit_code == 1
    assert CliRunner().invoke(app, ["adapter", "write", "vaph", str(bundle)]).exit_code == 2
