"""What a wrong link ended, replaced and asked is forgotten, so that it is worked out again."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import LargeBinary as Bytes
from sqlalchemy import any_, bindparam, cast, delete, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY

from gateway.store.change_tables import scope_delivery, scope_statement, statement_end
from gateway.store.engine import AnyRow, Transaction
from gateway.store.identity_tables import review_item
from gateway.store.resources import ASSERTION, KEPT
from gateway.store.reviews import VANISHED_STATEMENT
from gateway.store.scopes import name_of_child
from gateway.store.tables import resource, resource_version

SUPERSEDED = "superseded"

# The receipt is one of the system itself: what is worked out again is still its word.
_SYSTEMS = text("""
select r.partner, c.source, array_agg(r.key_hash order by r.key_hash) as names,
       c.partner as sender,
       (array_agg(c.id order by c.received_at desc, c.id))[1] as receipt
  from resource r
  join resource_version v on v.resource = r.id and v.version = r.version
  join receipt c on c.id = v.receipt
 where r.child = :child and r.layer = 'assertion' and r.status <> 'kept'
 group by r.partner, c.source, c.partner order by r.partner, c.source, c.partner
""")
# What a merger put aside has no version of its own that says so, and a diagnosis is a person's.
_PUT_BACK = text("""
update resource r set status = 'active' from resource_version v
 where v.resource = r.id and v.version = r.version and v.status = 'superseded'
   and r.status = 'superseded' and r.layer = 'assertion' and r.type <> 'Condition'
   and r.partner = any(:partners) and r.child = any(:children) and r.key_hash = any(:names)
   and not exists (
     select from statement_end e
      where e.partner = any(:partners) and e.ending = 'superseded'
       and e.key_hash = sha256(uuid_send(r.child) || r.key_hash))
""")
# It is in a picture of its own child, and none of that child's pictures left it out.
_LEFT_NO_PICTURE = """
select r.child, r.partner, r.key_hash from resource r
  join resource_version v on v.resource = r.id and v.version = r.version
  join partner p on p.id = r.partner and p.status <> 'merged'
 where r.status = 'superseded' and v.status = 'superseded' and r.layer = 'assertion'
   and r.type <> 'Condition'
   {of}
   and exists (
     select from scope_statement s
      where s.key_hash = r.key_hash and substring(s.scope_hash for 16) = uuid_send(r.child))
   and not exists (
     select from statement_end e
      where e.ending = 'superseded' and e.key_hash = sha256(uuid_send(r.child) || r.key_hash))
 order by r.child, r.id
"""
_LEFT_BY_ALL = text(_LEFT_NO_PICTURE.format(of=""))
_LEFT_BY_ONE = text(_LEFT_NO_PICTURE.format(of="and r.child = :child and r.partner = :partner"))
_NUMBERS = text("""
select l.value_hash from child_lookup l
 where l.child = :child and l.kind in ('insz', 'local')
   and not exists (
     select from child_lookup o
      where o.kind = l.kind and o.value_hash = l.value_hash and o.child <> l.child)
 order by l.value_hash
""")
_STRIKE = text("""
insert into statement_end (partner, key_hash, ending, asserted_at, receipt)
select distinct on (ending) :partner, :file, ending, asserted_at, receipt from statement_end
 where partner = any(:senders) and key_hash = any(:called)
 order by ending, asserted_at collate "C" desc
on conflict (partner, key_hash, ending) do update
   set asserted_at = excluded.asserted_at, receipt = excluded.receipt
 where excluded.asserted_at collate "C" > statement_end.asserted_at collate "C"
""")
# It gave way to another child's, by a move or a merger, and has its name; nobody put it aside.
_GAVE_WAY = text("""
update resource r set asserted_at = '' from resource_version v
 where v.resource = r.id and v.version = r.version and v.status <> 'superseded'
   and r.status = 'superseded' and r.id = any(:ids) and r.key_hash = any(:names)
   and not exists (
     select from diagnosis_task t
      where t.statement = r.id and t.kind = 'inactivate' and t.status = 'completed')
""")
_ANY_NAME = any_(bindparam("names", type_=ARRAY(Bytes)))


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """Everything that one service keeps about a child from one of its systems."""

    partner: str
    source: str
    receipt: UUID
    sender: str
    """Under which name it delivered: a service may go on in another one."""
    names: frozenset[bytes]
    """Of its statements."""

    @property
    def partners(self) -> frozenset[str]:
        """The services under which what it takes back may be remembered."""
        return frozenset({self.partner, self.sender})


def systems_of(tx: Transaction, child_id: UUID) -> tuple[System, ...]:
    """Return by whom, and from which systems, something is stated about a child."""
    return tuple(
        System(
            partner=row.partner,
            source=row.source,
            receipt=row.receipt,
            sender=row.sender,
            names=frozenset(bytes(one) for one in row.names),
        )
        for row in tx.execute(_SYSTEMS, {"child": child_id})
    )


def forget_picture(
    tx: Transaction,
    partners: Collection[str],
    scope: bytes,
    *,
    said: Collection[bytes],
    files: Collection[bytes],
) -> frozenset[bytes]:
    """Take what files with these digests `said` out of a picture, and with it what it ended.

    Return the names of all that the picture was about; who of them still left it is to be recorded
    again. `partners` are the names that one service delivered under.
    """
    mine = scope_statement.c.partner.in_(partners) & (scope_statement.c.scope_hash == scope)
    known = tx.execute(select(scope_statement.c.key_hash).where(mine)).scalars()
    names = frozenset(bytes(one) for one in known)
    gone = scope_statement.c.key_hash == _ANY_NAME
    tx.execute(delete(scope_statement).where(mine, gone), {"names": sorted(said)})
    delivered = scope_delivery.c.partner.in_(partners) & (scope_delivery.c.scope_hash == scope)
    theirs = scope_delivery.c.sha256 == _ANY_NAME
    tx.execute(delete(scope_delivery).where(delivered, theirs), {"names": sorted(files)})
    # Only a picture ends something so, and its name begins with the child.
    own = [name_of_child(UUID(bytes=scope[:16]), one) for one in sorted(names)]
    over = statement_end.c.partner.in_(partners) & (statement_end.c.ending == SUPERSEDED)
    ended = statement_end.c.key_hash == _ANY_NAME
    tx.execute(delete(statement_end).where(over, ended), {"names": own})
    return names


def put_back(
    tx: Transaction,
    children: Iterable[UUID],
    partners: Collection[str],
    names: Collection[bytes],
) -> None:
    """Let what no picture leaves out any more be looked at as what stood before."""
    given = {"children": sorted(children), "partners": sorted(partners), "names": sorted(names)}
    tx.execute(_PUT_BACK, given)


def left_no_picture(tx: Transaction) -> tuple[AnyRow, ...]:
    """Return child, service and name of what is superseded though no picture of it says so."""
    return tuple(tx.execute(_LEFT_BY_ALL))


def names_that_left_none(tx: Transaction, child_id: UUID, partner_id: str) -> frozenset[bytes]:
    """Return the names of those that one service says of one child."""
    rows = tx.execute(_LEFT_BY_ONE, {"child": child_id, "partner": partner_id})
    return frozenset(bytes(row.key_hash) for row in rows)


def drop_ends(tx: Transaction, names: Collection[bytes]) -> None:
    """Forget every end under these names, whoever told it."""
    tx.execute(
        delete(statement_end).where(statement_end.c.key_hash == _ANY_NAME),
        {"names": sorted(names)},
    )


def numbers_of(tx: Transaction, child_id: UUID) -> tuple[bytes, ...]:
    """Return the hashes of the numbers that lead to a child and to nobody else."""
    return tuple(bytes(one) for one in tx.execute(_NUMBERS, {"child": child_id}).scalars())


def strike(tx: Transaction, system: System, file: bytes, called: Collection[bytes]) -> None:
    """Let what was struck under the names `called` be ends of a child's file again."""
    given = {"partner": system.partner, "senders": sorted(system.partners), "file": file}
    tx.execute(_STRIKE, {**given, "called": sorted(called)})


def said_anew(tx: Transaction, child_id: UUID, names: Collection[bytes]) -> None:
    """Let whatever is told next of these statements about a child count, however old it is."""
    mine = (resource.c.child == child_id) & (resource.c.layer == ASSERTION)
    statement = update(resource).where(mine, resource.c.key_hash == _ANY_NAME)
    tx.execute(statement.values(asserted_at=""), {"names": sorted(names)})


def said_anew_there(tx: Transaction, ids: Collection[UUID]) -> None:
    """Let whatever is told next of what moved count, however old it is."""
    tx.execute(update(resource).where(resource.c.id.in_(ids)).values(asserted_at=""))


def stands_anew(tx: Transaction, ids: Collection[UUID], names: Collection[bytes]) -> None:
    """Let what moved and had given way to another child's count again when it is told next."""
    tx.execute(_GAVE_WAY, {"ids": sorted(ids), "names": sorted(names)})


def versions_of(tx: Transaction, ids: Collection[UUID]) -> tuple[tuple[UUID, int], ...]:
    """Return every version of these resources."""
    query = select(resource_version.c.resource, resource_version.c.version)
    rows = tx.execute(query.where(resource_version.c.resource.in_(ids)))
    return tuple((row.resource, row.version) for row in rows)


def names_with(tx: Transaction, child_id: UUID) -> tuple[AnyRow, ...]:
    """Return id, service and name of the statements of a child, those said last first."""
    query = select(resource.c.id, resource.c.partner, resource.c.key_hash).where(
        resource.c.child == child_id, resource.c.layer == ASSERTION, resource.c.status != KEPT
    )
    return tuple(tx.execute(query.order_by(resource.c.asserted_at.collate("C").desc())))


def known_as(tx: Transaction, child_id: UUID, names: Collection[bytes]) -> tuple[UUID, ...]:
    """Return the resources of a child with these names, in whatever layer and form."""
    mine = (resource.c.child == child_id) & (resource.c.key_hash == _ANY_NAME)
    query = select(resource.c.id).where(mine).order_by(resource.c.id)
    return tuple(tx.execute(query, {"names": sorted(names)}).scalars())


def ask_no_more(
    tx: Transaction, children: Collection[UUID], *, but: Collection[UUID], by: str, at: datetime
) -> None:
    """Close what asks whether statements about children left a picture, except about some."""
    stated = select(cast(resource.c.id, review_item.c.part.type)).where(
        resource.c.child.in_(children), resource.c.id.not_in(but)
    )
    mine = (review_item.c.kind == VANISHED_STATEMENT) & (review_item.c.state == "open")
    statement = update(review_item).where(mine, review_item.c.part.in_(stated))
    values = {"state": "decided", "decision": "undone", "decided_by": by, "decided_at": at}
    tx.execute(statement.values(values))
