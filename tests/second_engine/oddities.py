"""Facts that should not occur: unknown words, what is missing, moments nobody can read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from consent.model import (
    Actor,
    Consent,
    Person,
    Protocol,
    Service,
    ToActor,
    ToPerson,
    ToService,
)
from tests.second_engine.dice import Dice

if TYPE_CHECKING:
    from tests.second_engine.random_situations import Situation

UNREADABLE = datetime(2026, 2, 1, 12)
"""No time zone: a moment nobody can read."""
WORDS = ("", "banana", "Care", "any", "none")


def an_oddity(dice: Dice, plain: Situation) -> Situation:
    """The same situation with one or two facts that should not occur."""
    told = dice.pick(_ODDITIES)(dice, plain)
    return dice.pick(_ODDITIES)(dice, told) if dice.chance(20) else told


def _facts(plain: Situation, **changed: Any) -> Situation:
    return replace(plain, facts=replace(plain.facts, **changed))


def _request(plain: Situation, **changed: Any) -> Situation:
    return replace(plain, request=replace(plain.request, **changed))


def _unknown_reader(dice: Dice, plain: Situation) -> Situation:
    return _request(
        plain, to=dice.pick((ToActor("nobody"), ToService("nowhere"), ToPerson("nobody")))
    )


def _unknown_purpose(dice: Dice, plain: Situation) -> Situation:
    return _request(plain, purpose=dice.pick(WORDS))


def _unknown_kind(dice: Dice, plain: Situation) -> Situation:
    return _request(plain, kind=dice.pick(WORDS))


def _odd_ground(dice: Dice, plain: Situation) -> Situation:
    ground = plain.request.ground
    if ground is None:
        return plain
    naive = UNREADABLE
    changed: list[dict[str, Any]] = [
        {"kind": dice.pick(WORDS)},
        {"record": dice.pick(WORDS)},
        {"answer": dice.pick(WORDS)},
        {"notified_on": naive},
        {"due_from": naive},
        {"classes": frozenset(WORDS)},
    ]
    return _request(plain, ground=replace(ground, **dice.pick(changed)))


def _odd_child(dice: Dice, plain: Situation) -> Situation:
    changed: list[dict[str, Any]] = [
        {"born": None},
        {"born": date(2031, 1, 1)},
        {"born": date(2008, 2, 29)},
        {"capacity": dice.pick(WORDS)},
        {"flags": frozenset({dice.pick(WORDS)})},
        {"capacity_contested": True},
    ]
    return _facts(plain, child=replace(plain.facts.child, **dice.pick(changed)))


def _odd_person(dice: Dice, plain: Situation) -> Situation:
    people = dict(plain.facts.people)
    name = dice.pick(tuple(people))
    people[name] = dice.pick(
        (
            Person(relation=dice.pick(WORDS), authority=people[name].authority),
            Person(relation=people[name].relation, authority=dice.pick(WORDS)),
            Person(relation="parent", authority="exclusive"),
            Person(relation="kin", authority="exercised"),
        )
    )
    return _facts(plain, people=people)


def _nobody_left(dice: Dice, plain: Situation) -> Situation:
    people = dict(plain.facts.people)
    del people[dice.pick(tuple(people))]
    return _facts(plain, people=people)


def _odd_service(dice: Dice, plain: Situation) -> Situation:
    services = dict(plain.facts.services)
    name = dice.pick((plain.facts.record.source, _service_asked(plain)))
    known = services.get(name, Service(kind="clb"))
    changed: list[dict[str, Any]] = [
        {"kind": dice.pick(WORDS)},
        {"secrecy": dice.pick((*WORDS, "official", "youth_help"))},
        {"youth_help": dice.chance(50)},
        {"national_number": dice.chance(50)},
        {"status": dice.pick((*WORDS, "suspended", "closed"))},
        {"merged_into": dice.pick(("clb", "nowhere"))},
    ]
    services[name] = replace(known, **dice.pick(changed))
    return _facts(plain, services=services)


def _service_asked(plain: Situation) -> str:
    to = plain.request.to
    if isinstance(to, ToActor) and to.actor in plain.facts.actors:
        return plain.facts.actors[to.actor].service
    return to.service if isinstance(to, ToService) else plain.facts.record.source


def _no_service(dice: Dice, plain: Situation) -> Situation:
    services = dict(plain.facts.services)
    services.pop(dice.pick((plain.facts.record.source, _service_asked(plain))), None)
    return _facts(plain, services=services)


def _merging(dice: Dice, plain: Situation) -> Situation:
    """A chain of mergers that ends at the reader or the source, or bites its own tail."""
    services = dict(plain.facts.services)
    end = dice.pick((plain.facts.record.source, _service_asked(plain)))
    kind = services[end].kind if end in services else "caw"
    services["old-1"] = Service(kind=kind, status="merged", merged_into=end)
    services["old-2"] = Service(
        kind=kind,
        status="merged",
        merged_into=dice.pick(("old-1", "old-2")),
        youth_help=dice.pick((None, None, False)),
    )
    names = {"old-1", "old-2"}
    consents = tuple(_renamed(dice, consent, names) for consent in plain.facts.consents)
    return _facts(plain, services=services, consents=consents)


def _renamed(dice: Dice, consent: Consent, names: set[str]) -> Consent:
    if consent.to is not None and dice.chance(60):
        return replace(consent, to=frozenset({dice.pick(sorted(names))}))
    if consent.from_services is not None:
        return replace(consent, from_services=frozenset({dice.pick(sorted(names))}))
    return consent


def _odd_actor(dice: Dice, plain: Situation) -> Situation:
    to = plain.request.to
    if not isinstance(to, ToActor) or to.actor not in plain.facts.actors:
        return plain
    known = plain.facts.actors[to.actor]
    odd = dice.pick(
        (
            Actor(service=known.service, role=dice.pick(WORDS)),
            Actor(service=known.service, role="system"),
            Actor(service=known.service, role=known.role, identity=dice.pick(("weak", *WORDS))),
            Actor(service="nowhere", role=known.role),
            Actor(service=known.service, role=dice.pick(("auditor", "policy", "medical"))),
        )
    )
    return _facts(plain, actors={**plain.facts.actors, to.actor: odd})


def _odd_decision(dice: Dice, plain: Situation) -> Situation:
    consents = list(plain.facts.consents)
    if not consents:
        return plain
    number = dice.pick(range(len(consents)))
    naive = UNREADABLE
    changed: list[dict[str, Any]] = [
        {"effect": dice.pick(WORDS)},
        {"purpose": dice.pick(WORDS)},
        {"since": naive},
        {"until": naive},
        {"withdrawn": naive},
        {"since": None},
        {"to_person": "nobody"},
        {"to": frozenset({"any"})},
        {"classes": frozenset()},
        {"by": "stranger"},
    ]
    consents[number] = replace(consents[number], **dice.pick(changed))
    return _facts(plain, consents=tuple(consents))


def _twice(dice: Dice, plain: Situation) -> Situation:
    consents = plain.facts.consents
    return _facts(plain, consents=(*consents, *consents[: dice.pick((1, 2))]))


def _odd_segment(dice: Dice, plain: Situation) -> Situation:
    record = plain.facts.record
    if not record.segments:
        return plain
    changed: list[dict[str, Any]] = [
        {"data_class": dice.pick(WORDS)},
        {"about": frozenset()},
        {"about": frozenset({"nobody"})},
        {"given_by": "nobody"},
        {"reporter": True},
        {"id": "s1"},
    ]
    first = replace(record.segments[0], **dice.pick(changed))
    return _facts(plain, record=replace(record, segments=(first, *record.segments[1:])))


def _no_segments(dice: Dice, plain: Situation) -> Situation:
    return _facts(plain, record=replace(plain.facts.record, segments=()))


def _odd_source(dice: Dice, plain: Situation) -> Situation:
    source = dice.pick(("nowhere", _service_asked(plain)))
    return _facts(plain, record=replace(plain.facts.record, source=source))


def _odd_relation(dice: Dice, plain: Situation) -> Situation:
    naive = UNREADABLE
    changed: list[dict[str, Any]] = [
        {"since": naive},
        {"until": naive},
        {"actors": frozenset()},
        {"team": None},
    ]
    relations = tuple(replace(known, **dice.pick(changed)) for known in plain.facts.relations)
    return _facts(plain, relations=relations)


def _odd_protocol(dice: Dice, plain: Situation) -> Situation:
    naive = UNREADABLE
    source, to = plain.facts.record.source, _service_asked(plain)
    return _facts(
        plain,
        protocols=dice.pick(
            (
                (),
                (Protocol(from_service=source, to_service=to, until=naive),),
                (Protocol(from_service=to, to_service=source),),
            )
        ),
    )


def _unreadable_instant(dice: Dice, plain: Situation) -> Situation:
    return replace(plain, at=plain.at.replace(tzinfo=None))


_ODDITIES: tuple[Callable[[Dice, Situation], Situation], ...] = (
    _unknown_reader,
    _unknown_purpose,
    _unknown_kind,
    _odd_ground,
    _odd_ground,
    _odd_child,
    _odd_child,
    _odd_person,
    _odd_person,
    _nobody_left,
    _odd_service,
    _odd_service,
    _no_service,
    _merging,
    _merging,
    _odd_actor,
    _odd_decision,
    _odd_decision,
    _odd_decision,
    _twice,
    _odd_segment,
    _odd_segment,
    _no_segments,
    _odd_source,
    _odd_relation,
    _odd_protocol,
    _unreadable_instant,
)
