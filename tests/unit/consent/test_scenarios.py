"""The lawyers' scenarios decide; those that wait for a rule may never let more through."""

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

# INVARIANT: this list only shrinks. A scenario leaves it when its rules stand in the table.
WAITING_FOR_RULES = {
    "case-conference-participant": {"L5"},
    "confidant-reads-agogic-exception": {"L8"},
    "emergency-doctor-despite-disagreement": {"L7"},
    "grandmothers-confidence": {"L8"},
    "minor-and-agogic-exception": {"L8"},
    "parent-portal-on-eighteenth-birthday": {"L8"},
    "parents-object-in-own-name": {"L1", "R4"},
    "prosecutor-warned-outside-hub": {"L9"},
    "pupil-objects-to-transfer": {"L1", "R3"},
    "refuge-visits-hidden-from-father": {"L8"},
    "refusal-defeats-shared-secrecy": {"L6b"},
    "report-to-vk-despite-refusal": {"L4"},
    "reporter-hidden-from-parent": {"L8"},
    "school-attendance-to-clb": {"L2"},
    "secret-foster-address": {"L8"},
    "suicide-threat-tonight": {"L3"},
    "transfer-before-september": {"R4"},
    "transfer-window-open": {"L1", "R4"},
    "unanswered-after-three-attempts": {"L6"},
}
SCENARIOS = load_folder()
DECIDABLE = [scenario for scenario in SCENARIOS if scenario.name not in WAITING_FOR_RULES]
WAITING = [scenario for scenario in SCENARIOS if scenario.name in WAITING_FOR_RULES]


@pytest.mark.parametrize("scenario", DECIDABLE, ids=lambda scenario: scenario.name)
def test_the_hub_answers_what_the_scenario_expects(scenario: Scenario) -> None:
    decision = decide(scenario.request, scenario.facts, at=scenario.at)
    assert not differences(scenario.expect, decision)


@pytest.mark.parametrize("scenario", WAITING, ids=lambda scenario: scenario.name)
def test_a_scenario_that_waits_for_a_rule_lets_nothing_more_through(scenario: Scenario) -> None:
    decision = decide(scenario.request, scenario.facts, at=scenario.at)
    for name, part in decision.segments.items():
        if part.effect in {"permit", "extract"}:
            assert scenario.expect.segments.get(name) == part.effect


def test_every_scenario_is_decided_or_waits_for_a_rule_that_is_missing() -> None:
    missing = {
        scenario.name: absent
        for scenario in SCENARIOS
        if (absent := set(scenario.expect.rules.values()) - set(RULES))
    }
    assert missing == WAITING_FOR_RULES
    assert len(DECIDABLE) >= 55


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
