"""Two people look at every break-glass within 72 hours: a data protection officer and a clinician.

They are two auditors in two capacities, never one person in both. One of them saying "unjustified"
ends the route, destroys every key that was not used yet, and starts the procedure for a breach.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

import orjson

from gateway.clock import BRUSSELS, brussels_date
from gateway.exchange.grounds.route_record import LONGEST, MOST_CHARACTERS
from gateway.exchange.hub import Hub
from gateway.identity.callers import AuditorCaller
from gateway.store import access_log, children, outbox, reviews, routes
from gateway.store.engine import AnyRow, Transaction, transaction
from gateway.store.routes import FINDINGS, UNJUSTIFIED, NewFinding
from gateway.store.vault import AUDITORS

DPO, CLINICIAN = "dpo", "clinician"
CAPACITIES: Final = (DPO, CLINICIAN)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteLine:
    """One route without its record; the child is a pseudonym that only auditors share."""

    id: str
    ground: str
    source: str
    recipient: str
    child: str
    invoked_at: datetime
    ends_at: datetime | None
    ended_at: datetime | None
    review_due_at: datetime | None
    told_from: datetime | None
    findings: Mapping[str, str]

    @property
    def waiting(self) -> tuple[str, ...]:
        """Return the capacities in which nobody looked yet."""
        asked = CAPACITIES if self.review_due_at else ()
        return tuple(one for one in asked if one not in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """What one reviewer found."""

    capacity: str
    finding: str
    reasons: str
    reviewed_at: datetime
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFile:
    """A route opened by a reviewer: the whole record, and what was found until now."""

    line: RouteLine
    record: tuple[tuple[str, str], ...]
    """The parts of the record in the order in which they were written, each with its path."""
    findings: tuple[FindingView, ...]
    can_find_as: tuple[str, ...]
    """In which capacities this reviewer may still say something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a reviewer says; `tell_on` brings forward or puts off telling the family."""

    route: str
    capacity: str
    finding: str
    reasons: str
    tell_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A breach that waits for the data protection officer, with its own 72 hours (GDPR art. 33)."""

    id: str
    route: str
    raised_at: datetime


def capacities_of(auditor: AuditorCaller) -> tuple[str, ...]:
    """Return the capacities in which an auditor may review."""
    return tuple(one for one in CAPACITIES if one in auditor.roles)


def routes_to_review(hub: Hub, auditor: AuditorCaller, *, at: datetime) -> tuple[RouteLine, ...]:
    """Return every route that is or was to be reviewed, the first due first; a line of the log."""
    with transaction(hub.engine) as tx:
        rows = routes.to_review(tx)
        access_log.append(tx, _line(auditor, "routes_listed", at=at))
    return tuple(_route_line(hub, row, row.findings) for row in rows)


def breaches(hub: Hub, auditor: AuditorCaller) -> tuple[Breach, ...]:
    """Return the breaches that wait; only a data protection officer has any."""
    if DPO not in auditor.roles:
        return ()
    with transaction(hub.engine) as tx:
        waiting = [row for row in reviews.open_items(tx) if row.kind == reviews.BREACH]
    return tuple(Breach(id=str(one.id), route=one.part, raised_at=one.raised_at) for one in waiting)


def close_breach(hub: Hub, auditor: AuditorCaller, item: str, *, at: datetime) -> bool:
    """Record that the officer dealt with a breach; False if none waits, or for anybody else."""
    if DPO not in auditor.roles:
        return False
    with transaction(hub.engine) as tx:
        found = reviews.lock_open(tx, item)
        if found is None or found.kind != reviews.BREACH:
            return False
        by = f"auditor/{auditor.auditor}"
        reviews.decide(tx, found.id, "handled", by=by, at=at)
        line = _line(auditor, "breach_closed", route=UUID(found.part), at=at)
        access_log.append(tx, line)
    return True


def open_route(hub: Hub, auditor: AuditorCaller, route: str, *, at: datetime) -> RouteFile | None:
    """Return a route with its record for a reviewer, and log that it was opened.

    None for an unknown route, an erased child, and an auditor who is no reviewer.
    """
    wanted = _uuid(route)
    if wanted is None or not capacities_of(auditor):
        return None
    with transaction(hub.engine) as tx:
        row = routes.find(tx, wanted)
        key = children.key_of(tx, hub.vault, row.child) if row else None
        if row is None or key is None:
            return None
        found = routes.findings_of(tx, wanted)
        entry = _line(auditor, "route_opened", route=wanted, child=row.child, at=at)
        access_log.append(tx, entry)
        return _file(hub, auditor, row, key, found)


def file_finding(hub: Hub, auditor: AuditorCaller, said: Finding, *, at: datetime) -> bool:
    """Store a finding and do what follows from it; False when this reviewer may not say it.

    Only once per capacity, by different people, with reasons; see `RouteFile.can_find_as`.
    """
    wanted = _uuid(said.route)
    if wanted is None or not _readable(said, at=at):
        return False
    with transaction(hub.engine) as tx:
        row = routes.find(tx, wanted)
        if row is None:
            return False
        children.lock(tx, row.child)
        key = children.key_of(tx, hub.vault, row.child)
        before = routes.findings_of(tx, wanted)
        if key is None or said.capacity not in _can_find_as(auditor, row, before):
            return False
        _store(tx, key, auditor, row, said, at=at)
        if said.finding == UNJUSTIFIED:
            _stop(tx, auditor, row, before, at=at)
        if said.tell_on is not None:
            on = datetime.combine(said.tell_on, time(), BRUSSELS)
            routes.tell_on(tx, wanted, on=max(on, at), at=at)
    return True


def every_route(hub: Hub) -> tuple[RouteLine, ...]:
    """Return every route without its record, for an operator; oldest first."""
    with transaction(hub.engine) as tx:
        rows = routes.everything(tx)
    return tuple(_route_line(hub, row, row.findings) for row in rows)


def _stop(
    tx: Transaction,
    auditor: AuditorCaller,
    row: AnyRow,
    before: Iterable[AnyRow],
    *,
    at: datetime,
) -> None:
    """The first finding of "unjustified" has its effects; the second changes nothing any more."""
    if any(one.finding == UNJUSTIFIED for one in before):
        return
    # What was over by its time has no keys left; who read it is told all the same.
    if routes.end(tx, row.id, at=at):
        outbox.stop_routes(tx, [row.id], at=at)
        access_log.append(tx, _line(auditor, "route_ended", route=row.id, child=row.child, at=at))
    _tell_recipient(tx, row, at=at)
    breach = reviews.NewReview(
        kind=reviews.BREACH, part=str(row.id), evidence={"ground": row.ground}
    )
    reviews.raise_review(tx, breach, at=at)
    access_log.append(tx, _line(auditor, "breach_started", route=row.id, child=row.child, at=at))


def _tell_recipient(tx: Transaction, row: AnyRow, *, at: datetime) -> None:
    """Who read something on it is told, in the same notice as after a withdrawal."""
    if not outbox.received_by_route(tx, row.id):
        return
    notice = outbox.Due(
        partner=row.recipient,
        child=row.child,
        resource=None,
        version=None,
        kind=outbox.WITHDRAWN,
        route=row.id,
    )
    outbox.queue(tx, [notice], at=at)


def _store(
    tx: Transaction,
    key: bytes,
    auditor: AuditorCaller,
    row: AnyRow,
    said: Finding,
    *,
    at: datetime,
) -> None:
    new = NewFinding(
        route=row.id,
        capacity=said.capacity,
        reviewer=f"auditor/{auditor.auditor}",
        finding=said.finding,
        reasons=said.reasons.strip(),
    )
    routes.file_finding(tx, key, new, at=at)
    entry = _line(
        auditor,
        "route_reviewed",
        route=row.id,
        child=row.child,
        said=(f"capacity/{said.capacity}", f"finding/{said.finding}"),
        at=at,
    )
    access_log.append(tx, entry)


def _readable(said: Finding, *, at: datetime) -> bool:
    today = brussels_date(at)
    in_time = said.tell_on is None or today <= said.tell_on <= today + LONGEST
    reasons = said.reasons.strip()
    return in_time and said.finding in FINDINGS and 0 < len(reasons) <= MOST_CHARACTERS


def _can_find_as(auditor: AuditorCaller, row: AnyRow, found: Iterable[AnyRow]) -> tuple[str, ...]:
    """Nobody twice, and nobody in both capacities."""
    filed = [*found]
    mine = f"auditor/{auditor.auditor}"
    if row.review_due_at is None or any(one.reviewer == mine for one in filed):
        return ()
    taken = {one.capacity for one in filed}
    return tuple(one for one in capacities_of(auditor) if one not in taken)


def _file(
    hub: Hub, auditor: AuditorCaller, row: AnyRow, key: bytes, found: tuple[AnyRow, ...]
) -> RouteFile:
    record: Any = orjson.loads(routes.content_of(key, row))["record"]
    mine = f"auditor/{auditor.auditor}"
    return RouteFile(
        line=_route_line(hub, row, {one.capacity: one.finding for one in found}),
        record=tuple(_leaves(record, "")),
        findings=tuple(
            FindingView(
                capacity=one.capacity,
                finding=one.finding,
                reasons=routes.reasons_of(key, one),
                reviewed_at=one.reviewed_at,
                mine=one.reviewer == mine,
            )
            for one in found
        ),
        can_find_as=_can_find_as(auditor, row, found),
    )


def _leaves(value: Any, above: str) -> Iterable[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{above}.{name}" if above else str(name))
    elif isinstance(value, list):
        for place, inner in enumerate(value, start=1):
            yield from _leaves(inner, f"{above}.{place}")
    else:
        yield above, str(value)


def _route_line(hub: Hub, row: AnyRow, findings: Mapping[str, str]) -> RouteLine:
    return RouteLine(
        id=str(row.id),
        ground=row.ground,
        source=row.source,
        recipient=row.recipient,
        child=hub.vault.pairwise(AUDITORS, row.child),
        invoked_at=row.invoked_at,
        ends_at=row.ends_at,
        ended_at=row.ended_at,
        review_due_at=row.review_due_at,
        told_from=row.notify_at,
        findings=findings,
    )


def _line(
    auditor: AuditorCaller,
    act: str,
    *,
    at: datetime,
    route: UUID | None = None,
    child: UUID | None = None,
    said: tuple[str, ...] = (),
) -> access_log.Entry:
    return access_log.Entry(
        at=at,
        act=act,
        actor=f"auditor/{auditor.auditor}",
        role="auditor",
        purpose="audit",
        child=child,
        resources=(f"route/{route}", *said) if route else (),
        outcome="done",
        correlation=auditor.correlation,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
