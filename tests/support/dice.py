"""Every well-formed situation, thrown with dice from one seed.

They lean towards situations in which something goes: a theorem about what may never go says
nothing about situations in which nothing would go anyway. Hypothesis draws sizes and a seed, dice
do the rest: a hundred times faster than drawing every field, so that thousands of situations fit
in a second.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import TypeVar

from consent.model import (
    Actor,
    CareRelation,
    Child,
    Consent,
    Facts,
    Ground,
    Moment,
    Person,
    Protocol,
    Recipient,
    Record,
    Request,
    Segment,
    Service,
    ToActor,
    ToPerson,
    ToService,
)
from consent.rules import RULES
from consent.vocabulary import CONSENT_EFFECTS, DATA_CLASSES, GROUNDS
from tests.support.sentences import AT, Situation

T = TypeVar("T")

PEOPLE = ("child", "mother", "father", "foster", "brother", "stranger")
NAMES = ("clb-1", "caw-1", "vaph-1", "health-1", "creche", "admin", "vk", "court", "old", "nowhere")
KIND_OF = {
    "clb-1": "clb",
    "clb-2": "clb",
    "caw-1": "caw",
    "vaph-1": "vaph_facility",
    "health-1": "health",
    "creche": "childcare",
    "admin": "vaph_admin",
    "vk": "vk",
    "court": "judiciary",
}
ACTORS = {
    "an": Actor(service="vaph-1", role="care"),
    "bo": Actor(service="vaph-1", role="medical"),
    "cleo": Actor(service="clb-1", role="care"),
    "dee": Actor(service="creche", role="childcare_lead"),
    "eva": Actor(service="admin", role="decision"),
    "finn": Actor(service="health-1", role="medical", identity="weak"),
    "gus": Actor(service="health-1", role="medical"),
}
BIRTHS = (
    None,
    date(2017, 2, 1),
    date(2017, 2, 1),
    date(2014, 3, 2),
    date(2014, 2, 15),
    date(2011, 6, 1),
    date(2008, 3, 2),
    date(2004, 2, 29),
)
CLASSES = tuple(sorted(DATA_CLASSES))
BASES = tuple(sorted({rule.basis for rule in RULES.values()}))
EFFECTS = (*sorted(CONSENT_EFFECTS), "exclude", "exclude", "refuse")
ROUTE_KINDS = tuple(sorted(GROUNDS - {"team"}))
GROUND_KINDS = ("team", "team", "team", *ROUTE_KINDS)
RECIPIENTS: tuple[Recipient, ...] = (
    *(ToService(name) for name in ("vaph-1", "creche", "admin", "vk", "court")),
    *(ToActor(name) for name in ACTORS),
    *(ToPerson(name) for name in ("child", "mother", "foster")),
)
PURPOSES_ASKED = ("care", "entitlement", "safety", "subject_access", "justice")
FITTING: tuple[tuple[Recipient, str], ...] = (
    (ToService("vaph-1"), "care"),
    (ToActor("an"), "care"),
    (ToActor("bo"), "care"),
    (ToActor("bo"), "safety"),
    (ToActor("cleo"), "care"),
    (ToActor("dee"), "care"),
    (ToActor("eva"), "entitlement"),
    (ToService("vk"), "safety"),
    (ToService("court"), "justice"),
    (ToPerson("foster"), "care"),
    (ToPerson("mother"), "subject_access"),
)
# Who a route is meant for, beside whoever asks.
MEANT_FOR: dict[str, tuple[Recipient, str]] = {
    "clb_transfer": (ToService("clb-2"), "transfer"),
    "concern_report": (ToService("vk"), "safety"),
    "case_conference": (ToActor("an"), "safety"),
    "vital_emergency": (ToActor("gus"), "care"),
    "article_458bis": (ToService("court"), "safety"),
}
READERS = ("child", "mother", "guide", "foster", "stranger")
PLAIN_CLASSES = ("logistics", "functional", "development", "diagnosis", "context", "medical")


class Dice:
    """Random facts from one seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def rarely(self) -> bool:
        return self._random.random() < 0.2

    def often(self) -> bool:
        return self._random.random() < 0.5

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self._random.random() * len(options))]

    def hardly(self) -> bool:
        return self.rarely() and self.rarely()

    def unless(self, usual: T, *rare: T) -> T:
        return self.pick(rare) if self.rarely() else usual

    def some(self, options: Sequence[T], most: int = 3) -> frozenset[T]:
        return frozenset(self.pick(options) for _ in range(1 + int(self._random.random() * most)))

    def moment(self) -> Moment:
        instant = AT + timedelta(minutes=self._random.randint(-60 * 24 * 60, 60 * 24 * 60))
        return self.pick((instant, instant.date()))

    def instant(self) -> datetime:
        return AT + timedelta(minutes=self._random.randint(-60 * 24 * 60, 60 * 24 * 60))


def _people(dice: Dice) -> dict[str, Person]:
    found = {
        name: Person(
            relation="parent",
            authority=dice.unless("exercised", "exclusive", "held", "deprived"),
            disagrees=dice.hardly(),
        )
        for name in dice.pick((("mother", "father"), ("mother",), ()))
    }
    found["brother"] = Person(relation="sibling")
    found["guide"] = Person(relation="confidant")
    if dice.pick((True, False)):
        authority = dice.pick(("delegated", "none"))
        found["foster"] = Person(relation="foster_parent", authority=authority)
    return found


def _services(dice: Dice) -> dict[str, Service]:
    found = {name: Service(kind=kind) for name, kind in KIND_OF.items()}
    kind = dice.pick(("vaph_facility", "caw"))
    found["old"] = Service(kind=kind, status="merged", merged_into="vaph-1")
    if dice.hardly():
        stopped = dice.pick(("clb-1", "vaph-1", "creche"))
        found[stopped] = Service(kind=KIND_OF[stopped], status="suspended")
    return found


def a_decision(dice: Dice, effect: str | None = None) -> Consent:
    person = dice.unless(None, "an", "bo", "cleo", "mother", "child")
    return Consent(
        id=f"c{dice.pick(range(100))}",
        by=dice.pick(("mother", "father", *PEOPLE)),
        effect=effect or dice.pick(("grant", dice.pick(EFFECTS))),
        classes=dice.pick((None, dice.some(CLASSES, 6))),
        purpose=dice.pick((None, "care", dice.pick(PURPOSES_ASKED))),
        from_services=dice.unless(None, dice.some(NAMES)),
        to=None if person else dice.pick((None, None, dice.some(NAMES))),
        to_person=person,
        to_person_at=dice.unless(None, "vaph-1", "clb-1"),
        since=dice.pick((None, dice.moment())),
        until=dice.unless(None, dice.moment()),
        withdrawn=dice.unless(None, dice.instant()),
        text_changed=dice.rarely(),
    )


def _segment(dice: Dice, number: int) -> Segment:
    return Segment(
        id=f"s{number}",
        data_class=dice.pick(dice.pick((CLASSES, PLAIN_CLASSES))),
        about=dice.unless(frozenset({"child"}), dice.some(PEOPLE), frozenset()),
        given_by=dice.unless(None, *PEOPLE),
        reporter=dice.hardly(),
        reveals_place=dice.rarely(),
        compulsory=dice.rarely(),
    )


def _child(dice: Dice) -> Child:
    flags = ("anonymous_help", "secret_address", "deceased")
    return Child(
        born=dice.pick(BIRTHS),
        capacity=dice.unless("presumed", "capable", "incapable"),
        capacity_motivated=not dice.rarely(),
        capacity_contested=dice.hardly(),
        flags=dice.unless(frozenset[str](), dice.some(flags)),
    )


def _relations(dice: Dice) -> tuple[CareRelation, ...]:
    return tuple(
        CareRelation(
            service=service,
            since=dice.unless(None, dice.moment()),
            until=dice.unless(None, dice.moment()),
            team="team-1",
            actors=dice.unless(frozenset(ACTORS), None, dice.some(tuple(ACTORS))),
        )
        for service in ("vaph-1", "creche", "health-1", "clb-1")
    )


def _ground(dice: Dice, kinds: Sequence[str]) -> Ground:
    return Ground(
        kind=dice.pick(kinds),
        team="team-1",
        validated=not dice.rarely(),
        classes=dice.pick((DATA_CLASSES, dice.some(CLASSES))),
        notified_on=dice.unless(dice.moment(), None),
        waived=dice.rarely(),
        due_from=dice.unless(None, dice.moment()),
        invoked_by=dice.unless("cleo", "an", "nobody"),
        record=dice.unless("complete", "incomplete"),
        valid=not dice.rarely(),
        participants=dice.unless(frozenset(ACTORS), dice.some(tuple(ACTORS))),
        attempts=dice.unless((AT.date(),), ()),
        answer=dice.unless("none", "refused"),
    )


def _request(dice: Dice, kinds: Sequence[str], *, reads: bool) -> Request:
    ground = _ground(dice, kinds) if kinds and dice.often() else None
    to, purpose = dice.unless(
        dice.pick(FITTING), (dice.pick(RECIPIENTS), dice.pick(PURPOSES_ASKED))
    )
    if ground is not None and ground.kind in MEANT_FOR:
        to, purpose = dice.unless(MEANT_FOR[ground.kind], (to, purpose))
    elif dice.rarely():
        to, purpose = ToPerson(dice.pick(READERS)), "subject_access"
    if not reads and purpose == "subject_access":
        purpose = "care"
    return Request(
        to=to,
        purpose=purpose,
        kind=dice.pick(("routed", "routed", "pull", "replay", dice.unless("pull", "onward"))),
        classes=dice.pick((None, dice.some(CLASSES))),
        ground=ground,
    )


def _open_grants(dice: Dice, request: Request, segments: tuple[Segment, ...]) -> list[Consent]:
    """Grants by some of the family that would let the request through."""
    named = frozenset(segment.data_class for segment in segments)
    part = frozenset(segment.data_class for segment in segments if dice.pick((True, False)))
    return [
        Consent(
            id=f"open-{name}",
            by=name,
            effect="grant",
            classes=dice.pick((named, part)),
            purpose=request.purpose,
            since=dice.unless(None, dice.moment()),
            text_changed=dice.hardly(),
        )
        for name in dice.pick(((), ("mother",), PEOPLE, PEOPLE, PEOPLE))
    ]


def a_situation(
    seed: int, how_many_segments: int, how_many_consents: int, *, kinds: Sequence[str], reads: bool
) -> Situation:
    dice = Dice(seed)
    request = _request(dice, kinds, reads=reads)
    segments = tuple(_segment(dice, number) for number in range(how_many_segments))
    said = [a_decision(dice) for _ in range(how_many_consents)]
    covered = (Protocol(from_service="clb-1", to_service="vaph-1", until=dice.moment()),)
    known = Facts(
        child=_child(dice),
        people=_people(dice),
        services=_services(dice),
        actors=ACTORS,
        relations=_relations(dice),
        consents=(*said, *_open_grants(dice, request, segments)),
        record=Record(
            source=dice.pick(("clb-1", "clb-1", "vaph-1")),
            segments=segments,
            unsplittable=dice.hardly(),
            source_veto=dice.hardly(),
        ),
        protocols=covered if dice.hardly() else None,
        lapsed_bases=dice.some(BASES) if dice.hardly() else frozenset(),
    )
    return Situation(request=request, facts=known)
