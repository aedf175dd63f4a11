"""Random situations: a coherent scene, told with small variations, and now and then an odd fact."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from consent.model import (
    CareRelation,
    Child,
    Consent,
    Facts,
    Ground,
    Protocol,
    Recipient,
    Record,
    Request,
    Segment,
    ToActor,
    ToService,
)
from schemas import legal_bases
from tests.second_engine.dice import Dice
from tests.second_engine.oddities import an_oddity
from tests.second_engine.rulebook import rulebook
from tests.second_engine.world import (
    ACTORS,
    ASKING,
    DECIDERS,
    FAMILIES,
    MEANT_FOR,
    NAMES,
    PEOPLE,
    READING,
    SERVICES,
)

PRACTICAL = ("logistics", "functional", "development", "diagnosis")
CLASSES = (
    *PRACTICAL,
    *PRACTICAL,
    *PRACTICAL,
    *PRACTICAL,
    "diagnostic_report",
    "medical",
    "medical",
    "sexual_health",
    "context",
    "concern",
    "therapy_notes",
    "agogic_exception",
    "parent_data",
    "third_party",
    "confidential",
    "judicial",
    "placement",
    "identity",
    "national_number",
    "unlabelled",
)
ROUTES = tuple(MEANT_FOR)
KINDS = ("routed", "routed", "pull", "pull", "replay", "onward")
EFFECTS = ("refuse", "refuse", "exclude", "exclude", "object", "object_gdpr", "restrict_gdpr")
YEARS = (2, 8, 11, 12, 12, 12, 14, 17, 18, 30)
READ = ("agogic_exception", "sexual_health", "context", "parent_data", "confidential", "medical")
CAPABLE = (14, 14, 17, 8, 18)
BASES = tuple(sorted(legal_bases()))
GOES_ON = tuple(sorted({basis for row in rulebook().rows for basis in row.basis}))
SOURCES = ("clb", "clb", "caw", "vaph_facility", "health", "foster_service", "vk")


@dataclass(frozen=True)
class Situation:
    """A question, the facts it is asked in and the instant."""

    request: Request
    facts: Facts
    at: datetime


@dataclass(frozen=True)
class _Asked:
    request: Request
    source: str
    classes: frozenset[str]
    plainly: bool
    """Whether most of the family decided about exactly this."""


def situation(seed: int) -> Situation:
    """The same situation for the same seed."""
    dice = Dice(seed)
    route = dice.pick(ROUTES) if dice.chance(35) else None
    to, purpose = _whom(dice, route)
    source = _source(dice, route, to)
    classes = _classes(dice, route, purpose)
    segments = tuple(_segment(dice, n, classes) for n in range(dice.pick((1, 1, 2, 3))))
    request = Request(
        to=to,
        purpose=purpose,
        kind="pull" if route == "vital_emergency" and dice.chance(90) else dice.pick(KINDS),
        classes=dice.usually(None, dice.some(CLASSES, 8)),
        ground=_ground(dice, route, source, to) if route else None,
    )
    told = Situation(request, _facts(dice, request, source, segments), dice.at)
    told = an_oddity(dice, told) if dice.chance(12) else told
    return _with_lapsed_bases(dice, told) if dice.chance(12) else told


def _with_lapsed_bases(dice: Dice, told: Situation) -> Situation:
    lapsed = dice.pick((dice.some(GOES_ON), dice.some(GOES_ON), dice.some(BASES, 40)))
    return replace(told, facts=replace(told.facts, lapsed_bases=lapsed))


def _whom(dice: Dice, route: str | None) -> tuple[Recipient, str]:
    if route is not None and dice.chance(85):
        return dice.pick(MEANT_FOR[route])
    return dice.pick(READING) if dice.chance(20) else dice.pick(ASKING)


def _classes(dice: Dice, route: str | None, purpose: str) -> Sequence[str]:
    if purpose == "subject_access" and dice.chance(60):
        return READ
    return PRACTICAL if route in {"team", "clb_transfer"} and dice.chance(60) else CLASSES


def _source(dice: Dice, route: str | None, to: Recipient) -> str:
    if route == "team":
        return dice.usually(_service_of(to) or "foster_service", *SOURCES)
    return dice.usually("clb", *SOURCES) if route == "clb_transfer" else dice.pick(SOURCES)


def _segment(dice: Dice, number: int, classes: Sequence[str]) -> Segment:
    data_class = dice.pick(classes)
    secret = data_class == "confidential"
    return Segment(
        id=f"s{number}",
        data_class=data_class,
        about=_about(dice, data_class),
        given_by=dice.pick(NAMES) if dice.chance(90 if secret else 5) else None,
        reporter=dice.chance(2),
        reveals_place=dice.chance(8),
        compulsory=dice.chance(25),
    )


def _about(dice: Dice, data_class: str) -> frozenset[str]:
    if data_class in {"parent_data", "third_party", "context"} and dice.chance(60):
        return dice.some(NAMES, 2)
    if dice.chance(80):
        return frozenset({"child"})
    return frozenset({"child", dice.pick(NAMES)}) if dice.chance(60) else dice.some(NAMES, 2)


def _facts(dice: Dice, request: Request, source: str, segments: tuple[Segment, ...]) -> Facts:
    family = dice.pick(FAMILIES)
    people = PEOPLE | family
    if dice.chance(12) and family:
        name = dice.pick(tuple(family))
        people[name] = type(people[name])(
            relation=family[name].relation, authority=family[name].authority, disagrees=True
        )
    return Facts(
        child=_child(dice, CAPABLE if request.purpose == "justice" else YEARS),
        people=people,
        services=SERVICES,
        actors=ACTORS,
        relations=_relations(dice, request, source),
        consents=_consents(dice, request, source, segments),
        record=Record(
            source=source,
            segments=segments,
            unsplittable=dice.chance(4),
            source_veto=dice.chance(4),
        ),
        protocols=_protocols(dice, request, source),
    )


def _child(dice: Dice, years: Sequence[int]) -> Child:
    assessed = dice.chance(20)
    return Child(
        born=_born(dice, years),
        capacity=dice.pick(("capable", "incapable")) if assessed else "presumed",
        capacity_motivated=dice.chance(75),
        capacity_contested=dice.chance(4),
        flags=dice.some(("anonymous_help", "secret_address", "deceased"), 2)
        if dice.chance(12)
        else frozenset(),
    )


def _born(dice: Dice, years: Sequence[int]) -> date | None:
    if dice.chance(2):
        return None
    turned = dice.pick((0, 0, 1, 5, 29, 30, 31, -1, 100, 200))
    day = dice.today - timedelta(days=turned)
    try:
        return day.replace(year=day.year - dice.pick(years))
    except ValueError:
        return date(2008, 2, 29)


def _relations(dice: Dice, request: Request, source: str) -> tuple[CareRelation, ...]:
    concerned = sorted({source, _service_of(request.to)} - {""})
    found = [service for service in concerned if dice.chance(95)]
    if dice.chance(10):
        found.append(dice.pick(tuple(SERVICES)))
    return tuple(_relation(dice, service, request) for service in found)


def _relation(dice: Dice, service: str, request: Request) -> CareRelation:
    named = [_name_of(request.to)] if dice.chance(70) else []
    team = frozenset({*named, *dice.some(tuple(ACTORS))} - {""})
    return CareRelation(
        service=service,
        since=dice.moment() if dice.chance(5) else dice.past(),
        until=dice.moment() if dice.chance(5) else None,
        team=dice.usually("team-1", None, "team-2"),
        actors=team if dice.chance(60) else None,
    )


def _service_of(to: Recipient) -> str:
    if isinstance(to, ToService):
        return to.service
    return ACTORS[to.actor].service if isinstance(to, ToActor) else ""


def _name_of(to: Recipient) -> str:
    if isinstance(to, ToService):
        return ""
    return to.actor if isinstance(to, ToActor) else to.person


def _protocols(dice: Dice, request: Request, source: str) -> tuple[Protocol, ...] | None:
    if dice.chance(85):
        return None
    until = dice.usually(None, dice.moment())
    return (Protocol(from_service=source, to_service=_service_of(request.to), until=until),)


def _ground(dice: Dice, route: str, source: str, to: Recipient) -> Ground:
    at_source = tuple(name for name, actor in ACTORS.items() if actor.service == source)
    return Ground(
        kind=route,
        team=dice.usually("team-1", None),
        validated=dice.chance(85),
        classes=dice.usually(frozenset(CLASSES), dice.some(CLASSES)),
        notified_on=dice.pick((dice.today - timedelta(days=30), dice.moment(), None)),
        waived=dice.chance(15),
        due_from=dice.moment() if dice.chance(20) else None,
        invoked_by=dice.usually(dice.pick(at_source), "nobody", None, "school-teacher"),
        record=dice.usually("complete", "incomplete"),
        valid=dice.chance(85),
        participants=frozenset({_name_of(to)}) if dice.chance(80) else dice.some(tuple(ACTORS)),
        attempts=tuple(dice.day() for _ in range(dice.pick((0, 1, 1, 2)))),
        answer=dice.usually("none", "refused"),
    )


def _consents(
    dice: Dice, request: Request, source: str, segments: Sequence[Segment]
) -> tuple[Consent, ...]:
    """Mostly decisions by those who may have to decide, about what is asked."""
    classes = frozenset(segment.data_class for segment in segments)
    asked = _Asked(request, source, classes, plainly=dice.chance(40))
    found: list[Consent] = []
    if dice.chance(40 if _is_transfer(request) else 75):
        subjects = {name for segment in segments for name in (*segment.about, segment.given_by)}
        wanted = sorted({*DECIDERS, *(name for name in subjects if name)})
        likely = dice.pick((95, 70, 40))
        found.extend(_decision(dice, by, "grant", asked) for by in wanted if dice.chance(likely))
    for _ in range(dice.pick((0, 0, 1, 1, 2, 3))):
        effect = dice.pick(_refusing(request)) if dice.chance(65) else "grant"
        by = dice.pick(NAMES if dice.chance(30) else DECIDERS)
        found.append(_decision(dice, by, effect, asked))
    return tuple(found)


def _refusing(request: Request) -> Sequence[str]:
    return ("object", "object", "object", *EFFECTS) if _is_transfer(request) else EFFECTS


def _is_transfer(request: Request) -> bool:
    return request.ground is not None and request.ground.kind == "clb_transfer"


def _decision(dice: Dice, by: str, effect: str, asked: _Asked) -> Consent:
    if asked.plainly and dice.chance(90):
        return _plain_decision(dice, by, effect, asked)
    request, source = asked.request, asked.source
    person = _named_person(dice, request.to)
    return Consent(
        id=f"{effect}-{by}-{dice.pick(range(1000))}",
        by=by,
        effect=effect,
        classes=dice.pick(
            (asked.classes, asked.classes, asked.classes, None, dice.some(CLASSES, 4))
        ),
        purpose=dice.pick((request.purpose, request.purpose, request.purpose, None, "care")),
        from_services=dice.pick(
            (None, None, frozenset({source, "school"}), dice.some(tuple(SERVICES)))
        ),
        to=None if person else _named_services(dice, request.to),
        to_person=person,
        to_person_at=dice.pick((None, _service_of(request.to) or "caw", "caw-old", "ckg"))
        if person
        else None,
        since=dice.usually(dice.past(), dice.moment(), None),
        until=dice.usually(None, dice.moment()),
        withdrawn=dice.instant() if dice.chance(8) else None,
        text_changed=dice.chance(8),
    )


def _plain_decision(dice: Dice, by: str, effect: str, asked: _Asked) -> Consent:
    service = _service_of(asked.request.to)
    return Consent(
        id=f"{effect}-{by}-{dice.pick(range(1000))}",
        by=by,
        effect=effect,
        classes=asked.classes,
        purpose=asked.request.purpose,
        to=frozenset({service}) if service and dice.chance(70) else None,
        since=dice.past(),
        text_changed=dice.chance(10),
    )


def _named_person(dice: Dice, to: Recipient) -> str | None:
    if dice.chance(80):
        return None
    colleagues = [name for name, actor in ACTORS.items() if actor.service == _service_of(to)]
    return dice.pick([_name_of(to) or "mother", _name_of(to) or "child", *colleagues, "foster"])


def _named_services(dice: Dice, to: Recipient) -> frozenset[str] | None:
    service = _service_of(to)
    if not service or dice.chance(25):
        return None
    if dice.chance(70):
        return frozenset({service})
    before = [name for name, found in SERVICES.items() if found.merged_into == service]
    return frozenset({dice.pick([*before, *before, "caw-older", "school", "ckg"])})
