"""What a person of the family sees: services around each child, what each may see, who looked."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping, not_

from consent.lifecycle import SELF, Recorded, State, state_of
from consent.model import Child, Request, ToService
from gateway.exchange.disclose import GOES
from gateway.exchange.facts import facts_for
from gateway.exchange.families import answer_notice
from gateway.exchange.families.family import own_children
from gateway.exchange.families.viewing import (
    NOBODY,
    File,
    Standing,
    Viewer,
    look_into,
    own_child,
    standing_of,
    viewed,
)
from gateway.exchange.families.weigh import weigh
from gateway.exchange.family_views.told_lines import told_to
from gateway.exchange.hub import Hub
from gateway.identity.callers import PersonCaller
from gateway.store import access_log, children, consents, partners
from gateway.store.consents import ConsentRow
from gateway.store.engine import Transaction, transaction
from gateway.store.partners import Partner
from gateway.store.tables import access_log as log_table

LOOKS = ("read", "search", "key_release", "emergency_access")
MOST_LOOKS = 200
# Apart from the looks: a service that asks a lot must not push them from the page.
QUESTIONS = ("evaluation", "consent_read", "legal_route")
MOST_QUESTIONS = 50
# What services say that they did with their copies.
ANSWERS = (answer_notice.ACT,)
# Auditors who learned whose lines they read; no service looked.
BEHIND_THE_LOG = ("reidentification_asked", "reidentification_approved", "reidentified")
NOT_GRANTED = "T6"
SELF_GIVER: Final = SELF
_COUNTS: Final = frozenset({State.ACTIVE, State.RECONFIRM_DUE})


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceView:
    """A service around the child and what it may see now, by the same code as a release."""

    partner: str
    name: str
    kind: str
    sees: frozenset[str]
    state: str  # may_see | may_not_see | waiting_for_other_parent | said_yes


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentView:
    """One decision of the family."""

    id: str
    partner: str
    partner_name: str
    heir: str
    """The service that reads on it today: `partner` itself, unless that merged."""
    classes: frozenset[str]
    purpose: str
    since: datetime
    until: date
    withdrawn: datetime | None
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildView:
    """A child with everything that this person of its family decides about, or decided."""

    id: str
    given_name: str
    services: tuple[ServiceView, ...]
    consents: tuple[ConsentView, ...]
    standing: Standing = Standing.DECIDES
    giver: str = "parent"
    """In which capacity this person decides: self, parent, guardian or foster_parent."""

    @property
    def is_me(self) -> bool:
        """Whether this is the file of the person who looks."""
        return self.giver == SELF_GIVER

    @property
    def decides(self) -> bool:
        """Whether this person decides about the child now."""
        return self.standing in {Standing.DECIDES, Standing.DECIDES_ONLY}


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
    line: str = ""
    """The name of this line for this person alone."""


def children_of(hub: Hub, person: PersonCaller, *, at: datetime) -> tuple[ChildView, ...]:
    """Return the children of a signed-in person of the family; a youngster is its own."""
    who = UUID(person.person)
    with transaction(hub.engine) as tx:
        return tuple(
            view
            for child in own_children(tx, hub, who, at=at)
            if (view := _child(tx, hub, child, who, at=at)) is not None
        )


def times_looked(
    hub: Hub, person: PersonCaller, child: str, *, since: datetime, at: datetime
) -> int:
    """Return how often services could look since an instant, as far as this person may know."""
    with transaction(hub.engine) as tx:
        viewer = _viewer(tx, hub, person, child, at=at)
        if viewer is None:
            return 0
        conditions = (
            *told_to(tx, viewer, at=at),
            log_table.c.act.in_(LOOKS),
            log_table.c.outcome != "deny",
            log_table.c.at >= since,
        )
        return len(access_log.select_lines(tx, conditions, limit=MOST_LOOKS))


def who_looked(hub: Hub, person: PersonCaller, child: str, *, at: datetime) -> tuple[LookView, ...]:
    """Return who looked at an own child, newest first, as far as this person may know."""
    with transaction(hub.engine) as tx:
        viewer = _viewer(tx, hub, person, child, at=at)
        if viewer is None:
            return ()
        names = {one.id: one.name for one in partners.everyone(tx)}
        rows = _looks_and_questions(tx, viewer, at=at)
        access_log.append(tx, viewed("log_viewed", person, viewer, at=at))
    return tuple(_look(hub, person, row, names) for row in rows)


def one_look(
    hub: Hub, person: PersonCaller, child: str, line: str, *, at: datetime
) -> LookView | None:
    """Return one line of who looked; absent, not yours and not for you are the same."""
    number = hub.vault.resolve(_lines_of(person), line)
    if number is None or number.int >= 2**63:
        return None
    with transaction(hub.engine) as tx:
        viewer = _viewer(tx, hub, person, child, at=at)
        if viewer is None:
            return None
        this = (
            log_table.c.act.in_(LOOKS + QUESTIONS + BEHIND_THE_LOG),
            log_table.c.id == number.int,
        )
        rows = access_log.select_lines(tx, (*told_to(tx, viewer, at=at), *this), limit=1)
        names = {one.id: one.name for one in partners.everyone(tx)}
        access_log.append(tx, viewed("log_viewed", person, viewer, at=at))
    return next((_look(hub, person, row, names) for row in rows), None)


def _viewer(
    tx: Transaction, hub: Hub, person: PersonCaller, child: str, *, at: datetime
) -> Viewer | None:
    who = UUID(person.person)
    wanted = own_child(tx, hub, who, child, at=at)
    return standing_of(tx, hub, wanted, who, at=at) if wanted else None


def _looks_and_questions(tx: Transaction, viewer: Viewer, *, at: datetime) -> list[RowMapping]:
    found: list[RowMapping] = []
    # A service that spoke on a legal route and sent nothing told nobody anything.
    in_vain = (log_table.c.act == "legal_route") & (log_table.c.outcome == "deny")
    told = (*told_to(tx, viewer, at=at), not_(in_vain))
    groups = (
        (LOOKS, MOST_LOOKS),
        (QUESTIONS, MOST_QUESTIONS),
        (ANSWERS, MOST_QUESTIONS),
        (BEHIND_THE_LOG, MOST_QUESTIONS),
    )
    for acts, limit in groups:
        found += access_log.select_lines(tx, (*told, log_table.c.act.in_(acts)), limit=limit)
    return sorted(found, key=lambda row: int(row["id"]), reverse=True)


def _look(hub: Hub, person: PersonCaller, row: RowMapping, names: Mapping[str, str]) -> LookView:
    denied, question = row["outcome"] == "deny", row["act"] in QUESTIONS
    return LookView(
        at=row["at"],
        partner_name=names.get(row["partner"], ""),
        role=row["role"] or "",
        purpose=row["purpose"] or "",
        classes=frozenset(row["classes"]),
        act=_act(row, denied=denied, question=question),
        reason=", ".join(row["rules"]),
        about=_service_asked_about(row["resources"], names) if question else "",
        # The number itself would tell how much is logged in between.
        line=hub.vault.pairwise(_lines_of(person), UUID(int=row["id"])),
    )


def _act(row: RowMapping, *, denied: bool, question: bool) -> str:
    act: str = row["act"]
    if act in ANSWERS:
        return f"notice_{row['outcome']}"
    if not denied:
        return act
    return f"{act}_denied" if question else "denied"


def _lines_of(person: PersonCaller) -> str:
    return f"~lines/{person.person}"


def _service_asked_about(resources: Iterable[str], names: Mapping[str, str]) -> str:
    found = (names.get(one.removeprefix("to/"), "") for one in resources)
    return next(found, "")


def _child(
    tx: Transaction, hub: Hub, child: UUID, person: UUID, *, at: datetime
) -> ChildView | None:
    about = children.facts_of(tx, hub.vault, child)
    known = {one.id: one for one in partners.everyone(tx)}
    around = children.services_around(tx, child, at=at)
    file = look_into(tx, hub, child, person, around, at=at)
    if about is None or file is None:
        return None
    _, facts = facts_for(file.towards[NOBODY], hub.vault, child, NOBODY, (), at=at)
    rows = consents.of_child(tx, child)
    runs = frozenset(one.id for one in rows if _state(one, facts.child, at=at) in _COUNTS)
    decided = _known_decisions(rows, file.viewer, runs)
    services = around if file.viewer.decides else ()
    return ChildView(
        id=str(child),
        given_name=about.given,
        services=tuple(
            _service(tx, hub, file, known[one], _that_run(decided, runs), at=at) for one in services
        ),
        consents=tuple(_grants(decided, known, person)),
        standing=file.viewer.standing,
        giver=file.viewer.relation,
    )


def _known_decisions(
    rows: Iterable[ConsentRow], viewer: Viewer, runs: Container[UUID]
) -> tuple[ConsentRow, ...]:
    """Leave out what this person may not know: a parent never sees what the child decided."""
    return tuple(
        one
        for one in rows
        if viewer.is_child
        or (viewer.decides and one.giver != SELF_GIVER)
        or (one.person == viewer.person and one.id in runs)
    )


def _state(one: ConsentRow, child: Child, *, at: datetime) -> State:
    """The state of a decision by what was recorded and by age; not by what others decided."""
    recorded = Recorded(
        effect=one.effect,
        giver=one.giver,
        since=one.since,
        until=one.until,
        withdrawn_at=one.withdrawn_at,
        superseded_at=one.superseded_at,
        contested_at=one.contested_at,
        ended_at=one.ended_at,
    )
    return state_of(recorded, child, at=at)


def _service(
    tx: Transaction,
    hub: Hub,
    file: File,
    service: Partner,
    running: Iterable[ConsentRow],
    *,
    at: datetime,
) -> ServiceView:
    answers = list(_answers(tx, hub, file, service, at=at))
    sees = frozenset(data_class for data_class, effect, _ in answers if effect in GOES)
    names = frozenset({service.id, *service.predecessors})
    mine = _granted_by(file.viewer.person, names, running)
    # Rule T6 on a class that this person granted: somebody else's yes is still missing.
    missing = {data_class for data_class, _, rule in answers if rule == NOT_GRANTED}
    waiting = "waiting_for_other_parent" if missing & mine else "may_not_see"
    if mine and not file.viewer.sees_file:
        waiting = "said_yes"
    return ServiceView(
        partner=service.id,
        name=service.name,
        kind=service.kind,
        sees=sees,
        state="may_see" if sees else waiting,
    )


def _answers(
    tx: Transaction, hub: Hub, file: File, service: Partner, *, at: datetime
) -> Iterator[tuple[str, str, str]]:
    """Give class, effect and rule of each part, for each purpose that was ever granted."""
    for purpose in consents.purposes_granted(tx, file.viewer.child, service.id):
        request = Request(to=ToService(service.id), purpose=purpose, kind="pull")
        for weighed in weigh(hub, file.towards[service.id], request, file.parts, at=at):
            for part in weighed.parts:
                answer = weighed.decision.segments[str(part.id)]
                yield part.data_class, answer.effect, answer.rule


def _that_run(decided: Iterable[ConsentRow], runs: Container[UUID]) -> tuple[ConsentRow, ...]:
    return tuple(one for one in decided if one.id in runs and one.effect == "grant")


def _granted_by(
    person: UUID, names: Container[str | None], running: Iterable[ConsentRow]
) -> frozenset[str]:
    return frozenset(
        data_class
        for one in running
        if one.person == person and one.partner in names
        for data_class in one.classes or ()
    )


def _heir(known: Mapping[str, Partner], partner: str) -> str:
    into = known[partner].merged_into
    return _heir(known, into) if into else partner


def _grants(
    decided: Iterable[ConsentRow], known: Mapping[str, Partner], person: UUID
) -> Iterable[ConsentView]:
    for one in decided:
        if one.partner and one.purpose and one.until and one.effect == "grant":
            yield ConsentView(
                id=str(one.id),
                partner=one.partner,
                partner_name=known[one.partner].name,
                heir=one.partner if one.ended_at else _heir(known, one.partner),
                classes=frozenset(one.classes or ()),
                purpose=one.purpose,
                since=one.since,
                until=one.until,
                withdrawn=one.withdrawn_at,
                mine=one.person == person,
            )
