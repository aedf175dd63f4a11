"""What a person of the family should know or do, in the order of the pages; and marking it read."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from gateway.exchange.families.family import holders_of, own_children, uuid_of
from gateway.exchange.families.viewing import Viewer, standing_of
from gateway.exchange.family_views.told_lines import told_to
from gateway.exchange.hub import Hub
from gateway.exchange.legal_routes import emergency, invoke_route
from gateway.identity.callers import PersonCaller
from gateway.store import (
    access_log,
    assessments,
    children,
    consents,
    notices,
    partners,
    proposals,
    routes,
)
from gateway.store.engine import AnyRow, Transaction, transaction
from gateway.store.partners import Partner
from gateway.store.tables import access_log as log_table

MOST_NOTICES: Final = 50
# What a parent may still be told when the child decides: the own decisions, and who decides.
_WHOEVER_DECIDES: Final = frozenset(
    {
        notices.CONSENT_ENDS_SOON,
        notices.CONSENT_ENDED,
        notices.TURNS_TWELVE,
        notices.TURNS_EIGHTEEN,
        notices.CAPACITY_ASSESSED,
    }
)
_ABOUT_CONSENT: Final = frozenset(
    {
        notices.CONSENT_ENDS_SOON,
        notices.CONSENT_ENDED,
        notices.OTHER_PARENT_DECIDED,
    }
)
_BY_LAW: Final = (invoke_route.ACT, emergency.ACT)
_ABOUT_SERVICE: Final = frozenset({notices.SERVICE_MERGED, notices.SERVICE_CLOSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """One thing to know or to do; `until` is the last day of the decision it is about."""

    id: str
    kind: str
    child: str
    given_name: str
    about_me: bool
    day: date
    read: bool
    partner: str = ""
    partner_name: str = ""
    successor_name: str = ""
    """The service into which that one merged."""
    subject: str = ""
    until: date | None = None
    ground: str = ""
    """Why the law allowed it, where this person may know who shared what with whom by law."""
    recipient_name: str = ""
    """The service that it was shared with by law; `partner` shared it."""


@dataclass(frozen=True, slots=True)
class _Subject:
    partner: str | None = None
    until: date | None = None
    ground: str = ""
    recipient: str | None = None


def notices_of(hub: Hub, person: PersonCaller, *, at: datetime) -> tuple[NoticeView, ...]:
    """Return the released notices of a person about children that are still its own, newest first.

    What a parent may not know of a child that decides is left out, whenever it was made.
    """
    who = UUID(person.person)
    with transaction(hub.engine) as tx:
        own = own_children(tx, hub, who, at=at)
        standings = {one: standing_of(tx, hub, one, who, at=at) for one in own}
        viewers = {child: viewer for child, viewer in standings.items() if viewer is not None}
        names = {one.id: one for one in partners.everyone(tx)}
        held = {one for one in viewers if who in holders_of(tx, hub, one, at=at)}
        rows = [row for row in notices.of_person(tx, who, at=at) if _told(row, viewers, held)]
        return tuple(_views(tx, hub, rows[:MOST_NOTICES], viewers, names, at=at))


def mark_notice_read(hub: Hub, person: PersonCaller, notice: str, *, at: datetime) -> bool:
    """Record that this person saw a notice; False when there is no such unread one."""
    wanted = uuid_of(notice)
    if wanted is None:
        return False
    with transaction(hub.engine) as tx:
        return notices.mark_read(tx, UUID(person.person), wanted, at=at)


def _told(row: AnyRow, viewers: dict[UUID, Viewer], held: Container[UUID]) -> bool:
    viewer = viewers.get(row.child)
    if viewer is None:
        return False
    # Who decides is the affair of the child and of who holds authority.
    if row.kind == notices.CAPACITY_ASSESSED and not viewer.is_child and row.child not in held:
        return False
    return viewer.decides or row.kind in _WHOEVER_DECIDES


def _views(
    tx: Transaction,
    hub: Hub,
    rows: Iterable[AnyRow],
    viewers: dict[UUID, Viewer],
    names: dict[str, Partner],
    *,
    at: datetime,
) -> Iterator[NoticeView]:
    given = {child: children.facts_of(tx, hub.vault, child) for child in viewers}
    for row in rows:
        about, known = _known_subject(tx, row, viewers[row.child], at=at), given[row.child]
        service, recipient = names.get(about.partner or ""), names.get(about.recipient or "")
        successor = names.get(service.merged_into or "") if service else None
        yield NoticeView(
            id=str(row.id),
            kind=row.kind,
            child=str(row.child),
            given_name=known.given if known else "",
            about_me=viewers[row.child].is_child,
            day=row.day,
            read=row.read_at is not None,
            partner=service.id if service else "",
            partner_name=service.name if service else "",
            successor_name=successor.name if successor else "",
            subject=row.subject,
            until=about.until,
            ground=about.ground,
            recipient_name=recipient.name if recipient else "",
        )


def _known_subject(tx: Transaction, row: AnyRow, viewer: Viewer, *, at: datetime) -> _Subject:
    if row.kind == notices.SHARED_BY_LAW:
        return _shared_by_law(tx, row.subject, viewer, at=at)
    # Which service helps a child that decides is not for others.
    hidden = row.kind == notices.CAPACITY_ASSESSED and not (viewer.is_child or viewer.sees_file)
    return _Subject() if hidden else _subject(tx, row)


def _shared_by_law(tx: Transaction, route: str, viewer: Viewer, *, at: datetime) -> _Subject:
    """Tell of a route what its line in the log may tell this person; else that it was, no more."""
    this = (log_table.c.correlation == route, log_table.c.act.in_(_BY_LAW))
    told = (*told_to(tx, viewer, at=at), *this)
    wanted = uuid_of(route)
    if wanted is None or not access_log.select_lines(tx, told, limit=1):
        return _Subject()
    found = routes.find(tx, wanted)
    if found is None:
        return _Subject()
    return _Subject(found.source, ground=found.ground, recipient=found.recipient)


def _subject(tx: Transaction, row: AnyRow) -> _Subject:
    """What a notice is about: a decision, a question, an assessment, or a service by its id."""
    if row.kind in _ABOUT_SERVICE:
        return _Subject(row.subject)
    wanted = uuid_of(row.subject)
    if wanted is None:
        return _Subject()
    if row.kind in _ABOUT_CONSENT:
        consent = consents.find(tx, wanted)
        return _Subject(consent.partner, consent.until) if consent else _Subject()
    if row.kind == notices.PROPOSED:
        asked = proposals.find(tx, wanted)
        return _Subject(asked.partner, asked.until) if asked else _Subject()
    if row.kind == notices.CAPACITY_ASSESSED:
        found = assessments.find(tx, wanted)
        return _Subject(found.partner) if found else _Subject()
    return _Subject()
