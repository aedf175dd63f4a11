"""Who asks, in the terms of the rules: service, role, regime, and the names a grant knows it by."""

from collections.abc import Mapping
from typing import NamedTuple

from consent.model import CHILD, Facts, Recipient, Service, ToActor, ToPerson, ToService
from consent.vocabulary import BINDING_SECRECIES, BOUND_RELATIONS, KINDS, ROLES, SECRECIES

_NOBODY: frozenset[str] = frozenset()


class Asker(NamedTuple):
    """The recipient resolved; a service, or one of its professionals, or a person."""

    known: bool
    service: str | None = None
    kind: str = ""
    role: str = ""
    name: str | None = None
    """The professional or person who asks; None for a delivery to a whole service."""
    person: str | None = None
    relation: str = ""
    bound: bool = False
    forms: frozenset[str] = _NOBODY
    """The services whose grants reach this one: itself, and those merged into it unchanged."""
    lapsed: frozenset[str] = _NOBODY
    """The services merged into this one whose mission or regime was another."""


_UNKNOWN = Asker(known=False)


def asker_of(to: Recipient, facts: Facts) -> Asker:
    """Resolve the recipient; whoever the facts do not know stays unknown."""
    match to:
        case ToActor(name):
            actor = facts.actors.get(name)
            if actor is None or actor.identity != "strong":
                return _UNKNOWN
            return _professional(actor.service, actor.role, name, facts.services)
        case ToService(service):
            return _professional(service, "system", None, facts.services)
        case ToPerson(name):
            return _person(name, facts)


def _professional(
    service_id: str, role: str, name: str | None, services: Mapping[str, Service]
) -> Asker:
    service = services.get(service_id)
    if service is None or not is_active(service) or role not in ROLES:
        return _UNKNOWN
    secrecy = secrecy_of(service)
    if secrecy not in SECRECIES:
        return _UNKNOWN
    kind = KINDS[service.kind]
    forms, lapsed = forms_of(service_id, services)
    return Asker(
        known=True,
        service=service_id,
        kind=service.kind,
        role=kind.role if role == "system" else role,
        name=name,
        bound=secrecy in BINDING_SECRECIES,
        forms=forms,
        lapsed=lapsed,
    )


def _person(name: str, facts: Facts) -> Asker:
    person = facts.people.get(name)
    if person is None and name != CHILD:
        return _UNKNOWN
    relation = CHILD if person is None or name == CHILD else person.relation
    return Asker(
        known=True, name=name, person=name, relation=relation, bound=relation in BOUND_RELATIONS
    )


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


def _regime(service: Service) -> tuple[str, str | None, bool | None]:
    return service.kind, secrecy_of(service), in_youth_help(service)


def forms_of(
    service_id: str, services: Mapping[str, Service]
) -> tuple[frozenset[str], frozenset[str]]:
    """Give the names this service goes by, and those it lost with a change of mission.

    The first are itself and what merged into it unchanged; a grant to the second lapsed.
    """
    merged = [name for name, service in services.items() if service.merged_into]
    if not merged:
        return frozenset({service_id}), _NOBODY
    forms = _merged_into(service_id, services, merged, any_mission=False)
    return forms, _merged_into(service_id, services, merged, any_mission=True) - forms


def _merged_into(
    service_id: str, services: Mapping[str, Service], merged: list[str], *, any_mission: bool
) -> frozenset[str]:
    forms = {service_id}
    for _ in merged:
        for old in merged:
            new = services[old].merged_into
            if new in forms and (any_mission or _same_mission(old, new, services)):
                forms.add(old)
    return frozenset(forms)


def _same_mission(old: str, new: str, services: Mapping[str, Service]) -> bool:
    return new in services and _regime(services[old]) == _regime(services[new])
