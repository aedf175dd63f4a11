"""One request in its facts: everything the rules share, worked out once per decision."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

from consent.asker import Asker, asker_of, forms_of, is_active
from consent.authority import Authority, Capacity, authority_over, capacity_of
from consent.lapsing import ground_lapsed
from consent.model import CHILD, CareRelation, Facts, Ground, Person, Protocol, Request
from consent.moments import Now, begun, now_at, over
from consent.outline import Outline, route_of
from consent.profiles import Profile, profile_of_person, profile_of_role
from consent.standing import NOTHING, Decisions, Granting, Stand, Standing, decisions_for, stand_on
from consent.vocabulary import (
    FLAGS,
    FORWARDED_KINDS,
    JUDICIAL_KINDS,
    NAMED_ONLY_CLASSES,
    PLAIN_CLASSES,
    PLAIN_CLASSES_TO_PERSONS,
)

Sight: TypeAlias = tuple[bool, ...]
_GRANTED = Standing.GRANTED
_NO_CLASSES: frozenset[str] = frozenset()


@dataclass(slots=True)
class Situation:
    """A request in its facts at one instant; `stands` remembers what was weighed."""

    request: Request
    facts: Facts
    now: Now
    asker: Asker
    capacity: Capacity
    authority: Authority
    deciders: frozenset[str]
    """The right-holders of what is about the child."""
    decisions: Decisions
    relations: tuple[CareRelation, ...]
    route: str
    """The legal route invoked beside consent, whether or not it exists; "" for none and a team."""
    profile: Profile | None
    classes: frozenset[str]
    """The classes in the record."""
    scopes: tuple[frozenset[str], ...]
    """The sets of classes that part those of the record; the decisions are about these."""
    plain: frozenset[str]
    """The classes that no rule names one by one here."""
    sights: dict[str, Sight] = field(default_factory=dict)
    stands: dict[tuple[str, Sight], Stand] = field(default_factory=dict)
    grantings: dict[tuple[object, ...], Granting] = field(default_factory=dict)

    def sight(self, data_class: str) -> Sight:
        """How the decisions see a class; they say the same about all classes they see alike."""
        if not self.scopes:
            return ()
        known = self.sights.get(data_class)
        if known is None:
            known = tuple([data_class in scope for scope in self.scopes])
            self.sights[data_class] = known
        return known

    def stand(self, person: str, data_class: str) -> Stand:
        """Where a person stands on a class."""
        key = (person, self.sight(data_class) if self.scopes else ())
        known = self.stands.get(key)
        if known is None:
            known = self.stands[key] = self.weigh(person, data_class)
        return known

    def weigh(self, person: str, data_class: str, *, before: date | None = None) -> Stand:
        """Weigh anew, on grants before a day; strangers to the file can refuse but not grant."""
        stand = stand_on(self.decisions, person, data_class, before=before)
        if person in self.facts.people or person == CHILD or stand.standing is not _GRANTED:
            return stand
        return NOTHING

    @property
    def between_clbs(self) -> bool:
        """Whether this is a transfer from one guidance centre to another."""
        return _between_clbs(self.route, self.facts, self.asker)

    @property
    def family_known(self) -> bool:
        """Whether it is known who decides; else nobody can tell whether they all kept silent."""
        capacity = self.capacity
        return capacity.capable is not None and (capacity.adult or not self.authority.uncertain)

    def granted(self, person: str, data_class: str) -> bool:
        """Whether this person stands granted on this class."""
        return self.stand(person, data_class).standing is Standing.GRANTED


def situation_of(request: Request, facts: Facts, at: datetime) -> Situation | None:
    """Work out everything that holds for the whole request; None if the facts cannot be read."""
    now = now_at(at)
    # A flag nobody knows may be a protection nobody applies.
    if now is None or not facts.child.flags <= FLAGS:
        return None
    asker = asker_of(request.to, facts)
    capacity = capacity_of(facts.child, now.today)
    authority = authority_over(facts.people)
    record = facts.record
    sources, _ = forms_of(record.source, facts)
    classes = frozenset([segment.data_class for segment in record.segments])
    decisions = decisions_for(facts.consents, request.purpose, sources, asker, now)
    route = "" if request.ground is None else route_of(request.kind, request.ground.kind)
    # By place and not by name, which takes twice as long.
    return Situation(
        request,
        facts,
        now,
        asker,
        capacity,
        authority,
        _deciders(capacity, authority),
        decisions,
        _active_relations(facts, asker, now),
        route,
        _profile(request, route, facts, asker),
        classes,
        _scopes(decisions, classes),
        _plain(request, asker, capacity),
    )


def outline_of(situation: Situation) -> Outline:
    """Tell what the conditions on the whole request look at."""
    request, facts, ground = situation.request, situation.facts, situation.request.ground
    capacity, decisions, record = situation.capacity, situation.decisions, facts.record
    # By place and not by name: with twenty names it takes four times as long.
    return Outline(
        situation.asker.position,
        request.purpose,
        request.kind,
        None if ground is None else ground.kind,
        False if ground is None else _in_team(ground, situation),
        False if ground is None else situation.between_clbs,
        is_active(facts.services.get(record.source)),
        facts.protocols is None or _has_protocol(facts.protocols, situation),
        bool(situation.relations),
        capacity.capable,
        capacity.unsettled,
        _quarrel(facts.people, situation.authority),
        bool(decisions.yes),
        bool(decisions.elsewhere),
        bool(decisions.no),
        bool(decisions.objections),
        situation.classes,
        facts.child.flags,
        record.unsplittable,
        record.source_veto,
    )


def _has_protocol(protocols: Iterable[Protocol], situation: Situation) -> bool:
    """Whether a protocol is in force in this direction, where one is needed."""
    to, source = situation.asker.service, situation.facts.record.source
    return (
        to is None
        or to == source
        or any(
            protocol.from_service == source
            and protocol.to_service == to
            and over(protocol.until, situation.now) is False
            for protocol in protocols
        )
    )


def _quarrel(people: Mapping[str, Person], authority: Authority) -> bool:
    for name in authority.everyone:  # noqa: SIM110 - a generator takes twice as long
        if people[name].disagrees:
            return True
    return False


def _scopes(decisions: Decisions, classes: frozenset[str]) -> tuple[frozenset[str], ...]:
    """Give the sets of classes that part these: those the decisions name, and the named-only."""
    named = {one.classes for said in decisions.yes.values() for one in said}
    parting = {one for one in named if one is not None and not classes <= one}
    if decisions.no or decisions.objections or decisions.elsewhere:
        said = [one for mine in decisions.no.values() for one in mine]
        said += [*decisions.objections, *decisions.elsewhere]
        parting |= {one.classes for one in said if one.classes is not None}
    if not parting and classes.isdisjoint(NAMED_ONLY_CLASSES):
        return ()
    return (NAMED_ONLY_CLASSES, *parting)


def _plain(request: Request, asker: Asker, capacity: Capacity) -> frozenset[str]:
    # A ground may name classes of its own; and the eve of the twelfth birthday may part them.
    if request.ground is not None or capacity.turned_twelve is not None:
        return _NO_CLASSES
    return PLAIN_CLASSES_TO_PERSONS if asker.position.is_person else PLAIN_CLASSES


def _deciders(capacity: Capacity, authority: Authority) -> frozenset[str]:
    """All who might decide count for a restriction; `granting` asks for certainty."""
    if capacity.capable is None:
        return authority.everyone | {CHILD}
    return frozenset({CHILD}) if capacity.capable else authority.everyone


def _runs(relation: CareRelation, now: Now) -> bool:
    # Without an end, as most have it, there is nothing to compare.
    ended = relation.until is not None and over(relation.until, now) is not False
    return not ended and begun(relation.since, now) is True


def _active_relations(facts: Facts, asker: Asker, now: Now) -> tuple[CareRelation, ...]:
    service = asker.service
    return tuple([one for one in facts.relations if one.service == service and _runs(one, now)])


def _in_team(ground: Ground, situation: Situation) -> bool:
    """Tell whether the asker sits in the team it names, where the record is held."""
    request, facts, asker = situation.request, situation.facts, situation.asker
    source = facts.record.source
    if ground.kind != "team" or ground.team is None or asker.name is None:
        return False
    if ground_lapsed(ground.kind, facts):
        return False
    # Joint secrecy serves a task: it opens no file to its subject, and sends nothing onward.
    if request.kind not in FORWARDED_KINDS or request.purpose == "subject_access":
        return False
    if asker.service != source and not _fosters_for(source, facts, asker):
        return False
    return any(
        relation.service == source
        and relation.team == ground.team
        and relation.actors is not None
        and asker.name in relation.actors
        and _runs(relation, situation.now)
        for relation in facts.relations
    )


def _fosters_for(source: str, facts: Facts, asker: Asker) -> bool:
    service = facts.services.get(source)
    return (
        asker.relation == "foster_parent"
        and service is not None
        and service.kind == "foster_service"
    )


def _between_clbs(route: str, facts: Facts, asker: Asker) -> bool:
    if route != "clb_transfer" or asker.kind != "clb" or ground_lapsed(route, facts):
        return False
    source = facts.services.get(facts.record.source)
    return source is not None and source.kind == "clb" and asker.service != facts.record.source


def _profile(request: Request, route: str, facts: Facts, asker: Asker) -> Profile | None:
    """Choose the need profile; None where no profile is applied."""
    position = asker.position
    if request.purpose == "subject_access" or position.kind in JUDICIAL_KINDS:
        return None
    if route and _between_clbs(route, facts, asker):
        return None
    if position.is_person:
        return profile_of_person(position.relation)
    return profile_of_role(position.kind, position.role)
