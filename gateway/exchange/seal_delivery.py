"""Turn what waits in the outbox into sealed messages: decide, number, encrypt, log.

The stream carries ciphertext; `release_key` carries the permission. A crash after the commit
sends the same message again under the same id.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict
from uuid import UUID, uuid4

import orjson

from adapters.contract import dump
from consent.edition import EDITION
from consent.model import Ground
from gateway.errors import SourceUnavailable
from gateway.exchange.disclose import Judged, Judgement, judge, rests_on, shape, shareable
from gateway.exchange.family_silence import by_purpose
from gateway.exchange.hub import Hub
from gateway.exchange.route_ground import RunningRoute, running, waits
from gateway.identity.jose import seal
from gateway.observability import Event, warn
from gateway.store import (
    access_log,
    children,
    consents,
    corrections,
    message_keys,
    outbox,
    resources,
    stopping,
)
from gateway.store.engine import AnyRow, Transaction, transaction
from gateway.store.outbox import ENDED, NOTICES, UPDATED, NewDelivery
from gateway.store.receiving import BY_KAFKA
from gateway.store.resources import StoredResource
from gateway.store.vault import new_key

UPDATED_TYPE = "be.deelregie.record.updated.v1"
WITHDRAWN_TYPE = "be.deelregie.consent.withdrawn.v1"
ENDED_TYPE = "be.deelregie.record.ended.v1"
ACT = "route"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """One message as it goes on the wire; a notice carries only message ids."""

    delivery: str
    partner: str
    sequence: int
    type: str
    bucket: str
    jwe: bytes


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


class _About(TypedDict):
    recipient: str
    child: UUID
    ground: Ground | None
    at: datetime


def claim_and_seal(
    hub: Hub, *, limit: int, at: datetime, ways: Iterable[str] = BY_KAFKA
) -> tuple[Sealed, ...]:
    """Seal up to `limit` waiting rows per partner that receives in one of these ways.

    Denied rows are closed with a log line.
    """
    with transaction(hub.engine) as tx:
        waiting = outbox.partners_due(tx, ways=ways)
    sealed: list[Sealed] = []
    for partner in waiting:
        sealed += _seal_alone(hub, partner, limit=limit, at=at)
    return tuple(sealed)


def unsent(
    hub: Hub, *, partner: str, limit: int, ways: Iterable[str] = BY_KAFKA
) -> tuple[Sealed, ...]:
    """Return a partner's messages sealed earlier and never marked sent, under the same ids."""
    with transaction(hub.engine) as tx:
        rows = outbox.unsent(tx, partner, limit=limit, ways=ways)
        again = [_seal_again(tx, hub, row) for row in rows]
    return tuple(message for message in again if message is not None)


def mark_sent(hub: Hub, offsets: Sequence[tuple[str, int]], *, at: datetime) -> None:
    """Record the broker's acknowledgement of messages."""
    with transaction(hub.engine) as tx:
        outbox.mark_sent(tx, [(UUID(found), offset) for found, offset in offsets], at=at)


def requeue_lost(hub: Hub, partner: str) -> int:
    """Let everything that a broker lost and nobody read go out again; return how many."""
    with transaction(hub.engine) as tx:
        return outbox.requeue(tx, partner)


def _seal_alone(hub: Hub, partner: str, *, limit: int, at: datetime) -> list[Sealed]:
    try:
        with transaction(hub.engine) as tx:
            return _seal_for(tx, hub, partner, limit=limit, at=at)
    except SourceUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 -- one partner's trouble never stops the others
        warn(Event.SEALING_FAILED, partner=partner, error=type(error).__name__)
        return []


def _seal_for(tx: Transaction, hub: Hub, partner: str, *, limit: int, at: datetime) -> list[Sealed]:
    rows = outbox.claim(tx, partner, limit=limit)
    for child in sorted({row.child for row in rows}):
        children.lock_shared(tx, child)
    routed = [one for group in _alike(rows) for one in _route(tx, hub, partner, group, at=at)]
    going = sorted((one for one in routed if one.state == "sealed"), key=lambda one: one.row.id)
    for state in ("sealed", "denied", "held"):
        outbox.close(tx, [one.row.id for one in routed if one.state == state], state)
    if not going:
        return []
    numbers = outbox.take_sequences(tx, partner, len(going))
    above = message_keys.open_keys(tx, hub.vault, filter(None, map(_scope, going)), at=at)
    made = [_make(tx, hub, one, number, above) for one, number in zip(going, numbers, strict=True)]
    outbox.save_deliveries(tx, [delivery for delivery, _ in made], at=at)
    return [message for _, message in made]


def _alike(rows: Iterable[AnyRow]) -> list[list[AnyRow]]:
    """Group what is decided together: one child, and one legal route or none."""
    grouped: dict[tuple[UUID, UUID | None], list[AnyRow]] = defaultdict(list)
    for row in rows:
        grouped[row.child, row.route].append(row)
    return list(grouped.values())


def _route(
    tx: Transaction,
    hub: Hub,
    partner: str,
    rows: list[AnyRow],
    *,
    at: datetime,
) -> list[_Routed]:
    """Decide about one child's rows for one partner: by a legal route, or as the family decided."""
    child, route = rows[0].child, rows[0].route
    wanted = {row.resource: row for row in rows if row.kind == UPDATED}
    if not wanted:
        return [_Routed(row=row, item=None, purpose=None) for row in rows]
    known = resources.of_child(tx, child)
    parts = [part for part in known if part.id in wanted]
    ways = _ways(tx, hub, partner, child, route, at=at)
    released = _released(tx, hub, partner, child, parts, ways=ways, at=at)
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


def _ways(
    tx: Transaction, hub: Hub, partner: str, child: UUID, route: UUID | None, *, at: datetime
) -> list[_Way]:
    if route is None:
        return [_Way(one) for one in consents.purposes_granted(tx, child, partner)]
    found = running(tx, hub, route, at=at)
    return [_Way(found.purpose, found)] if found else []


def _released(
    tx: Transaction,
    hub: Hub,
    partner: str,
    child: UUID,
    parts: list[StoredResource],
    *,
    ways: Iterable[_Way],
    at: datetime,
) -> dict[UUID, tuple[Judged | None, str | None]]:
    """Decide in each way; the first that lets a resource go, or lets it wait, counts."""
    released: dict[UUID, tuple[Judged | None, str | None]] = {}
    for way in ways:
        left = [part for part in way.carries(parts) if part.id not in released]
        if not left:
            break
        judged = _judge(tx, hub, partner, child, left, way=way, at=at)
        released |= {
            item.stored.id: (item, way.purpose)
            for item in judged
            if item.goes or (way.route and waits(item.decision))
        }
    return released


def _judge(
    tx: Transaction,
    hub: Hub,
    partner: str,
    child: UUID,
    parts: list[StoredResource],
    *,
    way: _Way,
    at: datetime,
) -> list[Judged]:
    """Decide in one way, with a line of the log for each purpose that it was decided for."""
    judged: list[Judged] = []
    about: _About = {"recipient": partner, "child": child, "ground": way.ground, "at": at}
    grouped = by_purpose(tx, hub, parts=parts, purpose=way.purpose, **about)
    for purpose, group in grouped.items():
        judgement = judge(tx, hub, parts=group, purpose=purpose, kind="routed", **about)
        line = _log_line(hub, partner, child, replace(way, purpose=purpose), judgement, at=at)
        access_log.append(tx, line)
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


def _make(
    tx: Transaction,
    hub: Hub,
    one: _Routed,
    sequence: int,
    keys: Mapping[message_keys.Scope, message_keys.OpenKey],
) -> tuple[NewDelivery, Sealed]:
    row, delivery = one.row, uuid4()
    key = new_key() if one.item else None
    scope = _scope(one)
    above = keys[scope] if scope else None
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
    return new, _message(tx, hub, new, stored, key)


def _seal_again(tx: Transaction, hub: Hub, row: AnyRow) -> Sealed | None:
    names = NewDelivery.__dataclass_fields__
    known = NewDelivery(**{name: getattr(row, name) for name in names})
    if known.kind in NOTICES:
        return _message(tx, hub, known, None, None)
    assert known.resource is not None
    assert known.version is not None
    stored = resources.find_version(tx, known.resource, known.version)
    key = message_keys.content_keys(tx, hub.vault, [row]).get(known.id)
    if stored is None or key is None:
        return None
    return _message(tx, hub, known, stored, key)


def _message(
    tx: Transaction,
    hub: Hub,
    delivery: NewDelivery,
    stored: StoredResource | None,
    key: bytes | None,
) -> Sealed:
    if delivery.kind == ENDED:
        return _sealed(hub, delivery, ENDED_TYPE, _ended_ids(tx, hub, delivery))
    if stored is None or key is None:
        return _sealed(hub, delivery, WITHDRAWN_TYPE, _withdrawn_ids(tx, delivery))
    child_key = children.key_of(tx, hub.vault, delivery.child)
    assert child_key is not None
    content = shape(
        hub, delivery.partner, child_key, stored, extract=delivery.effect == "extract"
    ).content
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": content}]}
    return _sealed(hub, delivery, UPDATED_TYPE, seal(key, str(delivery.id), dump(bundle)))


def _withdrawn_ids(tx: Transaction, delivery: NewDelivery) -> bytes:
    if delivery.route:
        return _named("withdrawn", outbox.received_by_route(tx, delivery.route))
    withdrawn = [consents.stopped_part(tx, one, delivery.partner) for one in delivery.consents]
    read = [found for one in withdrawn if one for found in outbox.received(tx, one)]
    # What ended by itself names its messages one by one: others of its scope may go on.
    ended = [] if withdrawn else stopping.told_by(tx, delivery.outbox)
    return _named("withdrawn", [*read, *ended])


def _ended_ids(tx: Transaction, hub: Hub, delivery: NewDelivery) -> bytes:
    """Name the messages that were opened, and diagnoses by the reader's own ids."""
    told = corrections.told_by(tx, delivery.outbox)
    messages = [one.delivery for one in told if one.delivery]
    messages += stopping.told_by(tx, delivery.outbox)
    named: dict[str, list[str]] = {"ended": [str(one) for one in dict.fromkeys(messages)]}
    if told:
        read = {hub.vault.pairwise(delivery.partner, one.resource) for one in told}
        named["resources"] = sorted(read)
    return orjson.dumps(named)


def _named(what: str, read: Iterable[UUID]) -> bytes:
    return orjson.dumps({what: [str(found) for found in read]})


def _sealed(hub: Hub, delivery: NewDelivery, kind: str, payload: bytes) -> Sealed:
    return Sealed(
        delivery=str(delivery.id),
        partner=delivery.partner,
        sequence=delivery.sequence,
        type=kind,
        bucket=hub.vault.bucket(delivery.partner, delivery.child),
        jwe=payload,
    )


def _log_line(
    hub: Hub,
    partner: str,
    child: UUID,
    way: _Way,
    judgement: Judgement | None,
    *,
    at: datetime,
) -> access_log.Entry:
    released = judgement.released if judgement else ()
    return access_log.Entry(
        at=at,
        act=ACT,
        actor="hub",
        partner=partner,
        role="system",
        purpose=way.purpose,
        child=child,
        resources=tuple(f"{item.stored.id}/{item.stored.version}" for item in released),
        classes=tuple(sorted({item.stored.data_class for item in released})),
        outcome=judgement.outcome if judgement else "deny",
        rules=judgement.rules if judgement else (),
        consents=judgement.consents if judgement else (),
        basis=rests_on(hub, ACT, judgement),
        rules_version=EDITION if judgement else None,
        correlation=str(way.route.id) if way.route else None,
    )
