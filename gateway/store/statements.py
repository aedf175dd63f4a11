"""Statements of sources: what was said, and what ended or changed it, known or not yet.

Orders are compared byte by byte (collation "C"), as Python compares them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Text,
    any_,
    bindparam,
    delete,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.change_tables import statement_amendment, statement_end
from gateway.store.engine import AnyRow, Transaction
from gateway.store.resources import content_place
from gateway.store.vault import decrypt


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A stored statement: how it is now, and the newest version that its source said itself."""

    id: UUID
    type: str
    data_class: str
    about: frozenset[str]
    flags: frozenset[str]
    key_hash: bytes
    above: tuple[bytes, ...]
    messages: tuple[bytes, ...]
    version: int
    asserted_at: str
    status: str
    content: bytes
    said: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """The newest change of one element; `child` says under whose key the content lies, if any."""

    key_hash: bytes
    element: str
    asserted_at: str
    child: UUID | None
    content: bytes
    receipt: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """Who struck a file under a name, and when it was asserted."""

    partner: str
    name: bytes
    ending: str
    asserted_at: str
    receipt: UUID


# Deliveries of one service from one system that end or change something, or replace a scope, are
# carried out alone; others beside each other. Taken before every other lock.
_ALONE = text("select pg_advisory_xact_lock(hashtextextended('source:' || :name, 2))")
_TOGETHER = text("select pg_advisory_xact_lock_shared(hashtextextended('source:' || :name, 2))")

_KNOWN = text("""
select r.id, r.type, r.data_class, r.about, r.flags, r.key_hash, r.above, r.messages, r.version,
       r.asserted_at, r.status, v.content, s.version as said_version, s.content as said
  from resource r
  join resource_version v on v.resource = r.id and v.version = r.version
  join lateral (
    select version, content from resource_version
     where resource = r.id and said order by version desc limit 1) s on true
 where r.child = :child and r.layer = 'assertion' and r.partner = :partner and r.status <> 'kept'
   and r.key_hash = any(:keys)
 order by r.id
""")
# What was stored before keys had others above them belongs to its source's file on the child.
_UNDER = text("""
select child, key_hash from resource
 where partner = :partner and layer = 'assertion' and status <> 'kept'
   and (key_hash = any(:keys) or above && cast(:keys as bytea[])
     or messages && cast(:keys as bytea[])
     or (above = '{}' and child = any(cast(:children as uuid[]))))
 order by child, id
""")
_OF_SOURCES = text("""
select r.key_hash, i.source
  from resource r
  join resource_version v on v.resource = r.id and v.version = r.version
  join receipt i on i.id = v.receipt
 where r.child = :child and r.partner = :partner and r.layer = 'assertion' and r.status <> 'kept'
""")
# What a service delivered after it had gone on in another one, and had said itself before; and what
# both said of one scope, which names the same thing for both (no picture does).
_LATE = text("""
select x.key_hash from resource x
  join lateral (
    select receipt from resource_version
     where resource = x.id and said order by version desc limit 1) s on true
  join receipt i on i.id = s.receipt
 where x.child = :child and x.partner = :into and x.layer = 'assertion'
   and exists (
     select from resource r where r.child = x.child and r.partner = :old
        and r.layer = x.layer and r.key_hash = x.key_hash)
   and (i.partner = any(cast(:names as text[])) or exists (
     select from scope_statement s where s.partner = :into and s.key_hash = x.key_hash
        and substring(s.scope_hash for 16) <> uuid_send(x.child)))
 order by x.key_hash
""")
_ENDS = (
    select(statement_end.c.key_hash, statement_end.c.ending, statement_end.c.asserted_at)
    .where(
        statement_end.c.partner == any_(bindparam("partners", type_=ARRAY(Text))),
        statement_end.c.key_hash == any_(bindparam("keys", type_=ARRAY(LargeBinary))),
        # A picture speaks for the service that delivered it, and for none that it went on in.
        (statement_end.c.ending != "superseded")
        | (statement_end.c.partner == bindparam("pictured_by")),
    )
)  # fmt: skip
_STRIKES = (
    select(statement_end)
    .where(statement_end.c.key_hash == any_(bindparam("keys", type_=ARRAY(LargeBinary))))
    .order_by(statement_end.c.partner, statement_end.c.key_hash, statement_end.c.ending)
)
_AMENDMENTS = (
    select(statement_amendment)
    .where(
        statement_amendment.c.partner == any_(bindparam("partners", type_=ARRAY(Text))),
        statement_amendment.c.key_hash == any_(bindparam("keys", type_=ARRAY(LargeBinary))),
    )
    .order_by(statement_amendment.c.key_hash, statement_amendment.c.element)
)
# One statement for any number of rows: each on its own costs the writer and the database more.
_END = text("""
insert into statement_end as e (partner, key_hash, ending, asserted_at, receipt)
select :partner, name, :ending, :asserted_at, :receipt
  from unnest(cast(:names as bytea[])) as ended(name)
on conflict (partner, key_hash, ending) do update
   set asserted_at = excluded.asserted_at, receipt = excluded.receipt
 where excluded.asserted_at collate "C" > e.asserted_at collate "C"
""")
_NEW_AMENDMENT = upsert(statement_amendment)
_AMEND = _NEW_AMENDMENT.on_conflict_do_update(
    index_elements=["partner", "key_hash", "element"],
    set_={
        name: _NEW_AMENDMENT.excluded[name]
        for name in ("asserted_at", "child", "content", "receipt")
    },
)
_HAND_OVER = (
    text("""
insert into statement_end as e (partner, key_hash, ending, asserted_at, receipt)
select :into, key_hash, ending, asserted_at, receipt from statement_end
 where partner = :old and ending <> 'superseded'
on conflict (partner, key_hash, ending) do update
   set asserted_at = excluded.asserted_at, receipt = excluded.receipt
 where excluded.asserted_at collate "C" > e.asserted_at collate "C"
"""),
    text("delete from statement_end where partner = :old and ending <> 'superseded'"),
    text("""
update statement_amendment a set partner = :into
 where a.partner = :old and not exists (
   select from statement_amendment x
    where x.partner = :into and x.key_hash = a.key_hash and x.element = a.element)
"""),
)
# What a service says that one which went on in it took back or changed, or a month of it left out.
_OVERTAKEN = text("""
select distinct r.child from resource r
  join statement_end e on e.partner = r.partner
   and (e.key_hash = r.key_hash or e.key_hash = any(r.above) or e.key_hash = any(r.messages))
   and e.asserted_at collate "C" >= r.asserted_at collate "C"
  join receipt i on i.id = e.receipt
 where r.partner = :into and r.layer = 'assertion' and r.status <> 'kept'
   and i.partner = any(cast(:names as text[]))
union select r.child from resource r
  join statement_amendment a on a.partner = r.partner and a.key_hash = r.key_hash
   and a.asserted_at collate "C" >= r.asserted_at collate "C"
  join receipt i on i.id = a.receipt
 where r.partner = :into and r.layer = 'assertion' and r.status <> 'kept'
   and i.partner = any(cast(:names as text[]))
""")


def lock_source(tx: Transaction, partner_id: str, source: str, *, alone: bool) -> None:
    """Order what one service tells from one system, so that no end passes its statement by."""
    tx.execute(_ALONE if alone else _TOGETHER, {"name": f"{partner_id}/{source}"})


def known(
    tx: Transaction, key: bytes, child_id: UUID, partner_id: str, keys: Collection[bytes]
) -> tuple[Known, ...]:
    """Return the stored statements of a service about a child under these keys, opened."""
    given = {"child": child_id, "partner": partner_id, "keys": sorted(keys)}
    return tuple(_opened(key, row) for row in tx.execute(_KNOWN, given))


def under(
    tx: Transaction, partner_id: str, keys: Collection[bytes], children: Iterable[UUID]
) -> Mapping[UUID, frozenset[bytes]]:
    """Return, by child, the keys of the statements that have one of these keys or lie under one.

    `children` are those whose whole file is meant.
    """
    given = {"partner": partner_id, "keys": sorted(keys), "children": sorted(children)}
    found: dict[UUID, set[bytes]] = {}
    for row in tx.execute(_UNDER, given) if keys else ():
        found.setdefault(row.child, set()).add(bytes(row.key_hash))
    return {child: frozenset(of_child) for child, of_child in found.items()}


def ends_of(
    tx: Transaction, partners: Collection[str], keys: Collection[bytes], *, pictured_by: str
) -> Mapping[bytes, Mapping[str, str]]:
    """Return the newest end of each kind that was heard of under these keys.

    Of what a complete picture left out only those of the service `pictured_by`.
    """
    found: dict[bytes, dict[str, str]] = {}
    given = {"partners": sorted(partners), "keys": sorted(keys), "pictured_by": pictured_by}
    for row in tx.execute(_ENDS, given):
        of_key = found.setdefault(bytes(row.key_hash), {})
        of_key[row.ending] = max(of_key.get(row.ending, ""), row.asserted_at)
    return found


def strikes(tx: Transaction, names: Collection[bytes]) -> tuple[Strike, ...]:
    """Return who struck files under these names, whichever service it is."""
    rows = tx.execute(_STRIKES, {"keys": sorted(names)}) if names else ()
    return tuple(
        Strike(
            partner=row.partner,
            name=bytes(row.key_hash),
            ending=row.ending,
            asserted_at=row.asserted_at,
            receipt=row.receipt,
        )
        for row in rows
    )


def amendments_of(
    tx: Transaction, partners: Collection[str], keys: Collection[bytes]
) -> tuple[Amendment, ...]:
    """Return the newest changes that were heard of under these keys."""
    rows = tx.execute(_AMENDMENTS, {"partners": sorted(partners), "keys": sorted(keys)})
    names = Amendment.__dataclass_fields__
    return tuple(Amendment(**{name: getattr(row, name) for name in names}) for row in rows)


def record_ends(
    tx: Transaction,
    partner_id: str,
    keys: Iterable[bytes],
    *,
    ending: str,
    asserted_at: str,
    receipt: UUID,
) -> None:
    """Remember that what has these keys, or lies under them, ended; older ends change nothing."""
    names = sorted(set(keys))
    if names:
        about = {"partner": partner_id, "ending": ending, "asserted_at": asserted_at}
        tx.execute(_END, {**about, "receipt": receipt, "names": names})


def record_amendment(tx: Transaction, partner_id: str, new: Amendment) -> None:
    """Remember a change in the place of an older one of the same element."""
    names = Amendment.__dataclass_fields__
    values = {name: getattr(new, name) for name in names} | {"partner": partner_id}
    tx.execute(_AMEND, values)


def seal_amendment(
    tx: Transaction, partner_id: str, one: Amendment, child_id: UUID, content: bytes
) -> None:
    """Let a change lie under the child's key from now on."""
    values = {"child": child_id, "content": content}
    mine = _same(partner_id, one)
    tx.execute(update(statement_amendment).where(mine).values(values))


def hand_over(tx: Transaction, old: str, into: str) -> None:
    """Let what a service took back or changed count for its successor, the newest of both.

    Changes of one element by both stay, for `forget_amendment`. The caller holds both services.
    """
    for statement in _HAND_OVER:
        tx.execute(statement, {"old": old, "into": into})


def amendments_left(tx: Transaction, partner_id: str) -> tuple[Amendment, ...]:
    """Return the changes of a service that were not handed over."""
    query = select(statement_amendment).where(statement_amendment.c.partner == partner_id)
    names = Amendment.__dataclass_fields__
    rows = tx.execute(query.order_by(statement_amendment.c.key_hash)).all()
    return tuple(Amendment(**{name: getattr(row, name) for name in names}) for row in rows)


def forget_amendment(tx: Transaction, partner_id: str, one: Amendment) -> None:
    """Forget a change that counts for the successor, or that a newer one outdid there."""
    tx.execute(delete(statement_amendment).where(_same(partner_id, one)))


def overtaken(tx: Transaction, names: Iterable[str], into: str) -> tuple[UUID, ...]:
    """Return whose statements of a service must be looked at again after others went on in it."""
    given = {"names": sorted(names), "into": into}
    return tuple(tx.execute(_OVERTAKEN, given).scalars())


def said_by_both(
    tx: Transaction, child_id: UUID, old: str, into: str, names: Iterable[str]
) -> tuple[bytes, ...]:
    """Return the keys under which a service and its successor said the same thing of a child.

    That is what one of its `names` said late, and what both said of one scope.
    """
    given = {"child": child_id, "old": old, "into": into, "names": sorted(names)}
    return tuple(bytes(one) for one in tx.execute(_LATE, given).scalars())


def of_sources(tx: Transaction, child_id: UUID, partner_id: str) -> Mapping[str, frozenset[bytes]]:
    """Return, by its source, the keys of what a service states about a child."""
    found: dict[str, set[bytes]] = {}
    for row in tx.execute(_OF_SOURCES, {"child": child_id, "partner": partner_id}):
        found.setdefault(row.source, set()).add(bytes(row.key_hash))
    return {source: frozenset(keys) for source, keys in sorted(found.items())}


def _same(partner_id: str, one: Amendment) -> ColumnElement[bool]:
    return (
        (statement_amendment.c.partner == partner_id)
        & (statement_amendment.c.key_hash == one.key_hash)
        & (statement_amendment.c.element == one.element)
    )


def _opened(key: bytes, row: AnyRow) -> Known:
    said = decrypt(key, row.said, place=content_place(row.id, row.said_version))
    now = said
    if row.said_version != row.version:
        now = decrypt(key, row.content, place=content_place(row.id, row.version))
    return Known(
        id=row.id,
        type=row.type,
        data_class=row.data_class,
        about=frozenset(row.about),
        flags=frozenset(row.flags),
        key_hash=bytes(row.key_hash),
        above=tuple(bytes(one) for one in row.above),
        messages=tuple(bytes(one) for one in row.messages),
        version=row.version,
        asserted_at=row.asserted_at,
        status=row.status,
        content=now,
        said=said,
    )
