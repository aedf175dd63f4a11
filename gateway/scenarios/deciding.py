"""Decides written stories; the only part of the shell beside `disclose` that asks for a decision.

It sees what a file says and nothing that is stored, so nothing is disclosed and nothing is logged.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from consent.counterfactual import Alternative, would_go_if, would_stop_if
from consent.decide import decide
from consent.model import Decision
from consent.what_if import Given, Preview, preview, who_can_see
from gateway.scenarios.compare import differences
from gateway.scenarios.story import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A decided story; the views are empty unless they were asked for."""

    scenario: Scenario
    decision: Decision
    differences: tuple[str, ...]
    would_go: Mapping[str, tuple[Alternative, ...]] = field(default_factory=dict)
    would_stop: Mapping[str, tuple[Alternative, ...]] = field(default_factory=dict)
    seen_by: Mapping[str, Decision] | None = None
    if_granted: Mapping[str, Preview] | None = None
    given: tuple[Given, ...] = ()


def answer(scenario: Scenario) -> Answer:
    """Decide and compare with what the scenario expects."""
    decision = decide(scenario.request, scenario.facts, at=scenario.at)
    found = tuple(differences(scenario.expect, decision))
    return Answer(scenario=scenario, decision=decision, differences=found)


def answer_in_full(
    scenario: Scenario, *, views: bool = False, given: Iterable[Given] = ()
) -> Answer:
    """Decide, with what would change each segment; `views` asks who else can see the record."""
    plain, granted = answer(scenario), tuple(given)
    asked, facts, at = scenario.request, scenario.facts, scenario.at
    names = list(plain.decision.segments)
    return Answer(
        scenario=scenario,
        decision=plain.decision,
        differences=plain.differences,
        would_go={name: would_go_if(asked, facts, name, at=at) for name in names},
        would_stop={name: would_stop_if(asked, facts, name, at=at) for name in names},
        seen_by=who_can_see(asked, facts, at=at) if views else None,
        if_granted=preview(granted, asked, facts, at=at) if granted else None,
        given=granted,
    )
