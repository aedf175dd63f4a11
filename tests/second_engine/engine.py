"""Facts and a request in, the whole answer out: the second engine's door."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from consent.model import Decision, Effect, Facts, Outcome, Request, Segment, SegmentDecision
from tests.second_engine.moments import is_readable
from tests.second_engine.rulebook import Applying, Row, Rulebook, rulebook
from tests.second_engine.situation import FLAGS, Situation

UNREADABLE = "G0"
"""No row of the rules: the project's name for facts that could not be read at all."""
GOES = {Effect.PERMIT, Effect.EXTRACT}


class Answer(NamedTuple):
    """What happens to one segment, and whether that looks like nothing to share."""

    segment: str
    decided: SegmentDecision
    silent: bool


def decide(
    request: Request, facts: Facts, *, at: datetime, rules: Rulebook | None = None
) -> Decision:
    """Decide every segment asked for; total, and what cannot be read denies."""
    if not is_readable(at) or not _are_readable(facts):
        return _all_of_it_stays(request, facts)
    situation = Situation(request, facts, at)
    rules = rules or rulebook()
    segments = situation.asked_for()
    if not segments:
        return _nothing_asked_for(situation, rules)
    applying = _applying(situation, segments, rules)
    return _record([_segment(situation, segment, rows) for segment, rows in applying])


def _nothing_asked_for(situation: Situation, rules: Rulebook) -> Decision:
    """The answer to "no record", from which every silent answer must not be told apart."""
    nothing = Segment(id="", data_class="unlabelled", about=frozenset())
    ((_, rows),) = _applying(situation, [nothing], rules)
    owed = {rider.adds for rider in rows.riders(rules.default)}
    return replace(_record([]), obligations=frozenset(owed))


def rows_that_decide(request: Request, facts: Facts, *, at: datetime) -> list[Row]:
    """The policy that decides each segment; none where the facts cannot be read."""
    if not is_readable(at) or not _are_readable(facts):
        return []
    situation = Situation(request, facts, at)
    applying = _applying(situation, situation.asked_for(), rulebook())
    return [rows.deciding() for _, rows in applying]


def _applying(
    situation: Situation, segments: Sequence[Segment], rules: Rulebook
) -> list[tuple[Segment, Applying]]:
    entities, requests = in_cedar(situation, segments)
    applying = rules.applying(requests, entities, situation.facts.lapsed_bases)
    return list(zip(segments, applying, strict=True))


def in_cedar(
    situation: Situation, segments: Sequence[Segment]
) -> tuple[str, list[dict[str, object]]]:
    """The entities, as Cedar's JSON, and one request for every segment."""
    reader = {"type": situation.reader.type, "id": "reader"}
    context = json.dumps(situation.context())
    entities = [_entity(reader, situation.principal())]
    requests: list[dict[str, object]] = []
    for number, segment in enumerate(segments):
        resource = {"type": "Segment", "id": str(number)}
        entities.append(_entity(resource, situation.resource(segment)))
        requests.append(
            {
                "principal": reader,
                "action": {"type": "Action", "id": "receive"},
                "resource": resource,
                "context": context,
            }
        )
    return json.dumps(entities), requests


def _entity(uid: dict[str, str], attributes: dict[str, Any]) -> dict[str, Any]:
    return {"uid": uid, "attrs": attributes, "parents": []}


def _are_readable(facts: Facts) -> bool:
    """A flag nobody knows may be a protection; two segments of one name cannot be told apart."""
    names = [segment.id for segment in facts.record.segments]
    return facts.child.flags <= FLAGS and len(names) == len(set(names))


def _all_of_it_stays(request: Request, facts: Facts) -> Decision:
    """Fail closed; what L3 or L7 would carry goes to a human (section 6, 6)."""
    urgent = request.ground is not None and request.ground.kind in {"necessity", "vital_emergency"}
    stays = SegmentDecision(Effect.WITHHOLD, UNREADABLE)
    return Decision(
        outcome=Outcome.DENY,
        segments={segment.id: stays for segment in facts.record.segments},
        obligations=frozenset({"refer_to_human"} if urgent else ()),
    )


def _segment(situation: Situation, segment: Segment, applying: Applying) -> Answer:
    row = applying.deciding()
    effect, obligations, cites = row.effect, set(row.obligations), set(row.cites)
    for rider in applying.riders(row):
        effect = rider.turns_into or effect
        obligations |= {rider.adds} - {""}
        cites |= rider.cites
    decided = SegmentDecision(
        Effect(effect),
        row.id,
        frozenset(obligations),
        consents=situation.cited(segment, cites),
        waits_for=row.waits_for,
    )
    return Answer(segment.id, decided, row.silent)


def _record(answers: list[Answer]) -> Decision:
    segments = {answer.segment: answer.decided for answer in answers}
    outcome = _outcome([decided.effect for decided in segments.values()])
    obligations = {duty for decided in segments.values() for duty in decided.obligations}
    if outcome is Outcome.REDACT:
        obligations.add("strip_traces")
    return Decision(
        outcome=outcome,
        segments=segments,
        obligations=frozenset(obligations),
        silent=outcome is Outcome.DENY and all(answer.silent for answer in answers),
    )


def _outcome(effects: list[Effect]) -> Outcome:
    if effects and all(effect is Effect.PERMIT for effect in effects):
        return Outcome.PERMIT
    if any(effect in GOES for effect in effects):
        return Outcome.REDACT
    return Outcome.HOLD if Effect.HOLD in effects else Outcome.DENY
