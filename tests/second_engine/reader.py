"""Who would receive: a whole service, a professional or a person (section 3, Recipient)."""

from dataclasses import dataclass

from consent.model import CHILD, Facts, Recipient, Request, ToActor, ToPerson, ToService
from tests.second_engine import services

ROLES = {
    "care",
    "medical",
    "decision",
    "teacher",
    "childcare_worker",
    "childcare_lead",
    "trajectory_supporter",
    "auditor",
    "inspector",
    "policy",
    "judge",
    "system",
}


@dataclass(frozen=True, kw_only=True)
class Reader:
    """The recipient with what its kind implies."""

    type: str
    """Service, Professional or Person."""
    name: str | None
    """Of a professional or person; None for a whole service."""
    service: str | None
    kind: str = ""
    role: str = ""
    relation: str = ""
    known: bool = False
    surely_identified: bool = True
    active: bool = False
    bound: bool = False
    youth_help: bool = False
    may_use_national_number: bool = False


def reader_of(request: Request, facts: Facts) -> Reader:
    """Who asks, or would receive."""
    to: Recipient = request.to
    if isinstance(to, ToService):
        return _in_service("Service", None, to.service, facts)
    if isinstance(to, ToActor):
        return _professional(to.actor, facts)
    if isinstance(to, ToPerson):
        return _person(to.person, facts)
    return Reader(type="Person", name=None, service=None)


def _professional(name: str, facts: Facts) -> Reader:
    actor = facts.actors.get(name)
    if actor is None:
        return Reader(type="Professional", name=name, service=None)
    strong = actor.identity == "strong"
    return _in_service("Professional", name, actor.service, facts, role=actor.role, strong=strong)


def _in_service(
    kind_of_reader: str,
    name: str | None,
    service_name: str,
    facts: Facts,
    *,
    role: str = "system",
    strong: bool = True,
) -> Reader:
    service = facts.services.get(service_name)
    if service is None:
        return Reader(type=kind_of_reader, name=name, service=service_name)
    return Reader(
        type=kind_of_reader,
        name=name,
        service=service_name,
        kind=service.kind,
        role=services.default_role(service) if role == "system" else role,
        known=role in ROLES and services.is_known(service) and services.has_known_regime(service),
        surely_identified=strong,
        active=services.is_active(service),
        bound=services.secrecy_of(service) in services.BOUND,
        youth_help=services.is_youth_help(service),
        may_use_national_number=services.may_use_national_number(service),
    )


def _person(name: str, facts: Facts) -> Reader:
    person = facts.people.get(name)
    relation = CHILD if name == CHILD else person.relation if person else ""
    return Reader(
        type="Person",
        name=name,
        service=None,
        relation=relation,
        known=name == CHILD or person is not None,
        active=True,
        bound=relation in {"foster_parent", "confidant"},
        may_use_national_number=True,
    )
