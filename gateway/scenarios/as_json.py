"""The machine forms of `deelregie scenarios` and `deelregie decide`; see docs/scenarios.md."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from consent.counterfactual import Alternative
from consent.explain import reason, say_change
from consent.model import Decision, Segment, SegmentDecision, ToActor, ToPerson, ToService
from consent.rules import RULES
from consent.what_if import Given, Preview
from gateway.scenarios.compare import effect_of, rule_of
from gateway.scenarios.deciding import Answer
from gateway.scenarios.error import ScenarioError
from gateway.scenarios.story import Scenario

Json: TypeAlias = dict[str, Any]


def folder_as_json(
    answers: Iterable[Answer], errors: Iterable[ScenarioError], language: str
) -> Json:
    """Every scenario with expected and got, every unreadable file, and the counts."""
    told = [_compared(one, language) for one in answers]
    unread = [one.as_json() for one in errors]
    differ = sum(not one["matches"] for one in told)
    summary = {"match": len(told) - differ, "differ": differ, "unreadable": len(unread)}
    return {"summary": summary, "scenarios": told, "errors": unread}


def _compared(answer: Answer, language: str) -> Json:
    scenario, decision, expect = answer.scenario, answer.decision, answer.scenario.expect
    return {
        "scenario": scenario.name,
        "title": scenario.title,
        "matches": not answer.differences,
        "differences": list(answer.differences),
        "outcome": {"expected": expect.outcome, "got": decision.outcome},
        "silent": {"expected": expect.silent, "got": decision.silent},
        "obligations": {
            "expected": sorted(expect.obligations),
            "got": sorted(decision.obligations),
        },
        "segments": [_segment_compared(answer, one, language) for one in _segments(scenario)],
    }


def _segment_compared(answer: Answer, segment: Segment, language: str) -> Json:
    expect, decision = answer.scenario.expect, answer.decision
    part = decision.segments.get(segment.id)
    return {
        "id": segment.id,
        "class": segment.data_class,
        "expected": {
            "effect": expect.segments.get(segment.id),
            "rule": expect.rules.get(segment.id),
        },
        "got": {"effect": effect_of(decision, segment.id), "rule": rule_of(decision, segment.id)},
        "reason": None if part is None else reason(part.rule, language),
    }


def _segments(scenario: Scenario) -> tuple[Segment, ...]:
    return scenario.facts.record.segments


def answer_as_json(answer: Answer, language: str) -> Json:
    """One decision with its reasons and what would change it, and the views asked for."""
    scenario = answer.scenario
    expects = scenario.expect.outcome is not None
    told: Json = {
        "scenario": scenario.name,
        "title": scenario.title,
        "at": scenario.at.isoformat(),
        "language": language,
        "recipient": _recipient(scenario),
        "purpose": scenario.request.purpose,
        **_decision(answer.decision, scenario, language),
        "matches": not answer.differences if expects else None,
        "differences": list(answer.differences),
    }
    for part in told["segments"]:
        part["would_go_if"] = _alternatives(answer.would_go.get(part["id"], ()), language)
        part["would_stop_if"] = _alternatives(answer.would_stop.get(part["id"], ()), language)
    if answer.seen_by is not None:
        told["who_can_see"] = _views(answer.seen_by, scenario, language)
    if answer.if_granted is not None:
        granted = [_given(one) for one in answer.given]
        services = _previews(answer.if_granted, scenario, language)
        told["if_granted"] = {"grants": granted, "services": services}
    return told


def _recipient(scenario: Scenario) -> Json:
    match scenario.request.to:
        case ToService(service):
            return {"service": service}
        case ToActor(actor):
            return {"actor": actor}
        case ToPerson(person):
            return {"person": person}


def _decision(decision: Decision, scenario: Scenario, language: str) -> Json:
    classes = {segment.id: segment.data_class for segment in _segments(scenario)}
    by = {consent.id: consent.by for consent in scenario.facts.consents}
    return {
        "outcome": decision.outcome,
        "silent": decision.silent,
        "obligations": sorted(decision.obligations),
        "segments": [
            {"id": name, "class": classes[name], **_part(part, by, language)}
            for name, part in decision.segments.items()
        ],
    }


def _part(part: SegmentDecision, by: Mapping[str, str], language: str) -> Json:
    rule = RULES[part.rule]
    return {
        "effect": part.effect,
        "rule": rule.id,
        "tier": rule.tier,
        "basis": rule.basis,
        "reason": reason(rule.id, language),
        "obligations": sorted(part.obligations),
        # A grant of a what-if is in no file; its id says whose it would be.
        "consents": [{"id": one, "by": by.get(one)} for one in part.consents],
    }


def _alternatives(alternatives: Iterable[Alternative], language: str) -> list[Json]:
    return [
        {
            "changes": [
                {
                    "kind": change.kind,
                    "who": change.who,
                    "consent": change.consent,
                    "text": say_change(change, language),
                }
                for change in one.changes
            ],
            "effect": one.effect,
            "rule": one.rule,
            "reason": reason(one.rule, language),
        }
        for one in alternatives
    ]


def _views(seen_by: Mapping[str, Decision], scenario: Scenario, language: str) -> list[Json]:
    return [
        {"service": name, **_kind(name, scenario), **_decision(decision, scenario, language)}
        for name, decision in seen_by.items()
    ]


def _previews(previews: Mapping[str, Preview], scenario: Scenario, language: str) -> list[Json]:
    return [
        {
            "service": name,
            **_kind(name, scenario),
            "before": _decision(one.before, scenario, language),
            "after": _decision(one.after, scenario, language),
        }
        for name, one in previews.items()
    ]


def _kind(service: str, scenario: Scenario) -> Json:
    return {"kind": scenario.facts.services[service].kind}


def _given(given: Given) -> Json:
    classes = "any" if given.classes is None else sorted(given.classes)
    return {"by": given.by, "classes": classes, "to": sorted(given.to)}
