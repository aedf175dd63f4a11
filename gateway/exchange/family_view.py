"""What a parent sees: the services around each child, what each may see now, and who looked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import RowMapping

from gateway.clock import brussels_date
from gateway.exchange.disclose import Judged, preview
from gateway.exchange.hub import Hub
from gateway.identity.callers import PersonCaller
from gateway.store import access_log, children, consents, partners
from gateway.store.consents import ConsentRow
from gateway.store.engine import Transaction, transaction
from gateway.store.partners import Partner
from gateway.store.tables import access_log as log_table

LOOKS = ("read", "search", "key_release")
MOST_LOOKS = 200
# Apart from the looks: a service that asks a lot must not push them from the page.
QUESTIONS = ("evaluation",)
MOST_QUESTIONS = 50
NOT_GRANTED = "T6"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceView:
    """A service around the child and what it may see now, by the same code as a release."""

    partner: str
    name: str
    kind: str
    sees: frozenset[str]
    state: str  # may_see | may_not_see | waiting_for_other_parent


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentView:
    """One decision of the family."""

    id: str
    partner: str
    partner_name: str
    classes: frozenset[str]
    purpose: str
    since: datetime
    until: date
    withdrawn: datetime | None
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildView:
    """A child with everything its parent decides about."""

    id: str
    given_name: str
    services: tuple[ServiceView, ...]
    consents: tuple[ConsentView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookView:
    """One time that a service looked, asked and got nothing, or asked about another service."""

    at: datetime
    partner_name: str
    role: str
    purpose: str
    classes: frozenset[str]
    act: str
    reason: str
    about: str = ""
    """The name of the service that would get it, when a source asked whether it may."""


def children_of(hub: Hub, person: PersonCaller, *, at: datetime) -> tuple[ChildView, ...]:
    """Return the children of a signed-in parent."""
    with transaction(hub.engine) as tx:
        own = children.ties_of_person(tx, UUID(person.person))
        return tuple(
            view
            for child in own
            if (view := _child(tx, hub, child, UUID(person.person), at=at)) is not None
        )


def times_looked(hub: Hub, person: PersonCaller, child: str, *, since: datetime) -> int:
    """Return how often services could look at a child of this parent since an instant."""
    with transaction(hub.engine) as tx:
        own = children.ties_of_person(tx, UUID(person.person))
        if child not in {str(one) for one in own}:
            return 0
        conditions = (
            log_table.c.child == UUID(child),
            log_table.c.act.in_(LOOKS),
            log_table.c.outcome != "deny",
            log_table.c.at >= since,
        )
        return len(access_log.select_lines(tx, conditions, limit=MOST_LOOKS))


def who_looked(hub: Hub, person: PersonCaller, child: str, *, at: datetime) -> tuple[LookView, ...]:
    """Return who looked at a child of this parent, newest first; nothing for anybody else's."""
    with transaction(hub.engine) as tx:
        wanted = next(
            (one for one in children.ties_of_person(tx, UUID(person.person)) if str(one) == child),
            None,
        )
        if wanted is None:
            return ()
        names = {one.id: one.name for one in partners.everyone(tx)}
        rows = _looks_and_questions(tx, wanted)
        viewed = access_log.Entry(
            at=at,
            act="log_viewed",
            actor=f"person/{person.person}",
            role="parent",
            child=wanted,
            outcome="done",
            correlation=person.correlation,
        )
        access_log.append(tx, viewed)
    return tuple(_look(row, names) for row in rows)


def _looks_and_questions(tx: Transaction, child: UUID) -> list[RowMapping]:
    found: list[RowMapping] = []
    for acts, limit in ((LOOKS, MOST_LOOKS), (QUESTIONS, MOST_QUESTIONS)):
        conditions = (log_table.c.child == child, log_table.c.act.in_(acts))
        found += access_log.select_lines(tx, conditions, limit=limit)
    return sorted(found, key=lambda row: int(row["id"]), reverse=True)


def _look(row: RowMapping, names: Mapping[str, str]) -> LookView:
    denied, question = row["outcome"] == "deny", row["act"] in QUESTIONS
    return LookView(
        at=row["at"],
        partner_name=names.get(row["partner"], ""),
        role=row["role"] or "",
        purpose=row["purpose"] or "",
        classes=frozenset(row["classes"]),
        act=("evaluation_denied" if question else "denied") if denied else row["act"],
        reason=", ".join(row["rules"]),
        about=_service_asked_about(row["resources"], names) if question else "",
    )


def _service_asked_about(resources: Iterable[str], names: Mapping[str, str]) -> str:
    found = (names.get(one.removeprefix("to/"), "") for one in resources)
    return next(found, "")


def _child(
    tx: Transaction, hub: Hub, child: UUID, person: UUID, *, at: datetime
) -> ChildView | None:
    facts = children.facts_of(tx, hub.vault, child)
    if facts is None:
        return None
    known = {one.id: one for one in partners.everyone(tx)}
    decided = consents.of_child(tx, child)
    around = children.services_around(tx, child, at=at)
    return ChildView(
        id=str(child),
        given_name=facts.given,
        services=tuple(
            _service(tx, hub, known[one], child=child, person=person, decided=decided, at=at)
            for one in around
        ),
        consents=tuple(_grants(decided, known, person)),
    )


def _service(
    tx: Transaction,
    hub: Hub,
    service: Partner,
    *,
    child: UUID,
    person: UUID,
    decided: Iterable[ConsentRow],
    at: datetime,
) -> ServiceView:
    judged: list[Judged] = []
    for purpose in consents.purposes_granted(tx, child, service.id):
        found = preview(tx, hub, recipient=service.id, child=child, purpose=purpose, at=at)
        judged += found.judged if found else ()
    sees = frozenset(item.stored.data_class for item in judged if item.goes)
    mine = _granted_by(person, service.id, decided, at=at)
    # Rule T6 on a class that this parent granted: somebody else's yes is still missing.
    missing = {item.stored.data_class for item in judged if item.decision.rule == NOT_GRANTED}
    waiting = "waiting_for_other_parent" if missing & mine else "may_not_see"
    return ServiceView(
        partner=service.id,
        name=service.name,
        kind=service.kind,
        sees=sees,
        state="may_see" if sees else waiting,
    )


def _granted_by(
    person: UUID, partner: str, decided: Iterable[ConsentRow], *, at: datetime
) -> frozenset[str]:
    today = brussels_date(at)
    return frozenset(
        data_class
        for one in decided
        if one.person == person and one.partner == partner and one.effect == "grant"
        if one.withdrawn_at is None and one.until is not None and one.until >= today
        for data_class in one.classes or ()
    )


def _grants(
    decided: Iterable[ConsentRow], known: Mapping[str, Partner], person: UUID
) -> Iterable[ConsentView]:
    for one in decided:
        if one.partner and one.purpose and one.until and one.effect == "grant":
            yield ConsentView(
                id=str(one.id),
                partner=one.partner,
                partner_name=known[one.partner].name,
                classes=frozenset(one.classes or ()),
                purpose=one.purpose,
                since=one.since,
                until=one.until,
                withdrawn=one.withdrawn_at,
                mine=one.person == person,
            )
