"""Decide about what waits for one partner: which rows may go, in which way, with lines for the log.

Under the children's shared locks, so that no withdrawal can finish in between.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from consent.edition import EDITION
from consent.model import Ground
from gateway.exchange.disclose import Judged, Judgement, judge, rests_on, shareable
from gateway.exchange.grounds.family_silence import by_purpose
from gateway.exchange.grounds.route_ground import RunningRoute, running, waits
from gateway.exchange.hub import Hub
from gateway.fhir.capability import READ_TYPES
from gateway.store import access_log, consents, facts, resources
from gateway.store.children import open_key
from gateway.store.engine import AnyRow, Transaction
from gateway.store.facts import Held
from gateway.store.outbox import NOTICES, UPDATED
from gateway.store.resources import StoredResource

ACT = "route"


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """One outbox row with what may go for it."""

    row: AnyRow
    item: Judged | None
    purpose: str | None

    @property
    def state(self) -> str:
        """Return what the row becomes; what waits for a day to object is taken up again later."""
        if self.row.kind in NOTICES or (self.item and self.item.goes):
            return "sealed"
        return "held" if self.item else "denied"


@dataclass(frozen=True, slots=True)
class _Way:
    """One purpose under which something may go: the family's, or that of a legal route."""

    purpose: str
    route: RunningRoute | None = None

    @property
    def ground(self) -> Ground | None:
        return self.route.ground if self.route else None

    def carries(self, parts: Iterable[StoredResource]) -> list[StoredResource]:
        return self.route.carries(parts) if self.route else [*filter(shareable, parts)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One transaction's rows for one partner: what holds under the locks, and lines for the log."""

    tx: Transaction
    hub: Hub
    partner: str
    moments: Mapping[UUID, datetime]
    """The instant of each child's decisions: a clock that is ahead moves no other child's."""
    held: Held
    purposes: Mapping[UUID, tuple[str, ...]]
    lines: list[access_log.Entry] = field(default_factory=list)

    def child_keys(self, of_children: Iterable[UUID]) -> Mapping[UUID, bytes]:
        """Return the data keys of these children; of one who was erased there is none."""
        vault, stored = self.hub.vault, self.held.facts
        asked = {child: stored.get((child, self.partner)) for child in of_children}
        return {one: open_key(vault, one, row.wrapped_key) for one, row in asked.items() if row}


class _About(TypedDict):
    recipient: str
    child: UUID
    ground: Ground | None
    at: datetime


def hold(tx: Transaction, hub: Hub, partner: str, rows: Sequence[AnyRow], *, at: datetime) -> Batch:
    """Share the locks of all children, and read at once what their decisions rest on.

    What is queued was decided by then, also when this process' clock is behind.
    """
    about = sorted({row.child for row in rows})
    asked = [(child, partner) for child in about]
    return Batch(
        tx=tx,
        hub=hub,
        partner=partner,
        moments=latest_of_each(at, ((row.child, row.queued_at) for row in rows)),
        held=facts.load_locked(tx, asked, READ_TYPES, wait=True),
        purposes=consents.purposes_for_each(tx, about, partner),
    )


def latest_of_each(at: datetime, known: Iterable[tuple[UUID, datetime]]) -> Mapping[UUID, datetime]:
    """Return for each child the latest instant that is known of it, or `at` if none is later."""
    latest: dict[UUID, datetime] = {}
    for child, moment in known:
        latest[child] = max(at, moment, latest.get(child, at))
    return latest


def _alike(rows: Iterable[AnyRow]) -> list[list[AnyRow]]:
    """Group what is decided together: one child, and one legal route or none."""
    grouped: dict[tuple[UUID, UUID | None], list[AnyRow]] = defaultdict(list)
    for row in rows:
        grouped[row.child, row.route].append(row)
    return list(grouped.values())


def decide_rows(batch: Batch, rows: Iterable[AnyRow]) -> list[Routed]:
    """Decide about all rows, child by child; what the log is to say is left in the batch."""
    return [one for group in _alike(rows) for one in _route(batch, group)]


def _route(batch: Batch, rows: list[AnyRow]) -> list[Routed]:
    """Decide about one child's rows for one partner: by a legal route, or as the family decided."""
    child, route = rows[0].child, rows[0].route
    wanted = {row.resource: row for row in rows if row.kind == UPDATED}
    if not wanted:
        return [Routed(row=row, item=None, purpose=None) for row in rows]
    # On a legal route types go that nobody reads otherwise.
    known = resources.of_child(batch.tx, child) if route else batch.held.parts.get(child, ())
    parts = [part for part in known if part.id in wanted]
    released = _released(batch, child, parts, _ways(batch, child, route))
    # Several rows about one resource become one message: the newest state is the one that counts.
    newest = {row.resource: row.id for row in rows}
    return [
        Routed(
            row=row,
            item=item if newest[row.resource] == row.id else None,
            purpose=purpose,
        )
        for row in rows
        for item, purpose in [released.get(row.resource, (None, None))]
    ]


def _ways(batch: Batch, child: UUID, route: UUID | None) -> list[_Way]:
    if route is None:
        return [_Way(one) for one in batch.purposes.get(child, ())]
    found = running(batch.tx, batch.hub, route, at=batch.moments[child])
    return [_Way(found.purpose, found)] if found else []


def _released(
    batch: Batch, child: UUID, parts: list[StoredResource], ways: Iterable[_Way]
) -> dict[UUID, tuple[Judged | None, str | None]]:
    """Decide in each way; the first that lets a resource go, or lets it wait, counts."""
    released: dict[UUID, tuple[Judged | None, str | None]] = {}
    for way in ways:
        left = [part for part in way.carries(parts) if part.id not in released]
        if not left:
            break
        released |= {
            item.stored.id: (item, way.purpose)
            for item in _judge(batch, child, left, way)
            if item.goes or (way.route and waits(item.decision))
        }
    return released


def _judge(batch: Batch, child: UUID, parts: list[StoredResource], way: _Way) -> list[Judged]:
    """Decide in one way, with a line of the log for each purpose that it was decided for."""
    tx, hub, held = batch.tx, batch.hub, batch.held
    judged: list[Judged] = []
    about: _About = {
        "recipient": batch.partner,
        "child": child,
        "ground": way.ground,
        "at": batch.moments[child],
    }
    grouped = by_purpose(tx, hub, parts=parts, purpose=way.purpose, **about)
    for purpose, group in grouped.items():
        judgement = judge(tx, hub, parts=group, purpose=purpose, kind="routed", held=held, **about)
        batch.lines.append(_log_line(batch, child, replace(way, purpose=purpose), judgement))
        judged += judgement.judged if judgement else ()
    return judged


def _log_line(
    batch: Batch, child: UUID, way: _Way, judgement: Judgement | None
) -> access_log.Entry:
    released = judgement.released if judgement else ()
    return access_log.Entry(
        at=batch.moments[child],
        act=ACT,
        actor="hub",
        partner=batch.partner,
        role="system",
        purpose=way.purpose,
        child=child,
        resources=tuple(f"{item.stored.id}/{item.stored.version}" for item in released),
        classes=tuple(sorted({item.stored.data_class for item in released})),
        outcome=judgement.outcome if judgement else "deny",
        rules=judgement.rules if judgement else (),
        consents=judgement.consents if judgement else (),
        basis=rests_on(batch.hub, ACT, judgement),
        rules_version=EDITION if judgement else None,
        correlation=str(way.route.id) if way.route else None,
    )
