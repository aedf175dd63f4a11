"""The lawyers' scenarios are decided as they are written."""

from pathlib import Path

import pytest

from consent.decide import decide
from consent.rules import RULES
from tests.support.scenarios import (
    FOLDER,
    Scenario,
    ScenarioError,
    differences,
    load_folder,
    load_scenario,
)

SCENARIOS = load_folder()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_hub_answers_what_the_scenario_expects(scenario: Scenario) -> None:
    decision = decide(scenario.request, scenario.facts, at=scenario.at)
    assert not differences(scenario.expect, decision)


def test_every_scenario_is_decided_by_rules_of_the_table() -> None:
    assert len(SCENARIOS) >= 74
    assert {rule for one in SCENARIOS for rule in one.expect.rules.values()} <= set(RULES)


def written(folder: Path, text: str) -> Path:
    path = folder / "both-parents-grant-diagnosis.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def whole() -> str:
    return (FOLDER / "both-parents-grant-diagnosis.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("line", "wrong", "complaint"),
    [
        ("clb-1: {kind: clb}", "clb-1: {kind: clb, colour: red}", "`colour` in `services.clb-1`"),
        ("clb-1: {kind: clb}", "clb-1: {kind: laundry}", "`laundry` for `kind`"),
        ("purpose: care\n", "purpose: fun\n", "`fun` for `purpose`"),
        ("  source: clb-1", "  source: clb-1\n  source: clb-2", "`source` stands twice"),
        ("outcome: permit", "outcomes: permit", "`outcomes` in `expect`"),
        ("expect:", "expects:", "`expects` in `scenario`"),
        ('at: "2026-03-02T10:00:00+01:00"', 'at: "2026-03-02T10:00:00"', "needs a time zone"),
        ("scenario: both", "scenario: neither", "must equal the file's name"),
        ("to: vaph-1, since", "to: vaph-1, to_person: an, since", "exclude each other"),
    ],
)
def test_a_scenario_that_says_something_unknown_is_refused(
    tmp_path: Path, whole: str, line: str, wrong: str, complaint: str
) -> None:
    assert line in whole
    with pytest.raises(ScenarioError) as refused:
        load_scenario(written(tmp_path, whole.replace(line, wrong, 1)))
    assert "both-parents-grant-diagnosis.yaml" in str(refused.value)
    assert complaint in str(refused.value)
