"""By what a child without a number is found: keys, spellings, and what a person decided before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import LargeBinary as Bytes
from sqlalchemy import any_, bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.engine import AnyRow, Transaction
from gateway.store.identity_tables import (
    cancelled_number,
    known_description,
    match_key,
    match_verdict,
)
from gateway.store.vault import decrypt, encrypt

# Whom a shared parent points at: not every adult around a child has its siblings too.
_OF_PARENTS: Final = text("""
select distinct t.child from family_tie t join child c on c.id = t.child
 where t.person = any(:people) and t.relation <> 'self' and c.wrapped_key is not null
 order by t.child limit :limit
""")
_DESCRIBED: Final = text("""
select c.id, c.wrapped_key, c.facts, d.content,
       array(select t.person from family_tie t
              where t.child = c.id and t.relation <> 'self') as parents
  from child c left join known_description d on d.child = c.id
 where c.id = any(:children) and c.wrapped_key is not null
""")
# Whoever signed in by the old number is the same person under the new one.
_REKEY: Final = text("""
update person set insz_hash = :new where insz_hash = :old
   and not exists (select from person p where p.insz_hash = :new)
""")

# By the source's own number, or by two numbers about which a person decided meanwhile.
_NOW_KNOWN: Final = text("""
with waiting as (
  select id, receipt, raised_at, candidates, subject, decode(evidence->>'numbers', 'hex') as numbers
    from review_item where state = 'open' and kind = 'identity_match')
select id, receipt from (
  select r.id, r.receipt, r.raised_at
    from waiting r join child_lookup l on l.kind = 'local' and l.value_hash = r.subject
   group by r.id, r.receipt, r.raised_at having count(*) = 1
  union
  select r.id, r.receipt, r.raised_at
    from waiting r join match_verdict v on v.subject = r.numbers
   group by r.id, r.receipt, r.raised_at, r.candidates
  having count(*) filter (where v.same) = 1 and array_agg(v.child) @> r.candidates) as ready
 order by raised_at, id
""")
_WAS_ASKED: Final = text("""
select exists (
  select from review_item
   where kind = :kind and subject = :subject and (state = 'open' or candidates @> :led))
""")

_LEADS: Final = text("""
select a.kind, a.value_hash, l.child, l.state, c.value_hash is not null as cancelled,
       exists (select from child_lookup n
                where n.child = l.child and n.kind = 'insz' and n.state = 'current'
                  and not exists (
                    select from cancelled_number x where x.value_hash = n.value_hash)) as numbered,
       coalesce(not v.same, false) as refused
  from unnest(cast(:kinds as text[]), cast(:hashes as bytea[])) as a(kind, value_hash)
  left join child_lookup l on l.kind = a.kind and l.value_hash = a.value_hash
  left join cancelled_number c on c.value_hash = a.value_hash
  left join match_verdict v on v.subject = :subject and v.child = l.child
 order by l.child, a.kind, a.value_hash
""")

# Built once: building a statement costs more processor time than sending it.
_DESCRIPTION: Final = select(known_description.c.content).where(
    known_description.c.child == bindparam("of")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Where one number leads to: a child, or nobody (None)."""

    kind: str
    value_hash: bytes
    child: UUID | None
    state: str | None
    """`current` or `old`."""
    cancelled: bool
    """The number leads to nobody any more; this is whom it led to."""
    numbered: bool
    """The child has a national number that was not replaced or cancelled."""
    refused: bool
    """A person said that whom this source describes is not this child."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDescription:
    """What is stored to recognise one child by, still encrypted."""

    child: UUID
    wrapped_key: bytes
    facts: bytes
    content: bytes | None
    parents: frozenset[UUID]


def leads_of(tx: Transaction, numbers: Mapping[bytes, str], subject: bytes) -> tuple[Lead, ...]:
    """Return to whom these numbers (hash and kind) lead, in one question; each at least once."""
    given = {"hashes": [*numbers], "kinds": [*numbers.values()], "subject": subject}
    return tuple(Lead(**row._asdict()) for row in tx.execute(_LEADS, given))


def cancel(tx: Transaction, value_hash: bytes, *, at: datetime) -> None:
    """Let a national number lead to nobody from now on; that it led to a child stays known."""
    values = {"value_hash": value_hash, "cancelled_at": at}
    tx.execute(upsert(cancelled_number).values(values).on_conflict_do_nothing())


def rekey_person(tx: Transaction, old: bytes, new: bytes) -> None:
    """Let a youngster that is known as a person by the old number be so by the new one."""
    tx.execute(_REKEY, {"old": old, "new": new})


def index(tx: Transaction, child_id: UUID, keys: Iterable[bytes]) -> None:
    """Let these keys propose this child."""
    rows = [{"key": key, "child": child_id} for key in sorted(set(keys))]
    if rows:
        tx.execute(upsert(match_key).values(rows).on_conflict_do_nothing())


def index_only(tx: Transaction, child_id: UUID, keys: Iterable[bytes]) -> None:
    """Let these keys propose this child, and no others any more."""
    tx.execute(delete(match_key).where(match_key.c.child == child_id))
    index(tx, child_id, keys)


def candidates(tx: Transaction, keys: Iterable[bytes], *, limit: int) -> tuple[UUID, ...]:
    """Return the children that most of these keys propose."""
    wanted = any_(bindparam("keys", type_=ARRAY(Bytes)))
    query = select(match_key.c.child).where(match_key.c.key == wanted).group_by(match_key.c.child)
    most = query.order_by(func.count().desc(), match_key.c.child).limit(limit)
    return tuple(tx.execute(most, {"keys": sorted(set(keys))}).scalars())


def children_of(tx: Transaction, people: Iterable[UUID], *, limit: int) -> tuple[UUID, ...]:
    """Return the children with one of these people in their family."""
    wanted = sorted(set(people))
    if not wanted:
        return ()
    return tuple(tx.execute(_OF_PARENTS, {"people": wanted, "limit": limit}).scalars())


def descriptions(tx: Transaction, wanted: Iterable[UUID]) -> tuple[StoredDescription, ...]:
    """Return what is stored to recognise these children by; nothing of who was erased."""
    rows = tx.execute(_DESCRIBED, {"children": sorted(set(wanted))})
    return tuple(
        StoredDescription(
            child=row.id,
            wrapped_key=row.wrapped_key,
            facts=row.facts,
            content=row.content,
            parents=frozenset(row.parents),
        )
        for row in rows
    )


def description_of(tx: Transaction, key: bytes, child_id: UUID) -> bytes | None:
    """Return what a child's spellings are stored as, decrypted; None when none was heard."""
    stored = tx.execute(_DESCRIPTION, {"of": child_id}).scalar()
    return None if stored is None else open_description(key, child_id, stored)


def open_description(key: bytes, child_id: UUID, stored: bytes) -> bytes:
    """Return the plain bytes of a stored description."""
    return decrypt(key, stored, place=_place(child_id))


def describe(tx: Transaction, key: bytes, child_id: UUID, plain: bytes) -> None:
    """Store a child's spellings, encrypted under its key."""
    content = encrypt(key, plain, place=_place(child_id))
    statement = upsert(known_description).values(child=child_id, content=content)
    tx.execute(statement.on_conflict_do_update(index_elements=["child"], set_={"content": content}))


def verdicts_on(tx: Transaction, subject: bytes) -> Mapping[UUID, bool]:
    """Return of which children a person found that this is them (True), or is not (False)."""
    query = select(match_verdict.c.child, match_verdict.c.same)
    rows = tx.execute(query.where(match_verdict.c.subject == subject))
    return {row.child: row.same for row in rows}


def refused_for(tx: Transaction, subjects: Iterable[bytes]) -> frozenset[tuple[bytes, str]]:
    """Return the pairs of these with a child (its id) to which a person said no."""
    wanted = any_(bindparam("subjects", type_=ARRAY(Bytes)))
    query = select(match_verdict.c.subject, match_verdict.c.child)
    rows = tx.execute(
        query.where(match_verdict.c.subject == wanted, match_verdict.c.same.is_(False)),
        {"subjects": sorted({bytes(one) for one in subjects})},
    )
    return frozenset((bytes(row.subject), str(row.child)) for row in rows)


def keep_verdicts(
    tx: Transaction,
    subject: bytes,
    children: Sequence[UUID],
    *,
    same: bool,
    by: str,
    at: datetime,
) -> None:
    """Remember what a person found; the last word counts."""
    for child_id in children:
        values = {"same": same, "decided_by": by, "decided_at": at}
        statement = upsert(match_verdict).values(subject=subject, child=child_id, **values)
        tx.execute(
            statement.on_conflict_do_update(index_elements=["subject", "child"], set_=values)
        )


def was_asked(tx: Transaction, kind: str, subject: bytes, led: Sequence[UUID]) -> bool:
    """Whether a finding waits, or was settled for these children."""
    given = {"kind": kind, "subject": subject, "led": list(led)}
    return bool(tx.execute(_WAS_ASKED, given).scalar())


def waiting_now_known(tx: Transaction) -> tuple[AnyRow, ...]:
    """Return the open matches whose numbers lead to one child by now."""
    return tuple(tx.execute(_NOW_KNOWN))


def _place(child_id: UUID) -> str:
    return f"child/{child_id}/description"
