"""Turn what waits in the outbox into sealed messages: decide, number, encrypt, log.

The stream carries ciphertext; `release_key` carries the permission. A crash after the commit
sends the same message again under the same id.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypedDict
from uuid import UUID, uuid4

from consent.edition import EDITION
from consent.model import Ground
from gateway import clock
from gateway.exchange.answer_of_broker import mark_sent, requeue_lost
from gateway.exchange.disclose import Judged, Judgement, judge, rests_on, shareable
from gateway.exchange.family_silence import by_purpose
from gateway.exchange.hub import Hub
from gateway.exchange.park_delivery import ContentGone, count_failure, let_others_tell
from gateway.exchange.route_ground import RunningRoute, running, waits
from gateway.exchange.sealing_fuse import AGAIN, SEAL
from gateway.exchange.write_message import (
    ENDED_TYPE,
    UPDATED_TYPE,
    WITHDRAWN_TYPE,
    ChildKeys,
    Sealed,
    blank_message,
    child_keys,
    known_delivery,
    write_message,
)
from gateway.fhir.capability import READ_TYPES
from gateway.observability import Event, warn
from gateway.store import access_log, consents, facts, message_keys, outbox, parking, resources
from gateway.store.engine import AnyRow, Transaction, transaction
from gateway.store.facts import Held
from gateway.store.outbox import NOTICES, UPDATED, NewDelivery
from gateway.store.parking import NOT_ITS_OWN
from gateway.store.receiving import BY_KAFKA
from gateway.store.resources import StoredResource
from gateway.store.vault import new_key

__all__ = [
    "ENDED_TYPE",
    "UPDATED_TYPE",
    "WITHDRAWN_TYPE",
    "Sealed",
    "claim_and_seal",
    "mark_sent",
    "requeue_lost",
    "unsent",
]

ACT = "route"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Routed:
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
class _Batch:
    """One transaction's rows for one partner: what holds under the locks, and lines for the log."""

    tx: Transaction
    hub: Hub
    partner: str
    at: datetime
    held: Held
    purposes: Mapping[UUID, tuple[str, ...]]
    lines: list[access_log.Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Keys:
    """What content is read with, and what the keys of messages hang from."""

    of_children: ChildKeys
    above: Mapping[message_keys.Scope, message_keys.OpenKey]


class _About(TypedDict):
    recipient: str
    child: UUID
    ground: Ground | None
    at: datetime


def claim_and_seal(
    hub: Hub, *, limit: int, at: datetime, ways: Iterable[str] = BY_KAFKA
) -> tuple[Sealed, ...]:
    """Seal up to `limit` due rows per partner of these ways; denied ones close with a log line."""
    with transaction(hub.engine) as tx:
        waiting = outbox.partners_due(tx, ways=ways)
    sealed: list[Sealed] = []
    for partner in hub.fuse.may_try(SEAL, waiting):
        sealed += _seal_alone(hub, partner, limit=limit, at=at)
    return tuple(sealed)


def unsent(
    hub: Hub, *, partner: str, limit: int, ways: Iterable[str] = BY_KAFKA
) -> tuple[Sealed, ...]:
    """Return a partner's messages sealed earlier and never marked sent, under the same ids.

    A message whose key was destroyed meanwhile keeps its number and opens for nobody. Raises what
    stands in the way of the first message, until that one is parked.
    """
    with transaction(hub.engine) as tx:
        rows = outbox.unsent(tx, partner, limit=limit, ways=ways)
    try:
        with transaction(hub.engine) as tx:
            return hub.fuse.worked(AGAIN, partner, tuple(_seal_again(tx, hub, row) for row in rows))
    except NOT_ITS_OWN:
        raise
    except Exception:  # noqa: BLE001 -- one message's trouble is that of this message only
        return _unsent_before_trouble(hub, rows, at=clock.now())


def _unsent_before_trouble(hub: Hub, rows: Sequence[AnyRow], *, at: datetime) -> tuple[Sealed, ...]:
    again: list[Sealed] = []
    for row in rows:
        try:
            with transaction(hub.engine) as tx:
                again.append(_seal_again(tx, hub, row))
        except NOT_ITS_OWN:
            raise
        except Exception as error:
            let_others_tell(hub, rows, _seal_again)
            if count_failure(hub, row.outbox, error, at=at):
                again.append(blank_message(hub, known_delivery(row)))
            elif again:
                break
            else:
                raise
    return tuple(again)


def _seal_alone(hub: Hub, partner: str, *, limit: int, at: datetime) -> list[Sealed]:
    try:
        with transaction(hub.engine) as tx:
            rows = outbox.claim(tx, partner, limit=limit)
            return hub.fuse.worked(SEAL, partner, _seal_rows(tx, hub, partner, rows, at=at))
    except NOT_ITS_OWN:
        raise
    except Exception as error:  # noqa: BLE001 -- one partner's trouble never stops the others
        warn(Event.SEALING_FAILED, partner=partner, error=type(error).__name__)
        return _seal_one_by_one(hub, partner, limit=limit, at=at)


def _seal_one_by_one(hub: Hub, partner: str, *, limit: int, at: datetime) -> list[Sealed]:
    """Try up to `limit` rows; one that cannot be sealed holds up its own child until parked."""
    sealed: list[Sealed] = []
    held_up: set[UUID] = set()
    for one in _one_by_one(hub, partner, held_up, limit=limit):
        try:
            with transaction(hub.engine) as tx:
                rows = outbox.claim(tx, partner, limit=1, only=one.id)
                sealed += hub.fuse.worked(SEAL, partner, _seal_rows(tx, hub, partner, rows, at=at))
        except NOT_ITS_OWN:
            raise
        except Exception as error:  # noqa: BLE001 -- idem
            if not count_failure(hub, one.id, error, at=at):
                held_up.add(one.child)
    return sealed


def _one_by_one(
    hub: Hub, partner: str, held_up: Collection[UUID], *, limit: int
) -> Iterator[AnyRow]:
    """Yield rows that wait; many of a child that is held up take no other child's place."""
    after = 0
    for _ in range(limit):
        with transaction(hub.engine) as tx:
            found = parking.next_due(tx, partner, after=after, held_up=held_up)
        if found is None:
            return
        after = found.id
        yield found


def _seal_rows(
    tx: Transaction, hub: Hub, partner: str, rows: Sequence[AnyRow], *, at: datetime
) -> list[Sealed]:
    if not rows:
        return []
    batch = _hold(tx, hub, partner, rows, at=at)
    routed = [one for group in _alike(rows) for one in _route(batch, group)]
    if batch.lines:
        access_log.append(tx, *batch.lines)
    going = sorted((one for one in routed if one.state == "sealed"), key=lambda one: one.row.id)
    for state in ("sealed", "denied", "held"):
        outbox.close(tx, [one.row.id for one in routed if one.state == state], state)
    if not going:
        return []
    numbers = outbox.take_sequences(tx, partner, len(going))
    scopes = filter(None, map(_scope, going))
    keys = _Keys(
        of_children=child_keys(tx, hub, [one.row.child for one in going]),
        above=message_keys.open_keys(tx, hub.vault, scopes, at=at),
    )
    made = [_make(batch, keys, one, number) for one, number in zip(going, numbers, strict=True)]
    outbox.save_deliveries(tx, [delivery for delivery, _ in made], at=at)
    return [message for _, message in made]


def _hold(
    tx: Transaction, hub: Hub, partner: str, rows: Sequence[AnyRow], *, at: datetime
) -> _Batch:
    """Share the locks of all children, and read at once what their decisions rest on."""
    about = sorted({row.child for row in rows})
    asked = [(child, partner) for child in about]
    return _Batch(
        tx=tx,
        hub=hub,
        partner=partner,
        at=at,
        held=facts.load_locked(tx, asked, READ_TYPES, wait=True),
        purposes=consents.purposes_for_each(tx, about, partner),
    )


def _alike(rows: Iterable[AnyRow]) -> list[list[AnyRow]]:
    """Group what is decided together: one child, and one legal route or none."""
    grouped: dict[tuple[UUID, UUID | None], list[AnyRow]] = defaultdict(list)
    for row in rows:
        grouped[row.child, row.route].append(row)
    return list(grouped.values())


def _route(batch: _Batch, rows: list[AnyRow]) -> list[_Routed]:
    """Decide about one child's rows for one partner: by a legal route, or as the family decided."""
    child, route = rows[0].child, rows[0].route
    wanted = {row.resource: row for row in rows if row.kind == UPDATED}
    if not wanted:
        return [_Routed(row=row, item=None, purpose=None) for row in rows]
    # On a legal route types go that nobody reads otherwise.
    known = resources.of_child(batch.tx, child) if route else batch.held.parts.get(child, ())
    parts = [part for part in known if part.id in wanted]
    released = _released(batch, child, parts, _ways(batch, child, route))
    # Several rows about one resource become one message: the newest state is the one that counts.
    newest = {row.resource: row.id for row in rows}
    return [
        _Routed(
            row=row,
            item=item if newest[row.resource] == row.id else None,
            purpose=purpose,
        )
        for row in rows
        for item, purpose in [released.get(row.resource, (None, None))]
    ]


def _ways(batch: _Batch, child: UUID, route: UUID | None) -> list[_Way]:
    if route is None:
        return [_Way(one) for one in batch.purposes.get(child, ())]
    found = running(batch.tx, batch.hub, route, at=batch.at)
    return [_Way(found.purpose, found)] if found else []


def _released(
    batch: _Batch, child: UUID, parts: list[StoredResource], ways: Iterable[_Way]
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


def _judge(batch: _Batch, child: UUID, parts: list[StoredResource], way: _Way) -> list[Judged]:
    """Decide in one way, with a line of the log for each purpose that it was decided for."""
    tx, hub, held = batch.tx, batch.hub, batch.held
    judged: list[Judged] = []
    about: _About = {
        "recipient": batch.partner,
        "child": child,
        "ground": way.ground,
        "at": batch.at,
    }
    grouped = by_purpose(tx, hub, parts=parts, purpose=way.purpose, **about)
    for purpose, group in grouped.items():
        judgement = judge(tx, hub, parts=group, purpose=purpose, kind="routed", held=held, **about)
        batch.lines.append(_log_line(batch, child, replace(way, purpose=purpose), judgement))
        judged += judgement.judged if judgement else ()
    return judged


def _scope(one: _Routed) -> message_keys.Scope | None:
    """What an act of the family could stop it with; a legal route is stopped on its own."""
    if one.item is None or one.purpose is None or one.row.route:
        return None
    stored = one.item.stored
    return message_keys.Scope(
        one.row.child, one.row.partner, one.purpose, stored.data_class, stored.partner
    )


def _make(batch: _Batch, keys: _Keys, one: _Routed, sequence: int) -> tuple[NewDelivery, Sealed]:
    row, delivery, hub = one.row, uuid4(), batch.hub
    key = new_key() if one.item else None
    scope = _scope(one)
    above = keys.above[scope] if scope else None
    stored = one.item.stored if one.item else None
    new = NewDelivery(
        id=delivery,
        outbox=row.id,
        partner=row.partner,
        child=row.child,
        resource=stored.id if stored else None,
        version=stored.version if stored else None,
        kind=row.kind,
        sequence=sequence,
        purpose=one.purpose if one.item else None,
        effect=one.item.decision.effect if one.item else None,
        consents=tuple(UUID(found) for found in one.item.decision.consents)
        if one.item
        else tuple(found for found in (row.consent,) if found),
        wrapped_key=message_keys.wrap(hub.vault, key, delivery, above) if key else None,
        route=row.route,
        message_key=above.id if above else None,
    )
    return new, write_message(batch.tx, hub, new, stored, key, keys=keys.of_children)


def _seal_again(tx: Transaction, hub: Hub, row: AnyRow) -> Sealed:
    known = known_delivery(row)
    if known.kind in NOTICES:
        return write_message(tx, hub, known, None, None, keys={})
    key = message_keys.content_keys(tx, hub.vault, [row]).get(known.id)
    if key is None:
        return blank_message(hub, known)
    assert known.resource is not None
    assert known.version is not None
    stored = resources.find_version(tx, known.resource, known.version)
    if stored is None:
        raise ContentGone
    return write_message(tx, hub, known, stored, key, keys=child_keys(tx, hub, [known.child]))


def _log_line(
    batch: _Batch, child: UUID, way: _Way, judgement: Judgement | None
) -> access_log.Entry:
    released = judgement.released if judgement else ()
    return access_log.Entry(
        at=batch.at,
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
