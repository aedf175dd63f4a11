"""One request in its facts: everything the rules share, worked out once per decision."""

from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from typing import TypeAlias

from consent.asker import Asker, asker_of, forms_of
from consent.authority import Authority, Capacity, authority_over, capacity_of
from consent.model import CHILD, CareRelation, Facts, Request
from consent.moments import Now, begun, now_at, over
from consent.profiles import Profile, profile_of_person, profile_of_role
from consent.standing import NOTHING, Decisions, Granting, Stand, Standing, decisions_for, stand_on
from consent.vocabulary import (
    FLAGS,
    FORWARDED_KINDS,
    GROUNDS,
    JUDICIAL_KINDS,
    NAMED_ONLY_CLASSES,
    REQUEST_KINDS,
)

Sight: TypeAlias = tuple[bool, ...]
_GRANTED = Standing.GRANTED


@dataclass(slots=True, kw_only=True)
class Situation:
    """A request in its facts at one instant; `stands` remembers what was weighed."""

    request: Request
    facts: Facts
    now: Now
    asker: Asker
    capacity: Capacity
    authority: Authority
    decisions: Decisions
    relations: tuple[CareRelation, ...]
    route: str
    """The legal route invoked beside consent, whether or not it exists; "" for none and a team."""
    in_team: bool
    consent_counts: bool
    """Whether the family's grants can carry anything here; T4 has no say elsewhere."""
    deciders: frozenset[str]
    """The right-holders of what is about the child."""
    profile: Profile | None
    scopes: tuple[frozenset[str], ...]
    """The sets of classes that tell classes apart: those the decisions name, and the named-only."""
    classes: frozenset[str]
    """The classes in the record, so that rules about others are left aside."""
    sights: dict[str, Sight] = field(default_factory=dict)
    stands: dict[tuple[str, Sight], Stand] = field(default_factory=dict)
    grantings: dict[tuple[object, ...], Granting] = field(default_factory=dict)

    def sight(self, data_class: str) -> Sight:
        """How the decisions see a class; they say the same about all classes they see alike."""
        known = self.sights.get(data_class)
        if known is None:
            known = tuple([data_class in scope for scope in self.scopes])
            self.sights[data_class] = known
        return known

    def stand(self, person: str, data_class: str) -> Stand:
        """Where a person stands on a class."""
        key = (person, self.sight(data_class))
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
    def on_route(self) -> bool:
        """Whether the law itself might carry something here, without consent or team."""
        return bool(self.route) or self.request.purpose == "subject_access"

    @property
    def between_clbs(self) -> bool:
        """Whether this is a transfer from one guidance centre to another."""
        return _between_clbs(self.request, self.facts, self.asker)

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
    sources, _ = forms_of(facts.record.source, facts.services)
    decisions = decisions_for(facts.consents, request.purpose, sources, asker, now)
    return Situation(
        request=request,
        facts=facts,
        now=now,
        asker=asker,
        capacity=capacity,
        authority=authority,
        deciders=_deciders(capacity, authority),
        decisions=decisions,
        scopes=_scopes(decisions),
        relations=_active_relations(facts, asker, now),
        consent_counts=_consent_counts(request, facts),
        route="" if request.ground is None else _route(request),
        in_team=_in_team(request, facts, asker, now),
        profile=_profile(request, facts, asker),
        classes=frozenset([segment.data_class for segment in facts.record.segments]),
    )


def _consent_counts(request: Request, facts: Facts) -> bool:
    """Not for subject access, onward sharing or a deceased child."""
    return (
        request.purpose != "subject_access"
        and request.kind in FORWARDED_KINDS
        and "deceased" not in facts.child.flags
        and (request.ground is None or request.ground.kind in GROUNDS)
    )


def _route(request: Request) -> str:
    """Name the legal route; words that nobody knows can take none."""
    ground = request.ground
    if ground is None or ground.kind == "team" or not understood(request):
        return ""
    return ground.kind


def understood(request: Request) -> bool:
    """Whether the kind of request, and the ground it invokes, are words the rules know."""
    ground = request.ground
    return request.kind in REQUEST_KINDS and (ground is None or ground.kind in GROUNDS)


def _scopes(decisions: Decisions) -> tuple[frozenset[str], ...]:
    said = chain(*decisions.yes.values(), *decisions.no.values(), decisions.objections)
    named = {consent.classes for consent in said if consent.classes is not None}
    return (NAMED_ONLY_CLASSES, *named)


def _deciders(capacity: Capacity, authority: Authority) -> frozenset[str]:
    """All who might decide count for a restriction; `granting` asks for certainty."""
    if capacity.capable is None:
        return authority.everyone | {CHILD}
    return frozenset({CHILD}) if capacity.capable else authority.everyone


def _runs(relation: CareRelation, now: Now) -> bool:
    return begun(relation.since, now) is True and over(relation.until, now) is False


def _active_relations(facts: Facts, asker: Asker, now: Now) -> tuple[CareRelation, ...]:
    return tuple(
        relation
        for relation in facts.relations
        if relation.service == asker.service and _runs(relation, now)
    )


def _in_team(request: Request, facts: Facts, asker: Asker, now: Now) -> bool:
    """Tell whether the asker sits in the team it names, where the record is held."""
    ground, source = request.ground, facts.record.source
    if ground is None or ground.kind != "team" or ground.team is None or asker.name is None:
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
        and _runs(relation, now)
        for relation in facts.relations
    )


def _fosters_for(source: str, facts: Facts, asker: Asker) -> bool:
    service = facts.services.get(source)
    return (
        asker.relation == "foster_parent"
        and service is not None
        and service.kind == "foster_service"
    )


def _between_clbs(request: Request, facts: Facts, asker: Asker) -> bool:
    if _route(request) != "clb_transfer" or asker.kind != "clb":
        return False
    source = facts.services.get(facts.record.source)
    return source is not None and source.kind == "clb" and asker.service != facts.record.source


def _profile(request: Request, facts: Facts, asker: Asker) -> Profile | None:
    """Choose the need profile; None where no profile is applied."""
    if request.purpose == "subject_access" or asker.kind in JUDICIAL_KINDS:
        return None
    if request.ground is not None and _between_clbs(request, facts, asker):
        return None
    if asker.person is not None:
        return profile_of_person(asker.relation)
    return profile_of_role(asker.kind, asker.role)
