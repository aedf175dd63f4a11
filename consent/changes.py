"""One thing that could be otherwise in a situation, and the facts if it were.

Only what people could do or settle: nobody is advised to ask for another purpose, to take a
protection away (a secret address, anonymous help, a reporter) or to change what a segment is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from consent.model import (
    CHILD,
    CareRelation,
    Consent,
    Facts,
    Protocol,
    Request,
    Segment,
    ToActor,
    ToPerson,
    ToService,
)


class Kind(StrEnum):
    """What would be otherwise; the first ten may open a door, the last two may close one."""

    GRANT = "grant"
    LIFT = "lift"
    SETTLE = "settle"
    CAPACITY = "capacity"
    CARE_RELATION = "care_relation"
    CARE_TEAM = "care_team"
    PROTOCOL = "protocol"
    IDENTIFY = "identify"
    SPLIT = "split"
    RELEASE = "release"
    WITHDRAW = "withdraw"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change; `who` is a person, professional or service, `consent` the id of a decision."""

    kind: Kind
    who: str | None = None
    consent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One segment of one request at one instant."""

    request: Request
    segment: Segment
    at: datetime


def openings(request: Request, facts: Facts) -> tuple[Change, ...]:
    """Everything that somebody could do or settle so that more might go."""
    return tuple(
        dict.fromkeys(
            [*_grants(facts), *_lifts(facts), *_settlements(facts), *_arrangements(request, facts)]
        )
    )


def closings(facts: Facts) -> tuple[Change, ...]:
    """Every single withdrawal and refusal that somebody of the file could still make."""
    withdrawals = (
        Change(kind=Kind.WITHDRAW, who=consent.by, consent=consent.id)
        for consent in facts.consents
        if consent.effect == "grant" and consent.withdrawn is None
    )
    refusals = (Change(kind=Kind.REFUSE, who=name) for name in (CHILD, *facts.people))
    return tuple(dict.fromkeys([*withdrawals, *refusals]))


def _grants(facts: Facts) -> Iterator[Change]:
    yield from (Change(kind=Kind.GRANT, who=name) for name in (CHILD, *facts.people))


def _lifts(facts: Facts) -> Iterator[Change]:
    for consent in facts.consents:
        if consent.effect != "grant":
            yield Change(kind=Kind.LIFT, who=consent.by, consent=consent.id)


def _settlements(facts: Facts) -> Iterator[Change]:
    for name, person in facts.people.items():
        if person.disagrees:
            yield Change(kind=Kind.SETTLE, who=name)
    if facts.child.capacity_contested or not facts.child.capacity_motivated:
        yield Change(kind=Kind.CAPACITY)


def _arrangements(request: Request, facts: Facts) -> Iterator[Change]:
    service = service_asking(request, facts)
    if service is not None:
        yield Change(kind=Kind.CARE_RELATION, who=service)
        if facts.protocols is not None:
            yield Change(kind=Kind.PROTOCOL, who=service)
    if isinstance(request.to, ToActor) and request.to.actor in facts.actors:
        if facts.actors[request.to.actor].identity != "strong":
            yield Change(kind=Kind.IDENTIFY, who=request.to.actor)
        yield Change(kind=Kind.CARE_TEAM, who=request.to.actor)
    if facts.record.unsplittable:
        yield Change(kind=Kind.SPLIT)
    if facts.record.source_veto:
        yield Change(kind=Kind.RELEASE)


def service_asking(request: Request, facts: Facts) -> str | None:
    """The service that asks or whose professional asks; None for a person of the family."""
    if isinstance(request.to, ToService):
        return request.to.service
    if isinstance(request.to, ToActor) and request.to.actor in facts.actors:
        return facts.actors[request.to.actor].service
    return None


def facts_after(changes: Iterable[Change], facts: Facts, asked: Asked) -> Facts:
    """Give the facts as they would be if all of this had happened at the instant asked about."""
    for change in changes:
        facts = _after(change, facts, asked)
    return facts


def _after(change: Change, facts: Facts, asked: Asked) -> Facts:
    match change.kind:
        case Kind.GRANT | Kind.REFUSE:
            return replace(facts, consents=(*facts.consents, _said(change, facts, asked)))
        case Kind.LIFT:
            kept = tuple(one for one in facts.consents if one.id != change.consent)
            return replace(facts, consents=kept)
        case Kind.WITHDRAW:
            return replace(facts, consents=_withdrawn(change, facts, asked.at))
        case Kind.SETTLE | Kind.CAPACITY:
            return _settled(change, facts)
        case _:
            return _arranged(change, facts)


def _said(change: Change, facts: Facts, asked: Asked) -> Consent:
    """A decision about exactly this: class, purpose, source and recipient, from this instant."""
    service, to = service_asking(asked.request, facts), asked.request.to
    return Consent(
        id=f"what-if-{change.kind}-{change.who}",
        by=change.who or "",
        effect=change.kind,
        classes=frozenset({asked.segment.data_class}),
        purpose=asked.request.purpose,
        from_services=frozenset({facts.record.source}),
        to=None if service is None else frozenset({service}),
        to_person=to.person if isinstance(to, ToPerson) else None,
        since=asked.at,
    )


def _withdrawn(change: Change, facts: Facts, at: datetime) -> tuple[Consent, ...]:
    return tuple(
        replace(one, withdrawn=at) if one.id == change.consent and one.effect == "grant" else one
        for one in facts.consents
    )


def _settled(change: Change, facts: Facts) -> Facts:
    if change.kind is Kind.CAPACITY:
        settled = replace(facts.child, capacity_contested=False, capacity_motivated=True)
        return replace(facts, child=settled)
    people = {
        name: replace(person, disagrees=False) if name == change.who else person
        for name, person in facts.people.items()
    }
    return replace(facts, people=people)


def _arranged(change: Change, facts: Facts) -> Facts:
    who, record = change.who or "", facts.record
    match change.kind:
        case Kind.CARE_RELATION:
            changed: dict[str, Any] = {
                "relations": (*facts.relations, CareRelation(service=who)),
            }
        case Kind.CARE_TEAM:
            changed = {"relations": _with_member(who, facts)}
        case Kind.PROTOCOL:
            found = Protocol(from_service=record.source, to_service=who)
            changed = {"protocols": (*(facts.protocols or ()), found)}
        case Kind.IDENTIFY:
            known = replace(facts.actors[who], identity="strong")
            changed = {"actors": {**facts.actors, who: known}}
        case Kind.SPLIT:
            changed = {"record": replace(record, unsplittable=False)}
        case _:
            changed = {"record": replace(record, source_veto=False)}
    return replace(facts, **changed)


def _with_member(actor: str, facts: Facts) -> tuple[CareRelation, ...]:
    """The same relations, with this professional on the teams of the own service."""
    service = facts.actors[actor].service
    return tuple(
        replace(one, actors=one.actors | {actor})
        if one.service == service and one.actors is not None
        else one
        for one in facts.relations
    )
