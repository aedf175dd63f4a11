"""The decision: walk the table for each segment; what no rule lets go stays."""

from collections.abc import Iterable
from datetime import datetime

from consent.granting import Case, case_of
from consent.model import Decision, Effect, Facts, Outcome, Request, Segment, SegmentDecision
from consent.rules import SILENT, TABLE, UNREADABLE, Rule, Tier
from consent.situation import Situation, situation_of
from consent.vocabulary import MANDATED_KINDS

_NONE: frozenset[str] = frozenset()
_NO_CONSENTS: tuple[str, ...] = ()


def decide(request: Request, facts: Facts, *, at: datetime) -> Decision:
    """Decide every segment asked for on these facts at this instant; never raises."""
    try:
        situation = situation_of(request, facts, at)
        if situation is None or _ids_repeat(facts):
            return _unreadable(facts)
        return _conclude(_decide_segments(situation))
    except Exception:  # noqa: BLE001 - an error in deciding must deny, not travel
        return _unreadable(facts)


def _decide_segments(situation: Situation) -> dict[str, SegmentDecision]:
    rules = _rules_for(situation)
    return {
        segment.id: _decide_segment(rules, case_of(situation, segment))
        for segment in _asked_for(situation)
    }


def _rules_for(situation: Situation) -> list[Rule]:
    """Keep the rows that may apply to this request, in order."""
    return [rule for rule in TABLE if rule.when(situation)]


def _asked_for(situation: Situation) -> Iterable[Segment]:
    request, segments = situation.request, situation.facts.record.segments
    if request.kind != "pull" or request.classes is None:
        return segments
    return (segment for segment in segments if segment.data_class in request.classes)


def _decide_segment(rules: Iterable[Rule], case: Case) -> SegmentDecision:
    rule = _first_that_applies(rules, case)
    if rule.lets_go:
        return _let_go(rule, case)
    obligations = rule.obligations
    if rule.tier is Tier.DEFAULT:
        obligations |= _referral(case)
    consents = case.granting.rests_on if rule.id == "K7" else ()
    return SegmentDecision(rule.effect, rule.id, obligations, consents)


def _first_that_applies(rules: Iterable[Rule], case: Case) -> Rule:
    for rule in rules:
        if rule.applies(case):
            return rule
    return UNREADABLE


def _let_go(rule: Rule, case: Case) -> SegmentDecision:
    obligations, effect = rule.obligations, rule.effect
    profile, consents = case.of.profile, _NO_CONSENTS
    if profile is not None:
        need = profile.get(case.data_class)
        if need == "c":
            obligations |= {"core_only"}
        elif need == "d":
            effect = Effect.EXTRACT
    if rule.tier is Tier.CONSENT:
        granting = case.granting
        consents = granting.rests_on
        if granting.to_reconfirm:
            obligations |= {"reconfirm"}
    return SegmentDecision(effect, rule.id, obligations, consents)


def _referral(case: Case) -> frozenset[str]:
    """What the default rule owes: a constant text that names no service."""
    request = case.of.request
    if request.purpose == "subject_access":
        return frozenset({"refer_to_source"})
    relayed = case.of.asker.kind in MANDATED_KINDS and request.purpose == "safety"
    return frozenset({"blind_relay"}) if relayed and request.kind == "pull" else _NONE


def _conclude(segments: dict[str, SegmentDecision]) -> Decision:
    parts = segments.values()
    outcome = _outcome([part.effect for part in parts])
    obligations = _NONE.union(*{part.obligations for part in parts})
    rules = {part.rule for part in parts}
    if outcome is Outcome.REDACT:
        obligations |= {"strip_traces"}
    return Decision(
        outcome=outcome,
        segments=segments,
        obligations=obligations,
        silent=rules <= SILENT,
    )


def _outcome(effects: list[Effect]) -> Outcome:
    whole = effects.count(Effect.PERMIT)
    if whole and whole == len(effects):
        return Outcome.PERMIT
    if whole or Effect.EXTRACT in effects:
        return Outcome.REDACT
    return Outcome.HOLD if Effect.HOLD in effects else Outcome.DENY


def _ids_repeat(facts: Facts) -> bool:
    """Two segments under one name could each get the other's answer."""
    segments = facts.record.segments
    return len({segment.id for segment in segments}) != len(segments)


def _unreadable(facts: Facts) -> Decision:
    """Withhold all there is; segments without a readable name are left out, so stay as well."""
    withheld = SegmentDecision(effect=UNREADABLE.effect, rule=UNREADABLE.id)
    try:
        segments = {segment.id: withheld for segment in facts.record.segments}
    except (AttributeError, TypeError):
        segments = {}
    return Decision(outcome=Outcome.DENY, segments=segments)
