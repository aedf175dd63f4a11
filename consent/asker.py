"""Who asks, in the terms of the rules: service, role, regime, and the names a grant knows it by."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from consent.model import CHILD, Facts, Recipient, Service, ToActor, ToPerson, ToService
from consent.outline import Position
from consent.vocabulary import BINDING_SECRECIES, BOUND_RELATIONS, KINDS, ROLES, SECRECIES

_NOBODY: frozenset[str] = frozenset()


class Asker(NamedTuple):
    """The recipient resolved; a service, or one of its professionals, or a person."""

    position: Position
    service: str | None = None
    name: str | None = None
    """The professional or person who asks; None for a delivery to a whole service."""
    person: str | None = None
    forms: frozenset[str] = _NOBODY
    """The services whose grants reach this one: itself, and those merged into it unchanged."""
    lapsed: frozenset[str] = _NOBODY
    """The services merged into this one whose mission or regime was another."""

    @property
    def kind(self) -> str:
        """The kind of service that asks; "" for a person."""
        return self.position.kind

    @property
    def role(self) -> str:
        """The role in which a service or professional asks."""
        return self.position.role

    @property
    def relation(self) -> str:
        """What the person who asks is to the child; "" for a service and its professionals."""
        return self.position.relation


_UNKNOWN = Asker(Position(known=False))


def asker_of(to: Recipient, facts: Facts) -> Asker:
    """Resolve the recipient; whoever the facts do not know stays unknown."""
    if isinstance(to, ToService):
        return _professional(to.service, "system", None, facts)
    if isinstance(to, ToActor):
        actor = facts.actors.get(to.actor)
        if actor is None or actor.identity != "strong":
            return _UNKNOWN
        return _professional(actor.service, actor.role, to.actor, facts)
    if isinstance(to, ToPerson):
        return _person(to.person, facts)
    raise TypeError(to)


def _professional(service_id: str, role: str, name: str | None, facts: Facts) -> Asker:
    service = facts.services.get(service_id)
    if service is None or service.status != "active" or service.merged_into is not None:
        return _UNKNOWN
    asker = _at_work(service_id, service.kind, service.secrecy, role, name)
    if service_id not in facts.merged or not asker.position.known:
        return asker
    forms, lapsed = forms_of(service_id, facts)
    position = asker.position._replace(took_over=bool(lapsed))
    return asker._replace(position=position, forms=forms, lapsed=lapsed)


@lru_cache(maxsize=1024)
def _at_work(service_id: str, kind: str, secrecy: str | None, role: str, name: str | None) -> Asker:
    """Resolve who works at an active service; remembered, for the same few services ask all day."""
    if kind not in KINDS or role not in ROLES:
        return _UNKNOWN
    usual = KINDS[kind]
    secrecy = usual.secrecy if secrecy is None else secrecy
    if secrecy not in SECRECIES:
        return _UNKNOWN
    position = Position(
        known=True,
        kind=kind,
        role=usual.role if role == "system" else role,
        is_service=True,
        is_named=name is not None,
        bound=secrecy in BINDING_SECRECIES,
    )
    return Asker(position, service=service_id, name=name, forms=frozenset({service_id}))


def _person(name: str, facts: Facts) -> Asker:
    person = facts.people.get(name)
    if person is None and name != CHILD:
        return _UNKNOWN
    relation = CHILD if person is None or name == CHILD else person.relation
    position = Position(
        known=True,
        relation=relation,
        is_person=True,
        is_named=True,
        bound=relation in BOUND_RELATIONS,
    )
    return Asker(position, name=name, person=name)


def is_active(service: Service | None) -> bool:
    """Tell whether a service of a known kind neither stopped nor merged away."""
    return (
        service is not None
        and service.status == "active"
        and service.merged_into is None
        and service.kind in KINDS
    )


def secrecy_of(service: Service) -> str | None:
    """Give the secrecy regime: the service's own, else that of its kind."""
    if service.secrecy is not None:
        return service.secrecy
    kind = KINDS.get(service.kind)
    return None if kind is None else kind.secrecy


def may_use_number(service: Service | None) -> bool:
    """Whether the service is authorised for the national number."""
    if service is None:
        return False
    if service.national_number is not None:
        return service.national_number
    kind = KINDS.get(service.kind)
    return kind is not None and kind.national_number


def in_youth_help(service: Service) -> bool | None:
    """Whether the service is a youth-help actor: its own word, else that of its kind."""
    if service.youth_help is None and service.kind in KINDS:
        return KINDS[service.kind].youth_help
    return service.youth_help


def regime_of(service: Service) -> tuple[str, str | None, bool | None]:
    """Give kind, secrecy and youth-help status: where they are the same, the mission is."""
    return service.kind, secrecy_of(service), in_youth_help(service)


def forms_of(service_id: str, facts: Facts) -> tuple[frozenset[str], frozenset[str]]:
    """Give the names this service goes by, and those it lost with a change of mission.

    The first are itself and what merged into it unchanged; a grant to the second lapsed.
    """
    if service_id not in facts.merged:
        return _alone(service_id), _NOBODY
    forms = _merged_into(service_id, facts, any_mission=False)
    return forms, _merged_into(service_id, facts, any_mission=True) - forms


@lru_cache(maxsize=1024)
def _alone(service_id: str) -> frozenset[str]:
    return frozenset((service_id,))


def _merged_into(service_id: str, facts: Facts, *, any_mission: bool) -> frozenset[str]:
    """Follow the mergers back, and those of what merged before."""
    services, merged = facts.services, facts.merged
    forms, unread = {service_id}, [service_id]
    while unread:
        new = unread.pop()
        for old in merged.get(new, ()):
            if old not in forms and (any_mission or _same_mission(old, new, services)):
                forms.add(old)
                unread.append(old)
    return frozenset(forms)


def _same_mission(old: str, new: str, services: Mapping[str, Service]) -> bool:
    return new in services and regime_of(services[old]) == regime_of(services[new])
