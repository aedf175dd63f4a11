"""What the report on a newborn says, and how its later versions hang together."""

import json
from typing import Any

import pytest

from adapters.contract import Fate, Part, RelatedKey, Segment, Translation
from tests.conformance.adapters.samples import sample, translated

NEWBORN, UPDATES = "ko_04", "ko_05"


def newborn(**changes: Any) -> Translation:
    document = {**json.loads(sample(NEWBORN).raw), **changes}
    return translated("childcare", json.dumps(document).encode())


def corrected(**changes: Any) -> Translation:
    message = json.loads(sample(UPDATES).raw)["meldingen"][2]
    message["rapport"] = {**message["rapport"], **changes}
    return translated("childcare", json.dumps({"meldingen": [message]}).encode())


def only_part(found: Translation) -> Part:
    (part,) = found.parts
    return part


def below(found: Translation, step: str) -> dict[str, Segment]:
    start = f"report/KR-2024-900077/{step}/"
    segments = only_part(found).segments
    return {one.key.removeprefix(start): one for one in segments if one.key.startswith(start)}


def fate(found: Translation, path: str) -> Fate:
    (line,) = [one for one in found.account if one.path == path]
    return line.fate


def test_a_newborn_is_known_by_the_agencys_number_and_by_its_mother() -> None:
    part = only_part(newborn())
    assert (part.subject.insz, part.subject.local) == (None, "KG-7700112")
    assert part.related == (RelatedKey(insz="96441799840", relation="parent", authority="unknown"),)


def test_what_stands_for_a_name_recognises_nobody_and_is_marked_as_temporary() -> None:
    part = only_part(newborn())
    assert part.subject.given == ""
    assert part.segments[0].resource["name"] == [
        {"use": "temp", "family": "VANDENBERGHE", "given": ["BABY"]}
    ]


def test_a_referred_ear_is_an_observation_and_a_task() -> None:
    found = newborn()
    results = {
        key: one.resource["valueCodeableConcept"]["coding"][0]["code"]
        for key, one in below(found, "hearing").items()
    }
    assert results == {"2024-12-12/left": "refer", "2024-12-12/right": "pass"}
    task = below(found, "hearing-repeat")["left"].resource
    assert (task["status"], task["intent"]) == ("requested", "plan")
    assert task["focus"]["reference"].endswith(
        below(found, "hearing")["2024-12-12/left"].resource["id"]
    )


def test_the_repeated_test_completes_the_same_task() -> None:
    before, after = below(newborn(), "hearing-repeat"), below(corrected(), "hearing-repeat")
    assert before["left"].resource["id"] == after["left"].resource["id"]
    assert after["left"].resource["status"] == "completed"


@pytest.mark.parametrize("day", ["2024-12-12", "2024-12-01"])
def test_only_a_later_test_completes_the_task(day: str) -> None:
    tests = [
        {"datum": "2024-12-12", "oor": "links", "resultaat": "refer"},
        {"datum": day, "oor": "rechts", "resultaat": "pass"},
        {"datum": "2024-12-01", "oor": "links", "resultaat": "pass"},
    ]
    task = below(newborn(gehoortest=tests), "hearing-repeat")["left"]
    assert task.resource["status"] == "requested"


def test_growth_keeps_its_spelling_and_unit() -> None:
    found = below(newborn(), "growth")
    quantity = found["2024-11-28/length"].resource["valueQuantity"]
    assert (str(quantity["value"]), quantity["code"]) == ("49.5", "cm")
    assert len(found) == 6


def test_a_later_version_has_the_same_keys_and_what_it_omits_is_not_ended() -> None:
    before, after = below(newborn(), "growth"), below(corrected(), "growth")
    assert set(after) < set(before)
    assert {key: before[key].resource["id"] for key in after} == {
        key: one.resource["id"] for key, one in after.items()
    }
    later = corrected()
    assert (later.snapshot, later.scope, later.retractions) == (False, None, ())
    assert only_part(later).asserted_at > only_part(newborn()).asserted_at
    assert only_part(later).version > only_part(newborn()).version


def test_a_correction_says_what_it_revises() -> None:
    origin = next(one for one in only_part(corrected()).segments if "Provenance" in str(one))
    assert origin.key == "report/KR-2024-900077"
    roles = {one["what"]["identifier"]["value"]: one["role"] for one in origin.resource["entity"]}
    assert roles == {
        "KR-2024-900077#2": "source",
        "KG-ID-3": "source",
        "KR-2024-900077#1": "revision",
    }


def test_everything_about_the_body_is_medical_and_the_familys_needs_are_the_parents() -> None:
    found = newborn()
    classes = {
        one.data_class for step in ("hearing", "growth") for one in below(found, step).values()
    }
    assert classes == {"medical"}
    needs = below(found, "need")
    assert set(needs) == {"finances", "language"}
    for need in needs.values():
        assert need.data_class == "parent_data"
        assert need.about == {"child", "related-1"}


def test_what_is_not_known_is_no_value() -> None:
    assert fate(newborn(), "$.cmvInfectie") is Fate.MINIMISED
    keys = [one.key for one in only_part(newborn(cmvInfectie="ja")).segments]
    assert "report/KR-2024-900077/cmv" in keys


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"zwangerschapsduurWeken": 380}, "$.zwangerschapsduurWeken", "value-implausible"),
        ({"cmvInfectie": "misschien"}, "$.cmvInfectie", "unknown-code"),
        ({"ondersteuningsnood": ["vervoer"]}, "$.ondersteuningsnood", "unknown-code"),
        (
            {"metingen": [{"datum": "2024-11-28", "gewicht_g": 3.12}]},
            "$.metingen[0].gewicht_g",
            "value-implausible",
        ),
        (
            {"metingen": [{"datum": "31/02/2025", "gewicht_g": 3120}]},
            "$.metingen[0].datum",
            "date-invalid",
        ),
        (
            {"gehoortest": [{"datum": "2024-12-12", "oor": "beide", "resultaat": "pass"}]},
            "$.gehoortest[0].oor",
            "unknown-code",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_itself(changes: dict[str, Any], path: str, code: str) -> None:
    found = newborn(**changes)
    assert [one.code for one in found.rejections] == [code]
    lines = [one for one in found.account if one.path.startswith(path)]
    assert lines[0].fate is Fate.REJECTED
    assert only_part(found)


@pytest.mark.parametrize("changes", [{"versie": "x"}, {"aangemaaktOp": "gisteren"}])
def test_a_report_without_version_or_moment_is_refused(changes: dict[str, Any]) -> None:
    found = newborn(**changes)
    assert found.parts == ()
    assert len(found.rejections) == 1
