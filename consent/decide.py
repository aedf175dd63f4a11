"""The decision: walk the table for each segment; what no rule lets go stays."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

from consent.bars import lifted_by
from consent.granting import Case, case_of
from consent.model import (
    CHILD,
    Decision,
    Effect,
    Facts,
    Outcome,
    Request,
    Segment,
    SegmentDecision,
)
from consent.outline import Outline
from consent.profiles import Profile
from consent.routes import reads_by_childs_grant
from consent.rule import Rule, Tier
from consent.rules import (
    BEYOND_NEED_PROFILE,
    SILENT,
    TABLE,
    UNREADABLE,
    WITHOUT_ROUTES,
    still_valid,
)
from consent.situation import Situation, outline_of, situation_of
from consent.vocabulary import MANDATED_KINDS

_NONE: frozenset[str] = frozenset()
_NO_CONSENTS: tuple[str, ...] = ()
_NO_NEEDS: Profile = {}
# A mark that no word from outside can be equal to.
_PLAIN: Final = object()
_CONSENT: Final = Tier.CONSENT
# Danger that the machine cannot weigh goes to a person, who can.
_URGENT: Final = frozenset({"necessity", "vital_emergency"})
_TO_A_PERSON: Final = frozenset({"refer_to_human"})


def decide(request: Request, facts: Facts, *, at: datetime) -> Decision:
    """Decide every segment asked for on these facts at this instant; never raises."""
    try:
        situation = situation_of(request, facts, at)
        if situation is None:
            return _unreadable(request, facts)
        segments, answers = _decide_segments(situation)
        if len(segments) != len(facts.record.segments) and _ids_repeat(facts):
            return _unreadable(request, facts)
        if not segments:
            owed = _referral(situation)
            return Decision(outcome=Outcome.DENY, segments={}, obligations=owed, silent=True)
        return _conclude(segments, answers)
    except Exception:  # noqa: BLE001 - an error in deciding must deny, not travel
        return _unreadable(request, facts)


def _decide_segments(
    situation: Situation,
) -> tuple[dict[str, SegmentDecision], Collection[SegmentDecision]]:
    """Give every segment its answer, and each answer once."""
    outline = outline_of(situation)
    rules = _that_may_apply(outline)
    if situation.facts.lapsed_bases:
        rules = still_valid(rules, situation.facts.lapsed_bases)
    if situation.route or outline.purpose == "subject_access":
        rules = _without_lifted_bars([rule for rule in rules if rule.invoked(situation)])
        decided = {
            segment.id: _answer(_first_on_route(rules, case := case_of(situation, segment)), case)
            for segment in _asked_for(situation)
        }
        return decided, decided.values()
    return _decide_alike(rules, situation)


def _decide_alike(
    rules: Sequence[Rule], situation: Situation
) -> tuple[dict[str, SegmentDecision], Collection[SegmentDecision]]:
    """Give segments that all rules see alike one answer, found once; without a legal route."""
    known: dict[tuple[object, ...], SegmentDecision] = {}
    found: list[SegmentDecision] = []
    decided: dict[str, SegmentDecision] = {}
    plain, parted, needs = situation.plain, situation.scopes, situation.profile or _NO_NEEDS
    for segment in _asked_for(situation):
        data_class = segment.data_class
        # All that rules look at in a segment, but for the limits of its class.
        likeness = (
            _PLAIN if data_class in plain else data_class,
            needs.get(data_class),
            situation.sight(data_class) if parted else None,
            segment.about,
            segment.given_by,
            segment.reporter,
            segment.reveals_place,
        )
        answer = known.get(likeness)
        if answer is None:
            case = case_of(situation, segment)
            answer = _answer(_first_that_applies(rules, case), case)
            found.append(answer)
            if not case.limited:
                known[likeness] = answer
        decided[segment.id] = answer
    return decided, found


@lru_cache(maxsize=4096)
def _that_may_apply(outline: Outline) -> Sequence[Rule]:
    """Leave out the rows whose condition on the whole request does not hold."""
    table = TABLE if outline.on_route else WITHOUT_ROUTES
    return tuple([rule for rule in table if rule.when(outline)])


def _without_lifted_bars(rules: Sequence[Rule]) -> list[Rule]:
    """Leave out the bars that a route whose conditions are met stands above."""
    routes = {rule.id for rule in rules if rule.tier is Tier.ROUTE}
    return [
        rule for rule in rules if rule.tier is not Tier.BAR or routes.isdisjoint(rule.gives_way_to)
    ]


def _first_on_route(rules: Sequence[Rule], case: Case) -> Rule:
    """Let a gate stand aside for a legal route, if that route then decides the segment."""
    route = _first_that_applies([rule for rule in rules if not rule.gives_way_to], case)
    passed = [rule for rule in rules if route.id not in rule.gives_way_to]
    if _first_that_applies(passed, case) is route:
        return route
    return _first_that_applies(rules, case)


def _asked_for(situation: Situation) -> Iterable[Segment]:
    request, segments = situation.request, situation.facts.record.segments
    if request.kind != "pull" or request.classes is None:
        return segments
    return (segment for segment in segments if segment.data_class in request.classes)


def _answer(rule: Rule, case: Case) -> SegmentDecision:
    if rule.lets_go:
        return _let_go(rule, case)
    if rule.silent and (referral := _referral(case.of)):
        return rule.plain._replace(obligations=rule.obligations | referral)
    # Fails closed, but to a person: who this is, or whether the source is there, nobody could tell.
    if rule.id == "G1" and _is_urgent(case.of.request):
        return rule.plain._replace(obligations=_TO_A_PERSON)
    if rule.id == "K7":
        return rule.plain._replace(consents=_rests_on(rule, case))
    return rule.plain


def _first_that_applies(rules: Iterable[Rule], case: Case) -> Rule:
    for rule in rules:
        if rule.applies(case):
            return rule
    return UNREADABLE


def _let_go(rule: Rule, case: Case) -> SegmentDecision:
    obligations, effect = rule.obligations, rule.effect
    profile = case.of.profile
    if profile is not None and rule.id not in BEYOND_NEED_PROFILE:
        need = profile.get(case.data_class)
        if need == "c":
            obligations |= {"core_only"}
        elif need == "d":
            effect = Effect.EXTRACT
    if rule.tier is _CONSENT and case.granting.to_reconfirm:
        obligations |= {"reconfirm"}
    return SegmentDecision(effect, rule.id, obligations, _rests_on(rule, case), rule.basis)


def _rests_on(rule: Rule, case: Case) -> tuple[str, ...]:
    """Name the grants that carry the segment, and those that lifted a bar before it."""
    consents, lifters = _NO_CONSENTS, lifted_by(case)
    if rule.tier is _CONSENT:
        consents = case.granting.rests_on
    elif rule.id == "L8" and reads_by_childs_grant(case):
        lifters |= {CHILD}
    return tuple(sorted({*consents, *case.grants_of(lifters)})) if lifters else consents


def _referral(situation: Situation) -> frozenset[str]:
    """What a silent answer owes: a constant text that names no service.

    The same whatever it hides, and the same for a record without segments: nobody can tell them
    apart.
    """
    request = situation.request
    if request.purpose == "subject_access":
        return frozenset({"refer_to_source"})
    relayed = situation.asker.kind in MANDATED_KINDS and request.purpose == "safety"
    return frozenset({"blind_relay"}) if relayed and request.kind == "pull" else _NONE


def _conclude(
    segments: dict[str, SegmentDecision], answers: Collection[SegmentDecision]
) -> Decision:
    """Sum up the answers, each of which may stand for several segments."""
    outcome, obligations, silent = _sum(tuple([part[:3] for part in answers]))
    return Decision(outcome, segments, obligations, silent)


@lru_cache(maxsize=1024)
def _sum(
    parts: tuple[tuple[Effect, str, frozenset[str]], ...],
) -> tuple[Outcome, frozenset[str], bool]:
    """Sum up effects, rules and obligations; remembered, for the same few come again and again."""
    outcome = _outcome([effect for effect, _, _ in parts])
    obligations = _NONE.union(*[owed for _, _, owed in parts])
    if outcome is Outcome.REDACT:
        obligations |= {"strip_traces"}
    return outcome, obligations, SILENT.issuperset([rule for _, rule, _ in parts])


def _outcome(effects: Sequence[Effect]) -> Outcome:
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


def _unreadable(request: Request, facts: Facts) -> Decision:
    """Withhold all there is; segments without a readable name are left out, so stay as well."""
    try:
        segments = {segment.id: UNREADABLE.plain for segment in facts.record.segments}
    except (AttributeError, TypeError):
        segments = {}
    obligations = _TO_A_PERSON if _is_urgent(request) else _NONE
    return Decision(outcome=Outcome.DENY, segments=segments, obligations=obligations)


def _is_urgent(request: Request) -> bool:
    """Tell whether danger was invoked, as far as the request can be read."""
    try:
        return request.ground is not None and request.ground.kind in _URGENT
    except (AttributeError, TypeError):
        return False
