"""Turn what waits in the outbox into sealed messages: decide, number, encrypt, log.

The stream carries ciphertext; `release_key` carries the permission. A crash after the commit
sends the same message again under the same id.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from uuid import UUID, uuid4

from gateway.exchange.deliveries.answer_of_broker import mark_sent, requeue_lost
from gateway.exchange.deliveries.decide_delivery import Batch, Routed, decide_rows, hold
from gateway.exchange.deliveries.park_delivery import (
    ContentGone,
    count_failure,
    is_final,
    note_failure,
)
from gateway.exchange.deliveries.write_message import (
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
from gateway.exchange.hub import Hub
from gateway.exchange.sealing_fuse import AGAIN, SEAL
from gateway.observability import Event, warn
from gateway.store import access_log, message_keys, outbox, parking, resources
from gateway.store.engine import AnyRow, Transaction, transaction
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


@dataclass(frozen=True, slots=True)
class _Keys:
    """What content is read with, and what the keys of messages hang from."""

    of_children: ChildKeys
    above: Mapping[message_keys.Scope, message_keys.OpenKey]


def claim_and_seal(
    hub: Hub,
    *,
    limit: int,
    at: datetime,
    ways: Iterable[str] = BY_KAFKA,
    passing_over: Collection[str] = (),
) -> tuple[Sealed, ...]:
    """Seal up to `limit` waiting rows per partner that receives in one of these ways.

    Denied rows are closed with a log line. Rows of partners that are passed over wait. What failed
    is counted at the end, when everything that fails has shown.
    """
    with transaction(hub.engine) as tx:
        waiting = outbox.partners_due(tx, ways=ways)
    sealed, failed = list[Sealed](), dict[int, Exception]()
    for partner in hub.fuse.may_try(SEAL, [one for one in waiting if one not in passing_over]):
        sealed += _seal_alone(hub, partner, failed, limit=limit, at=at)
    for row, error in failed.items():
        count_failure(hub, SEAL, row, error, at=at)
    return tuple(sealed)


def unsent(
    hub: Hub, *, partner: str, limit: int, at: datetime, ways: Iterable[str] = BY_KAFKA
) -> tuple[Sealed, ...]:
    """Return a partner's messages sealed earlier and never marked sent, under the same ids.

    A message whose key was destroyed meanwhile keeps its number and opens for nobody. Raises what
    stands in the way of the first message, until that one is parked.
    """
    with transaction(hub.engine) as tx:
        rows = outbox.unsent(tx, partner, limit=limit, ways=ways)
    try:
        with transaction(hub.engine) as tx:
            together = outbox.at_once(rows)
            return hub.fuse.worked(AGAIN, partner, _seal_all_again(tx, hub, together))
    except NOT_ITS_OWN:
        raise
    except Exception:  # noqa: BLE001 -- one message's trouble is that of this message only
        return _unsent_before_trouble(hub, rows, at=at)


def _unsent_before_trouble(hub: Hub, rows: Sequence[AnyRow], *, at: datetime) -> tuple[Sealed, ...]:
    """Return the messages before the first in trouble; all are tried, so that all are counted.

    Also what weighs too much to go along: whether that works tells whose trouble it is.
    """
    made, failed = _tried_alone(hub, rows)
    for row in rows:
        error = failed.get(row.id)
        if error and count_failure(hub, AGAIN, row.outbox, error, at=at):
            made[row.id] = blank_message(hub, known_delivery(row))
    if rows[0].id not in made:
        raise failed[rows[0].id]
    return tuple(made[row.id] for row in takewhile(lambda row: row.id in made, rows))


def _tried_alone(
    hub: Hub, rows: Iterable[AnyRow]
) -> tuple[dict[UUID, Sealed], dict[UUID, Exception]]:
    """Write each sealed message alone; return those that can be, and what stops the others."""
    made, failed = dict[UUID, Sealed](), dict[UUID, Exception]()
    for row in rows:
        if sum(len(one.jwe) for one in made.values()) > outbox.MOST_BYTES:
            break
        try:
            with transaction(hub.engine) as tx:
                made[row.id] = _seal_again(tx, hub, row)
        except NOT_ITS_OWN:
            raise
        except Exception as error:  # noqa: BLE001 -- one message's trouble is that of this message
            note_failure(hub, AGAIN, row, error)
            failed[row.id] = error
        else:
            # What holds nothing proves nothing.
            hub.fuse.worked(AGAIN, row.partner, [row] if _holds_something(row) else [])
    return made, failed


def _holds_something(row: AnyRow) -> bool:
    return row.kind == UPDATED and row.wrapped_key is not None


def _seal_alone(
    hub: Hub, partner: str, failed: dict[int, Exception], *, limit: int, at: datetime
) -> list[Sealed]:
    try:
        with transaction(hub.engine) as tx:
            rows = outbox.claim(tx, partner, limit=limit)
            return hub.fuse.worked(SEAL, partner, _seal_rows(tx, hub, partner, rows, at=at))
    except NOT_ITS_OWN:
        raise
    except Exception as error:  # noqa: BLE001 -- one partner's trouble never stops the others
        warn(Event.SEALING_FAILED, partner=partner, error=type(error).__name__)
        return _seal_one_by_one(hub, partner, failed, limit=limit, at=at)


def _seal_one_by_one(
    hub: Hub, partner: str, failed: dict[int, Exception], *, limit: int, at: datetime
) -> list[Sealed]:
    """Try up to `limit` rows; one that cannot be sealed holds up its own child until parked."""
    sealed: list[Sealed] = []
    held_up: set[UUID] = set()
    for one in _one_by_one(hub, partner, held_up, limit=limit):
        if sum(len(done.jwe) for done in sealed) > outbox.MOST_BYTES:
            break
        try:
            with transaction(hub.engine) as tx:
                rows = outbox.claim(tx, partner, limit=1, only=one.id)
                sealed += hub.fuse.worked(SEAL, partner, _seal_rows(tx, hub, partner, rows, at=at))
        except NOT_ITS_OWN:
            raise
        except Exception as error:  # noqa: BLE001 -- idem
            note_failure(hub, SEAL, one, error)
            if is_final(error):
                count_failure(hub, SEAL, one.id, error, at=at)
            else:
                held_up.add(one.child)
                failed[one.id] = error
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
    batch = hold(tx, hub, partner, rows, at=at)
    routed = decide_rows(batch, rows)
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
        of_children=batch.child_keys(one.row.child for one in going),
        above=message_keys.open_keys(tx, hub.vault, scopes, at=at),
    )
    made = [_make(batch, keys, one, number) for one, number in zip(going, numbers, strict=True)]
    outbox.save_deliveries(tx, [delivery for delivery, _ in made])
    return [message for _, message in made]


def _scope(one: Routed) -> message_keys.Scope | None:
    """What an act of the family could stop it with; a legal route is stopped on its own."""
    if one.item is None or one.purpose is None or one.row.route:
        return None
    stored = one.item.stored
    return message_keys.Scope(
        one.row.child, one.row.partner, one.purpose, stored.data_class, stored.partner
    )


def _make(batch: Batch, keys: _Keys, one: Routed, sequence: int) -> tuple[NewDelivery, Sealed]:
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
        sealed_at=batch.moments[row.child],
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


def _seal_all_again(tx: Transaction, hub: Hub, rows: Sequence[AnyRow]) -> tuple[Sealed, ...]:
    """Write messages as they were sealed, each under the key that it had, or blank without one."""
    known = [known_delivery(row) for row in rows]
    left = message_keys.content_keys(tx, hub.vault, rows)
    told = {(one.resource, one.version) for one in known if one.id in left}
    versions = resources.find_versions(tx, told)
    of_children = child_keys(tx, hub, sorted({one.child for one in known if one.id in left}))
    # A notice that was parked uses its number too, and no more.
    over = {row.id for row in rows if row.state == "gone"}
    return tuple(
        blank_message(hub, one)
        if one.id in over
        else _written_again(
            tx, hub, one, left.get(one.id), versions.get((one.resource, one.version)), of_children
        )
        for one in known
    )


def _seal_again(tx: Transaction, hub: Hub, row: AnyRow) -> Sealed:
    return _seal_all_again(tx, hub, [row])[0]


def _written_again(  # noqa: PLR0917 -- what was read at once for all of them
    tx: Transaction,
    hub: Hub,
    known: NewDelivery,
    key: bytes | None,
    stored: StoredResource | None,
    keys: ChildKeys,
) -> Sealed:
    if known.kind in NOTICES:
        return write_message(tx, hub, known, None, None, keys={})
    if key is None:
        return blank_message(hub, known)
    if stored is None:
        raise ContentGone
    return write_message(tx, hub, known, stored, key, keys=keys)
