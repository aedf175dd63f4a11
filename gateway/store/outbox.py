"""Outbox and deliveries: what is to go out, what went out, and the keys that open it.

Rows are claimed behind the commit horizon (`xid < pg_snapshot_xmin`), because the order of ids
is not the order of commits and a cursor on ids would skip rows under load.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Uuid,
    any_,
    bindparam,
    case,
    func,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from gateway.store import message_keys, partners
from gateway.store.consents import ConsentRow
from gateway.store.engine import AnyRow, AnySelect, Transaction, rows_as_json
from gateway.store.message_key_tables import message_key
from gateway.store.receiving import BY_KAFKA, takes
from gateway.store.receiving_tables import notice_answer
from gateway.store.tables import delivery, outbox, partner, resource

UPDATED, WITHDRAWN, ENDED = "updated", "withdrawn", "ended"
# What names messages that were read, and tells nothing new.
NOTICES = frozenset({WITHDRAWN, ENDED})
# Enough for what a family usually has under way; with more the act does not take longer.
SETTLED_AT_ONCE = 20
# What is taken in hand at once of one partner, in bytes of content; a larger one goes alone. Padded
# and sealed it is at most three times as much.
MOST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One thing that may have to go to one partner."""

    partner: str
    child: UUID
    resource: UUID | None
    version: int | None
    kind: str
    consent: UUID | None = None
    route: UUID | None = None
    state: str = "due"
    """Or `held`: what a legal route will carry later, if nobody objects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """A sealed message for one partner."""

    id: UUID
    outbox: int
    partner: str
    child: UUID
    resource: UUID | None
    version: int | None
    kind: str
    sequence: int
    sealed_at: datetime
    purpose: str | None
    effect: str | None
    consents: tuple[UUID, ...]
    wrapped_key: bytes | None
    route: UUID | None = None
    """The legal route that carries it, instead of a consent."""
    message_key: UUID | None = None
    """What wraps its key, so that one act can destroy it with all others of its scope."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a message to a partner is about, and whether it was sealed whole or as an extract."""

    resource: UUID | None
    version: int | None
    effect: str | None


# One statement for any number of rows: each on its own costs the writer and the database more.
_QUEUE = text("""
insert into outbox (partner, child, resource, version, kind, consent, route, state, queued_at)
select partner, child, resource, version, kind, consent, route, state, :at
  from json_populate_recordset(null::outbox, cast(:rows as json))
""")
_WAKE = text("notify deelregie_outbox")
# What goes out by way of Kafka and what by the feed never mix: each relay takes its own.
_PARTNERS_DUE = text("""
select partner.id from partner left join receiving on receiving.partner = partner.id
 where coalesce(receiving.way, 'kafka') = any(:ways)
   and exists (select from outbox where outbox.partner = partner.id and outbox.state = 'due')
 order by partner.id
""")
_LOCK_PARTNER = text("select pg_try_advisory_xact_lock(hashtextextended('stream:' || :partner, 1))")
_WEIGHT = """coalesce((select octet_length(v.content) from resource_version v
  where v.resource = {0}.resource and v.version = {0}.version), 0)"""
_CLAIM = text(f"""
select id, partner, child, resource, version, kind, consent, route, queued_at,
       {_WEIGHT.format("outbox")} as weight from outbox
where partner = :partner and state = 'due'
  and (cast(:only as bigint) is null or id = :only)
  and xid < pg_snapshot_xmin(pg_current_snapshot())
order by id limit :limit for update skip locked
""")  # noqa: S608 -- constants only
# What was read last, and everything before it, reached its reader.
_SEND_GONE_AGAIN = text("""
update delivery set sent_at = null, broker_offset = null
where partner = :partner and state = 'gone' and sent_at is not null and sequence > (
  select coalesce(max(sequence), 0) from delivery where partner = :partner and state = 'released')
""")
_CLOSE = text("update outbox set state = :state where id = any(:ids)")
_RELEASED = text("update delivery set state = 'released', closed_at = :at where id = any(:ids)")
_OWN = select(delivery).where(
    delivery.c.partner == bindparam("partner"),
    delivery.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))),
)
_SAVE = text("""
insert into delivery (id, outbox, partner, child, resource, version, kind, sequence, purpose,
                      effect, consents, wrapped_key, route, message_key, state, sealed_at)
select id, outbox, partner, child, resource, version, kind, sequence, purpose,
       effect, consents, wrapped_key, route, message_key, 'sealed', sealed_at
  from json_populate_recordset(null::delivery, cast(:rows as json))
""")
_MARK_SENT = text("""
with locked as (
  select d.id, found.place from delivery d
    join unnest(cast(:ids as uuid[]), cast(:places as bigint[])) as found(id, place) using (id)
   where d.state in ('sealed', 'gone') order by d.id for update of d)
update delivery d set broker_offset = locked.place, sent_at = :at,
       state = case when d.state = 'sealed' then 'sent' else d.state end
  from locked where d.id = locked.id
""")
_NEXT = text("""
update partner_stream set last_sequence = last_sequence + :count
where partner = :partner returning last_sequence
""")


def queue(tx: Transaction, due: Iterable[Due], *, at: datetime) -> None:
    """Add rows to the outbox in their order; wake the relay when this transaction commits."""
    rows = list(due)
    if rows:
        tx.execute(_QUEUE, {"rows": rows_as_json(rows), "at": at})
        tx.execute(_WAKE)


def partners_due(tx: Transaction, *, ways: Iterable[str] = BY_KAFKA) -> tuple[str, ...]:
    """Return the partners with rows that wait, among those that receive in these ways."""
    return tuple(tx.execute(_PARTNERS_DUE, {"ways": sorted(ways)}).scalars())


def claim(
    tx: Transaction, partner_id: str, *, limit: int, only: int | None = None
) -> tuple[AnyRow, ...]:
    """Lock the next rows of one partner in commit order; nothing if another relay has them.

    Fewer than `limit` when they weigh more than `MOST_BYTES`.
    """
    if not tx.execute(_LOCK_PARTNER, {"partner": partner_id}).scalar():
        return ()
    wanted = {"partner": partner_id, "limit": limit, "only": only}
    return at_once(tx.execute(_CLAIM, wanted))


def close(tx: Transaction, ids: Sequence[int], state: str) -> None:
    """Mark claimed rows `sealed`, `denied` or `held`."""
    if ids:
        tx.execute(_CLOSE, {"ids": list(ids), "state": state})


def take_sequences(tx: Transaction, partner_id: str, count: int) -> range:
    """Return the next sequence numbers of a partner; gapless, since they commit with the rows."""
    last = tx.execute(_NEXT, {"partner": partner_id, "count": count}).scalar_one()
    return range(last - count + 1, last + 1)


def save_deliveries(tx: Transaction, new: Sequence[NewDelivery]) -> None:
    """Store sealed messages with their wrapped keys."""
    if new:
        tx.execute(_SAVE, {"rows": rows_as_json(new)})


def unsent(
    tx: Transaction, partner_id: str, *, limit: int, ways: Iterable[str] = BY_KAFKA
) -> tuple[AnyRow, ...]:
    """Return a partner's messages that were never marked sent, in their order.

    Also those whose key was destroyed meanwhile: without them the stream would have a gap. Nothing
    of a partner that receives in another way.
    """
    never = delivery.c.sent_at.is_(None) & delivery.c.state.in_(["sealed", "gone"])
    mine = (delivery.c.partner == partner_id) & never
    weight: ColumnElement[int] = literal_column(_WEIGHT.format("delivery"))
    query = select(delivery, weight.label("weight")).where(mine, takes(delivery.c.partner, ways))
    return tuple(tx.execute(query.order_by(delivery.c.sequence).limit(limit)))


def mark_sent(tx: Transaction, offsets: Sequence[tuple[UUID, int]], *, at: datetime) -> None:
    """Record the broker's acknowledgement; what was opened or destroyed meanwhile stays so."""
    if offsets:
        ids, places = zip(*offsets, strict=True)
        tx.execute(_MARK_SENT, {"ids": list(ids), "places": list(places), "at": at})


def requeue(tx: Transaction, partner_id: str) -> int:
    """Let everything sent but not yet released go out again; the broker lost it.

    So does what lost its key and nobody read past: its number is part of the sequence. A notice is
    never released: its service has it once it said what it did.
    """
    tx.execute(_SEND_GONE_AGAIN, {"partner": partner_id})
    answered = select(notice_answer.c.delivery).where(notice_answer.c.delivery == delivery.c.id)
    sent = (delivery.c.partner == partner_id) & (delivery.c.state == "sent")
    ids = _lock(tx, sent, ~answered.exists())
    if ids:
        statement = update(delivery).where(delivery.c.id.in_(ids))
        tx.execute(statement.values(state="sealed", broker_offset=None, sent_at=None))
    return len(ids)


def lock_deliveries(tx: Transaction, partner_id: str, ids: Sequence[UUID]) -> tuple[AnyRow, ...]:
    """Return a partner's own deliveries among the ids, locked in a stable order."""
    wanted = {"partner": partner_id, "ids": list(ids)}
    return tuple(tx.execute(_OWN.order_by(delivery.c.id).with_for_update(), wanted))


def children_of(tx: Transaction, partner_id: str, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return delivery and child for a partner's own deliveries among the ids."""
    query = _OWN.with_only_columns(delivery.c.id, delivery.c.child)
    wanted = {"partner": partner_id, "ids": list(ids)}
    return {row.id: row.child for row in tx.execute(query, wanted)}


def messages(tx: Transaction, ids: Iterable[UUID]) -> Mapping[UUID, Message]:
    """Return what these messages are about; it never changes."""
    query = select(delivery.c.id, delivery.c.resource, delivery.c.version, delivery.c.effect)
    rows = tx.execute(query.where(delivery.c.id.in_(sorted(set(ids)))))
    return {row.id: Message(row.resource, row.version, row.effect) for row in rows}


def mark_released(tx: Transaction, ids: Sequence[UUID], *, at: datetime) -> None:
    """Record that the recipient has the key: the disclosure happened."""
    if ids:
        tx.execute(_RELEASED, {"ids": list(ids), "at": at})


def destroy_keys(tx: Transaction, ids: Sequence[UUID], *, at: datetime) -> None:
    """Destroy content keys; what was read before stays known as read, for the notice."""
    if ids:
        statement = update(delivery).where(delivery.c.id.in_(ids))
        state = case((delivery.c.state == "released", "released"), else_="gone")
        tx.execute(statement.values(state=state, wrapped_key=None, closed_at=at))


def destroy_in_scope(tx: Transaction, consent: ConsentRow, *, at: datetime) -> int:
    """Destroy every key in the scope of a withdrawn decision; return how many keys it took.

    The keys above those of the messages, so that it takes as long for a million as for none; some
    of the messages say so at once, the others when `message_keys.settle_some` comes by.
    """
    closed = message_keys.close(tx, *_keys_in_scope(tx, consent), at=at)
    message_keys.settle(tx, closed, limit=SETTLED_AT_ONCE, at=at)
    # What was sealed before there were keys above them.
    own = delivery.c.wrapped_key.is_not(None) & delivery.c.message_key.is_(None)
    ids = _lock(tx, *_in_scope(tx, consent), own)
    destroy_keys(tx, ids, at=at)
    return len(closed) + len(ids)


def destroy_unread(tx: Transaction, partner_id: str, *, at: datetime) -> None:
    """Destroy every key of a partner's messages, about whichever child."""
    message_keys.close(tx, message_key.c.partner == partner_id, at=at)
    own = delivery.c.wrapped_key.is_not(None) & delivery.c.message_key.is_(None)
    destroy_keys(tx, _lock(tx, delivery.c.partner == partner_id, own), at=at)


def readers(tx: Transaction, consent: ConsentRow) -> tuple[str, ...]:
    """Return the partners that could read something in the scope of a decision."""
    read = delivery.c.state == "released"
    query = select(delivery.c.partner).where(*_in_scope(tx, consent), read)
    return tuple(tx.execute(query.distinct().order_by(delivery.c.partner)).scalars())


def stop_routes(tx: Transaction, routes: Iterable[UUID], *, at: datetime) -> int:
    """Let nothing more go on routes that have ended; return how many keys were destroyed.

    The caller holds the child's lock and ended the routes in the same transaction.
    """
    ended = sorted(routes)
    waiting = outbox.c.route.in_(ended) & outbox.c.state.in_(["due", "held"])
    # A row that is locked is a relay's, which waits for the child's lock that the caller holds; it
    # decides after that, and finds that the route has ended.
    free = select(outbox.c.id).where(waiting).order_by(outbox.c.id)
    close(tx, tuple(tx.execute(free.with_for_update(skip_locked=True)).scalars()), "denied")
    ids = _lock(tx, delivery.c.route.in_(ended), delivery.c.wrapped_key.is_not(None))
    destroy_keys(tx, ids, at=at)
    return len(ids)


def received(tx: Transaction, consent: ConsentRow, partner_id: str) -> tuple[UUID, ...]:
    """Return the messages in the scope of a decision that a partner could read.

    Or that was read by one that went on in it.
    """
    before = select(func.unnest(partner.c.predecessors)).where(partner.c.id == partner_id)
    its_own = (delivery.c.partner == partner_id) | delivery.c.partner.in_(before)
    read = its_own & (delivery.c.state == "released")
    query = select(delivery.c.id).where(*_in_scope(tx, consent), read)
    return tuple(tx.execute(query.order_by(delivery.c.sequence)).scalars())


def received_by_route(tx: Transaction, route: UUID) -> tuple[UUID, ...]:
    """Return the messages that a partner could read on a legal route."""
    read = (delivery.c.route == route) & (delivery.c.state == "released")
    query = select(delivery.c.id).where(read)
    return tuple(tx.execute(query.order_by(delivery.c.sequence)).scalars())


def delivered_versions(
    tx: Transaction, child_id: UUID, partner_id: str, purpose: str
) -> frozenset[tuple[UUID, int]]:
    """Return which versions a partner has, or can still ask the key of, for a purpose."""
    query = select(delivery.c.resource, delivery.c.version).where(
        delivery.c.child == child_id,
        delivery.c.partner == partner_id,
        delivery.c.purpose == purpose,
        message_keys.has_key(),
    )
    return frozenset((row.resource, row.version) for row in tx.execute(query))


def at_once(rows: Iterable[AnyRow]) -> tuple[AnyRow, ...]:
    """Return the first rows, as many as fit in memory together, and one at least."""
    found = tuple(rows)
    sums = accumulate(row.weight for row in found)
    fitting = sum(1 for weight in sums if weight <= MOST_BYTES)
    return found[: max(1, fitting)]


def _lock(tx: Transaction, *conditions: ColumnElement[bool]) -> tuple[UUID, ...]:
    # Everybody locks deliveries in the order of their ids, so that nobody waits in a circle.
    query = select(delivery.c.id).where(*conditions).order_by(delivery.c.id)
    return tuple(tx.execute(query.with_for_update()).scalars())


def _in_scope(tx: Transaction, consent: ConsentRow) -> tuple[ColumnElement[bool], ...]:
    # By scope and not by the decision's id: either parent's stop ends what both agreed to.
    of_child = select(resource.c.id).where(resource.c.child == consent.child)
    if consent.classes is not None:
        of_child = of_child.where(resource.c.data_class.in_(consent.classes))
    if consent.sources is not None:
        said_by = partners.one_line(tx, consent.sources)
        of_child = of_child.where(resource.c.partner.in_(said_by))
    return (
        delivery.c.child == consent.child,
        # What a legal route carries does not rest on the family's decisions.
        delivery.c.route.is_(None),
        delivery.c.resource.in_(of_child),
        *([delivery.c.partner.in_(_heirs(consent.partner))] if consent.partner else []),
        *([delivery.c.purpose == consent.purpose] if consent.purpose else []),
    )


def _keys_in_scope(tx: Transaction, consent: ConsentRow) -> Iterator[ColumnElement[bool]]:
    """The same scope, of the keys above those of the messages."""
    key = message_key.c
    yield key.child == consent.child
    if consent.classes is not None:
        yield key.data_class.in_(consent.classes)
    if consent.sources is not None:
        # By the name that a source had when its words were sealed.
        yield key.source.in_(partners.one_line(tx, consent.sources))
    if consent.partner:
        yield key.partner.in_(_heirs(consent.partner))
    if consent.purpose:
        yield key.purpose == consent.purpose


def _heirs(partner_id: str) -> AnySelect:
    # What was granted to a service that merged went on to whom it merged into.
    return select(partner.c.id).where(
        (partner.c.id == partner_id) | (partner_id == any_(partner.c.predecessors))
    )
