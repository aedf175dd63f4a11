"""What lies with a service that merges, splits or closes, child by child."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.engine import Transaction
from gateway.store.lifecycle_tables import legal_route, relayed_request
from gateway.store.outbox import NOTICES
from gateway.store.parking import PARKED
from gateway.store.tables import care_relation, delivery, outbox, resource, resource_version

SUPERSEDED = "superseded"
_WAITS = ("due", PARKED)

# In one question, because a service merges or closes rarely and its rows have no index by service.
_CHILDREN = text("""
select child from care_relation
 where partner = :old and (until is null or until > :at)
union select child from consent
 where partner = any(:names) and effect = 'grant' and withdrawn_at is null
   and superseded_at is null and ended_at is null
union select child from delivery where partner = :old and wrapped_key is not null
union select child from legal_route where ended_at is null and :old in (source, recipient)
union select child from relayed_request where closed_at is null and holder = :old
union select child from resource where partner = :old
order by child
""")
# Two systems may call two things by one name: what the successor says itself stands. What it said
# and says no more gives up its name, so that what the old service still says can go on under it. So
# does what both certainly said of one thing, if what the old service said is newer (`outdone`).
_FREE = text("""
update resource x
   set key_hash = sha256(x.key_hash || uuid_send(x.id)),
       status = case when x.id = any(cast(:outdone as uuid[])) then 'superseded' else x.status end
  from resource r
 where r.child = :child and r.partner = :old
   and x.child = r.child and x.layer = r.layer and x.partner = :into
   and x.key_hash = r.key_hash
   and (x.id = any(cast(:outdone as uuid[]))
     or (r.status = 'active' and x.status <> 'active' and x.id <> all(cast(:newer as uuid[]))))
""")
_MOVE = text("""
update resource r set partner = :into
 where r.child = :child and r.partner = :old and not exists (
   select from resource x where x.child = r.child and x.layer = r.layer
      and x.partner = :into and x.key_hash = r.key_hash)
""")
# A key that the successor used itself names its own call; a repeat of the old service's is another.
_MOVE_SOURCE = text("""
update legal_route r set source = :into, idempotency_key = case
   when exists (select from legal_route x
                 where x.source = :into and x.idempotency_key = r.idempotency_key)
   then sha256(r.idempotency_key || uuid_send(r.id)) else r.idempotency_key end
 where r.child = :child and r.source = :old and r.ended_at is null
""")
_MOVE_RECIPIENT = text("""
update legal_route set recipient = :into
 where child = :child and recipient = :old and ended_at is null
""")
_MOVE_WAITING = text("""
update outbox o set partner = :into
  from legal_route r
 where r.id = o.route and r.ended_at is null and o.child = :child and o.partner = :old
   and o.state in ('due', 'held', 'parked')
""")
# Nobody reads the topic or the feed of a service that is over. What it opened last, and everything
# before it, reached it; so did what it answered. Of anything else nobody knows.
_NOTICES = text("""
select o.id from outbox o
 where o.partner = :old and o.kind = any(:kinds)
   and (o.state in ('due', 'parked') or (o.state = 'sealed' and exists (
     select from delivery d
      where d.outbox = o.id and d.partner = o.partner
        and d.sequence > (select coalesce(max(x.sequence), 0) from delivery x
                           where x.partner = o.partner and x.state = 'released')
        and not exists (select from notice_answer a where a.delivery = d.id))))
 order by o.id for update of o
""")
_TELL = text("""
update outbox set partner = :into, state = case when state = 'parked' then state else 'due' end
 where id = any(:ids)
""")
_REVIEW = text("""
with today as (select (cast(:at as timestamptz) at time zone 'Europe/Brussels')::date as day)
select exists (
  select from today, partner heir join consent k on k.partner = any(heir.predecessors)
   where heir.id = :partner and k.child = :child and k.effect = 'grant'
     and k.withdrawn_at is null and k.superseded_at is null and k.ended_at is null
     and k.contested_at is null and k.until >= today.day
     and not exists (
       select from consent own
        where own.child = k.child and own.partner = heir.id and own.effect = 'grant'
          and own.withdrawn_at is null and own.superseded_at is null and own.ended_at is null
          and own.until >= today.day
          -- Since the last merger on the way from the service that was granted.
          and own.since >= (
            select max(old.ended_at) from partner old
             where old.id = any(heir.predecessors)
               and (old.id = k.partner or k.partner = any(old.predecessors)))))
""")


def children_with(
    tx: Transaction, old: str, names: Iterable[str], *, at: datetime
) -> tuple[UUID, ...]:
    """Return every child about whom a service holds, may see or is to receive something."""
    given = {"old": old, "names": sorted(names), "at": at}
    return tuple(tx.execute(_CHILDREN, given).scalars())


def end_care(tx: Transaction, child_id: UUID, partner_id: str, *, at: datetime) -> bool:
    """End the care relation of a service; False when none was running."""
    until = care_relation.c.until
    running = or_(until.is_(None), until > at)
    mine = (care_relation.c.child == child_id) & (care_relation.c.partner == partner_id)
    return tx.execute(update(care_relation).where(mine, running).values(until=at)).rowcount == 1


def begin_care(tx: Transaction, child_id: UUID, partner_id: str, *, at: datetime) -> None:
    """Let a service be around a child from now on; a running relation stays as it is."""
    statement = upsert(care_relation).values(child=child_id, partner=partner_id, since=at)
    again = statement.on_conflict_do_update(
        index_elements=["child", "partner"],
        set_={"since": at, "until": None},
        where=care_relation.c.until <= at,
    )
    tx.execute(again)


def move_resources(
    tx: Transaction,
    child_id: UUID,
    old: str,
    into: str,
    *,
    outdone: Iterable[UUID] = (),
    newer: Iterable[UUID] = (),
) -> tuple[int, bool]:
    """Let a service's statements be its successor's; return how many, and whether any clashed.

    What the successor states itself under the same key stands, and the old service's is superseded.
    Of what both certainly said of one thing, the successor's `newer` stand and `outdone` do not.
    """
    given = {"child": child_id, "old": old, "into": into}
    tx.execute(_FREE, {**given, "outdone": sorted(outdone), "newer": sorted(newer)})
    moved = tx.execute(_MOVE, given).rowcount
    left = (resource.c.child == child_id) & (resource.c.partner == old)
    statement = update(resource).where(left, resource.c.status != SUPERSEDED)
    clashed = tx.execute(statement.values(status=SUPERSEDED)).rowcount
    return moved, clashed > 0


def last_receipt(tx: Transaction, child_id: UUID) -> UUID | None:
    """Return the receipt of the newest version that is stored about a child."""
    query = (
        select(resource_version.c.receipt)
        .join(resource, resource.c.id == resource_version.c.resource)
        .where(resource.c.child == child_id)
        .order_by(resource_version.c.recorded_at.desc(), resource_version.c.resource)
    )
    return tx.execute(query.limit(1)).scalar()


def unread(tx: Transaction, child_id: UUID, partner_id: str) -> frozenset[UUID]:
    """Return the resources that a service would still receive or could still open."""
    rows = select(outbox.c.resource).where(
        outbox.c.child == child_id,
        outbox.c.partner == partner_id,
        outbox.c.state.in_(("due", "held", PARKED)),
        outbox.c.route.is_(None),
        outbox.c.resource.is_not(None),
    )
    messages = select(delivery.c.resource).where(
        delivery.c.child == child_id,
        delivery.c.partner == partner_id,
        delivery.c.state.in_(("sealed", "sent")),
        delivery.c.route.is_(None),
        delivery.c.resource.is_not(None),
    )
    return frozenset(tx.execute(rows.union(messages)).scalars())


def lock_waiting(tx: Transaction, child_id: UUID, partner_id: str) -> None:
    """Wait until no relay holds a row of this child for a service; before the child's own lock."""
    tx.execute(_waiting(child_id, partner_id).order_by(outbox.c.id).with_for_update())


def waiting_is_ours(tx: Transaction, child_id: UUID, partner_id: str) -> bool:
    """Whether every such row is locked here, now that the child's own lock is held."""
    rows = _waiting(child_id, partner_id)
    ours = tx.execute(rows.with_for_update(skip_locked=True)).all()
    return len(ours) == len(tx.execute(rows).all())


def _waiting(child_id: UUID, partner_id: str) -> Select[tuple[int]]:
    mine = (outbox.c.child == child_id) & (outbox.c.partner == partner_id)
    return select(outbox.c.id).where(mine, outbox.c.state.in_(("due", "held", PARKED)))


def move_notices(tx: Transaction, old: str, into: str) -> int:
    """Let a successor be told what the old service was not told yet; return how many notices.

    Also about children of whom nothing else is left here. What is parked stays parked. The caller
    holds no child's lock: a relay has rows of the outbox while it waits for one.
    """
    # First, so that what a relay is sealing at this moment is looked at as it is afterwards.
    waiting = (outbox.c.partner == old) & outbox.c.kind.in_(NOTICES) & outbox.c.state.in_(_WAITS)
    tx.execute(select(outbox.c.id).where(waiting).order_by(outbox.c.id).with_for_update())
    ids = tx.execute(_NOTICES, {"old": old, "kinds": sorted(NOTICES)}).scalars().all()
    if ids:
        tx.execute(_TELL, {"ids": ids, "into": into})
        tx.execute(text("notify deelregie_outbox"))
    return len(ids)


def end_routes(
    tx: Transaction, child_id: UUID, partner_id: str, *, at: datetime
) -> tuple[UUID, ...]:
    """End the legal routes about a child from or to a service; return which."""
    own: ColumnElement[bool] = or_(
        legal_route.c.source == partner_id, legal_route.c.recipient == partner_id
    )
    return _end(tx, child_id, own, at=at)


def move_routes(
    tx: Transaction, child_id: UUID, old: str, into: str, *, at: datetime
) -> tuple[UUID, ...]:
    """Let the running routes from or to a service, and what waits on them, be its successor's.

    What would then go from the successor to itself ends; return which.
    """
    source, recipient = legal_route.c.source, legal_route.c.recipient
    within = source.in_((old, into)) & recipient.in_((old, into))
    ended = _end(tx, child_id, within, at=at)
    given = {"child": child_id, "old": old, "into": into}
    for statement in (_MOVE_SOURCE, _MOVE_RECIPIENT, _MOVE_WAITING):
        tx.execute(statement, given)
    return ended


def unread_on_routes(
    tx: Transaction, child_id: UUID, partner_id: str
) -> tuple[tuple[UUID, UUID], ...]:
    """Return what a service could still open on running routes: each resource with its route."""
    query = (
        select(delivery.c.resource, delivery.c.route)
        .join(legal_route, legal_route.c.id == delivery.c.route)
        .where(
            delivery.c.child == child_id,
            delivery.c.partner == partner_id,
            delivery.c.state.in_(("sealed", "sent")),
            delivery.c.wrapped_key.is_not(None),
            legal_route.c.ended_at.is_(None),
        )
    )
    rows = tx.execute(query.distinct().order_by(delivery.c.resource, delivery.c.route))
    return tuple((row.resource, row.route) for row in rows)


def move_requests(tx: Transaction, child_id: UUID, old: str, into: str, *, at: datetime) -> None:
    """Let the open questions to a service be its successor's, but not what that one asked."""
    mine = (relayed_request.c.child == child_id) & (relayed_request.c.holder == old)
    statement = update(relayed_request).where(mine, relayed_request.c.closed_at.is_(None))
    tx.execute(statement.where(relayed_request.c.asked_by == into).values(closed_at=at))
    tx.execute(statement.values(holder=into))


def _end(
    tx: Transaction, child_id: UUID, which: ColumnElement[bool], *, at: datetime
) -> tuple[UUID, ...]:
    running = (legal_route.c.child == child_id) & legal_route.c.ended_at.is_(None)
    statement = update(legal_route).where(running, which).values(ended_at=at)
    return tuple(sorted(tx.execute(statement.returning(legal_route.c.id)).scalars()))


def has_care(tx: Transaction, child_id: UUID, partner_id: str, *, at: datetime) -> bool:
    """Whether a service is around a child now."""
    until = care_relation.c.until
    query = select(care_relation.c.child).where(
        care_relation.c.child == child_id,
        care_relation.c.partner == partner_id,
        or_(until.is_(None), until > at),
    )
    return tx.execute(query).first() is not None


def in_succession_review(tx: Transaction, child_id: UUID, partner_id: str, *, at: datetime) -> bool:
    """Whether a service lives on what a family granted before a merger, and on nothing since.

    Then it receives what that grant names, and may ask for no more (rules of sharing, section 8).
    """
    given = {"child": child_id, "partner": partner_id, "at": at}
    return bool(tx.execute(_REVIEW, given).scalar())
