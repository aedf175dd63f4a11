"""What a decision does otherwise than a scenario expects."""

from consent.model import Decision
from gateway.scenarios.story import Expectation


def differences(expect: Expectation, decision: Decision) -> list[str]:
    """Everything a decision does otherwise than the scenario expects."""
    found = []
    if expect.outcome is not None and decision.outcome != expect.outcome:
        found.append(f"outcome is {decision.outcome}, not {expect.outcome}")
    for name, effect in expect.segments.items():
        got = effect_of(decision, name)
        if got != effect:
            found.append(f"{name} is {got}, not {effect}")
    for name, rule in expect.rules.items():
        fell_to = rule_of(decision, name)
        if fell_to != rule:
            found.append(f"{name} fell to {fell_to}, not {rule}")
    if missing := expect.obligations - decision.obligations:
        found.append(f"obligations {sorted(missing)} are missing")
    if expect.silent is not None and decision.silent is not expect.silent:
        found.append(f"silent is {decision.silent}, not {expect.silent}")
    return found


def effect_of(decision: Decision, segment: str) -> str:
    """What happened to a segment; a pull may not have asked for it."""
    part = decision.segments.get(segment)
    return "not asked for" if part is None else str(part.effect)


def rule_of(decision: Decision, segment: str) -> str:
    """The rule that decided a segment."""
    part = decision.segments.get(segment)
    return "no rule" if part is None else part.rule
