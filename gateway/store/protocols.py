"""The register of protocols between services, and what hangs from the flows it covers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, select, text, update

from gateway.store import message_keys, outbox, partners
from gateway.store.engine import AnyRow, Question, Transaction
from gateway.store.message_key_tables import message_key
from gateway.store.protocol_tables import protocol, protocol_register

# What no protocol is needed for: the gate stands aside for what L3 and L7 carry.
WITHOUT: Final = ("necessity", "vital_emergency")

# One row at least: whether a register is in force, and of the flows to these services what covers
# them: from those that said something about the children, or that are asked about themselves. A
# row that ended is left out, whatever the clock of who asks says.
COVERS: Final = Question.of(
    text("""
select r.in_force_at is not null as in_force, p.from_service, p.to_service, p.until,
       -- What follows another one without a gap has begun when that one ended by its last day, also
       -- for who read a clock before: between the two there is no moment that neither covers.
       case when exists (select from protocol b
              where b.from_service = p.from_service and b.to_service = p.to_service
                and b.until = p.since - 1
                and b.ended_at >= (b.until + 1)::timestamp at time zone 'Europe/Brussels')
            then null else p.since end as since
  from protocol_register r
  left join protocol p on r.in_force_at is not null and p.ended_at is null
        and p.to_service = any(cast(:recipients as text[]))
        and (p.from_service = any(cast(:recipients as text[])) or p.from_service in (
          select s.partner from resource s where s.child = any(cast(:children as uuid[]))))
 order by p.to_service, p.from_service, p.since nulls first
""")
)
# Whoever seals for a service has this lock until it commits (`outbox.claim`).
_LOCK_STREAM = text("select pg_advisory_xact_lock(hashtextextended('stream:' || :partner, 1))")
# Keys of messages that nobody asked for, or could ask for again: by the source's name of then.
_HUNG: Final = """
select k.child, k.source, k.partner from message_key k where k.wrapped_key is not null
union select d.child, r.partner, d.partner from delivery d join resource r on r.id = d.resource
  left join legal_route l on l.id = d.route
 where d.wrapped_key is not null and d.message_key is null
   and (d.route is null or l.ground <> all(:without))
"""
_CHILDREN = text(f"""
select distinct child from ({_HUNG}) as hung
 where source = any(:names) and partner = :to order by child
""")  # noqa: S608 -- constants only
_FLOWS_WITH_KEYS = text(f"select distinct source, partner from ({_HUNG}) as hung")  # noqa: S608 -- idem
# Along which families said yes, and so would feel it when a flow is not covered.
_FLOWS_GRANTED = text("""
select distinct r.partner as source, k.partner from consent k
  join resource r on r.child = k.child and r.status = 'active' and r.partner <> k.partner
   and (k.classes is null or r.data_class = any(k.classes))
 where k.effect = 'grant' and k.withdrawn_at is null and k.superseded_at is null
   and k.ended_at is null and k.contested_at is null and k.until >= :today
""")
_OWN_KEYS = text("""
select d.id from delivery d join resource r on r.id = d.resource
  left join legal_route l on l.id = d.route
 where d.child = :child and d.partner = :to and r.partner = any(:names)
   and d.wrapped_key is not null and d.message_key is null
   and (d.route is null or l.ground <> all(:without))
 order by d.id for update of d
""")
_GRANTED = text("""
select distinct k.child from consent k
 where k.partner = any(:names) and k.effect = 'grant' and k.withdrawn_at is null
   and k.superseded_at is null and k.ended_at is null and k.contested_at is null
   and k.until >= :today
   and exists (select from resource r where r.child = k.child and r.partner = :source)
 order by k.child
""")
_UNSETTLED: Final = (protocol.c.ended_at.is_not(None), protocol.c.settled_at.is_(None))


@dataclass(frozen=True, slots=True, order=True)
class Flow:
    """From one service to another; the other way is another flow."""

    source: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """An agreement as it was registered, and what became of it."""

    id: UUID
    from_service: str
    to_service: str
    since: date | None
    until: date | None
    reference: str
    registered_by: str
    registered_at: datetime
    ended_at: datetime | None = None
    opened_at: datetime | None = None
    settled_at: datetime | None = None

    @property
    def flow(self) -> Flow:
        """Return what it covers."""
        return Flow(self.from_service, self.to_service)

    def covers(self, day: date) -> bool:
        """Whether it lets its flow go on a day."""
        begun = self.since is None or self.since <= day
        return self.ended_at is None and begun and (self.until is None or self.until >= day)


def covering(rows: Iterable[AnyRow]) -> dict[str, dict[str, list[AnyRow]]] | None:
    """Return what covers flows, by recipient and source; None while no register is in force."""
    found: dict[str, dict[str, list[AnyRow]]] = {}
    for row in rows:
        if not row.in_force:
            return None
        if row.to_service is not None:
            found.setdefault(row.to_service, {}).setdefault(row.from_service, []).append(row)
    return found


def in_force_since(tx: Transaction) -> datetime | None:
    """Return since when flows without a protocol are denied; None while all count as covered."""
    return tx.execute(select(protocol_register.c.in_force_at)).scalar()


def needs_settling(tx: Transaction) -> bool:
    """Whether the register came in force and not all that it stopped is carried out."""
    row = tx.execute(select(protocol_register)).one()
    return row.in_force_at is not None and row.settled_at is None


def hold(tx: Transaction) -> AnyRow:
    """Return the state of the register, and let nobody change anything in it until this commits."""
    return tx.execute(select(protocol_register).with_for_update()).one()


def wait_for_sealing(tx: Transaction, to: str) -> None:
    """Wait for whoever seals for a service, so that what was let go before is there to see.

    The caller holds no child and no row of the outbox.
    """
    tx.execute(_LOCK_STREAM, {"partner": to})


def put_in_force(tx: Transaction, *, at: datetime) -> None:
    """Deny every flow without a protocol from now on; nothing undoes it."""
    tx.execute(update(protocol_register).values(in_force_at=at, settled_at=None))


def settle_register(tx: Transaction, *, at: datetime) -> None:
    """Remember that the flows that had no protocol when it came in force are carried out."""
    tx.execute(update(protocol_register).values(settled_at=at))


def insert(tx: Transaction, new: Protocol) -> None:
    """Store a protocol."""
    values = {name: getattr(new, name) for name in Protocol.__dataclass_fields__}
    tx.execute(protocol.insert().values(values))


def everyone(tx: Transaction) -> tuple[Protocol, ...]:
    """Return every protocol, also those that ended."""
    return _found(tx)


def of_flow(tx: Transaction, flow: Flow) -> tuple[Protocol, ...]:
    """Return the protocols of a flow that did not end yet, first begun first."""
    its = (protocol.c.from_service == flow.source) & (protocol.c.to_service == flow.to)
    return _found(tx, its, protocol.c.ended_at.is_(None))


def passed(tx: Transaction, today: date) -> tuple[Protocol, ...]:
    """Return the protocols whose last day passed and that did not end for the hub yet."""
    return _found(tx, protocol.c.ended_at.is_(None), protocol.c.until < today)


def to_settle(tx: Transaction) -> tuple[Protocol, ...]:
    """Return the protocols that ended, and whose flow may still have keys."""
    return _found(tx, *_UNSETTLED)


def waits_to_settle(tx: Transaction, protocol_id: UUID) -> bool:
    """Whether the end of this protocol is still to be carried out."""
    return bool(_found(tx, protocol.c.id == protocol_id, *_UNSETTLED))


def to_open(tx: Transaction, today: date) -> tuple[Protocol, ...]:
    """Return the protocols that began, and of which was not queued what they let go."""
    there = protocol.c.ended_at.is_(None) & protocol.c.opened_at.is_(None)
    found = _found(tx, there)
    return tuple(one for one in found if one.covers(today))


def end(tx: Transaction, ids: Iterable[UUID], *, settled: bool, at: datetime) -> None:
    """Let protocols end now; `settled` when another one covers the flow, or none is needed."""
    ended = {"ended_at": at, **({"settled_at": at} if settled else {})}
    tx.execute(update(protocol).where(protocol.c.id.in_(sorted(ids))).values(ended))


def end_on(tx: Transaction, protocol_id: UUID, day: date) -> None:
    """Give a protocol an earlier last day."""
    tx.execute(update(protocol).where(protocol.c.id == protocol_id).values(until=day))


def mark(tx: Transaction, protocol_id: UUID, what: str, *, at: datetime) -> None:
    """Remember that an end was `settled`, or what a protocol opens was `opened`."""
    column = protocol.c.settled_at if what == "settled" else protocol.c.opened_at
    tx.execute(update(protocol).where(protocol.c.id == protocol_id).values({column: at}))


def children_with_keys(tx: Transaction, flow: Flow) -> tuple[UUID, ...]:
    """Return about whom a message of a flow may have a key."""
    given = {"names": _said_by(tx, flow.source), "to": flow.to, "without": list(WITHOUT)}
    return tuple(tx.execute(_CHILDREN, given).scalars())


def children_granted(tx: Transaction, flow: Flow, *, today: date) -> tuple[UUID, ...]:
    """Return about whom a grant to the recipient runs, and the source said something."""
    given = {"names": names_of(tx, flow.to), "source": flow.source, "today": today}
    return tuple(tx.execute(_GRANTED, given).scalars())


def names_of(tx: Transaction, service: str) -> list[str]:
    """Return a service and those that merged into it: what was granted to them may reach it."""
    known = partners.find(tx, service)
    return [service, *(known.predecessors if known else ())]


def destroy_keys(tx: Transaction, child_id: UUID, flow: Flow, *, at: datetime) -> Sequence[str]:
    """Destroy the keys of a flow's messages about a child; return the classes, each once.

    The caller holds the child's lock. What a route carries that needs no protocol stays.
    """
    names = _said_by(tx, flow.source)
    key = message_key.c
    of_flow: tuple[ColumnElement[bool], ...] = (
        key.child == child_id, key.partner == flow.to, key.source.in_(names),
    )  # fmt: skip
    closed = message_keys.close(tx, *of_flow, at=at)
    message_keys.settle(tx, closed, limit=outbox.SETTLED_AT_ONCE, at=at)
    given = {"child": child_id, "to": flow.to, "names": names, "without": list(WITHOUT)}
    own = tx.execute(_OWN_KEYS, given).scalars().all()
    outbox.destroy_keys(tx, own, at=at)
    return _classes(tx, closed, own)


def flows(tx: Transaction, *, today: date | None = None) -> frozenset[Flow]:
    """Return the flows on which keys hang; with a day, also those that families granted."""
    with_keys = tx.execute(_FLOWS_WITH_KEYS, {"without": list(WITHOUT)})
    granted = tx.execute(_FLOWS_GRANTED, {"today": today}) if today is not None else ()
    return frozenset((*_named(tx, with_keys), *_named(tx, granted)))


def _named(tx: Transaction, rows: Iterable[AnyRow]) -> Iterator[Flow]:
    """By the names of today; what goes to the service that said it is no flow."""
    today = {one.id: one for one in partners.everyone(tx)}

    def now(name: str) -> str:
        into = today[name].merged_into
        return now(into) if into else name

    for row in rows:
        flow = Flow(now(row.source), now(row.partner))
        if flow.source != flow.to:
            yield flow


def _said_by(tx: Transaction, service: str) -> list[str]:
    """Return the names under which is kept what a service says; none when another goes on for it.

    What merged into another one is that one's flow from then on, and needs that one's protocol.
    """
    known = partners.find(tx, service)
    return [] if known and known.merged_into else names_of(tx, service)


def _classes(tx: Transaction, closed: Sequence[UUID], own: Sequence[UUID]) -> Sequence[str]:
    query = text("""
select data_class from message_key where id = any(:closed)
union select r.data_class from delivery d join resource r on r.id = d.resource
 where d.id = any(:own) order by data_class
""")
    return tx.execute(query, {"closed": list(closed), "own": list(own)}).scalars().all()


def _found(tx: Transaction, *conditions: ColumnElement[bool]) -> tuple[Protocol, ...]:
    query = select(protocol).where(*conditions)
    ordered = query.order_by(
        protocol.c.from_service, protocol.c.to_service, protocol.c.since.nulls_first(),
        protocol.c.registered_at,
    )  # fmt: skip
    return tuple(Protocol(**row._asdict()) for row in tx.execute(ordered))
