"""Children the hub knows: internal id, data key, look-up hashes, family and care relations."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import LargeBinary, any_, bindparam, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.engine import Question, Transaction, ask_together
from gateway.store.identity_tables import cancelled_number
from gateway.store.tables import care_relation, child, child_lookup, family_tie, person
from gateway.store.vault import Vault, decrypt, encrypt, new_key

# The relation of a youngster to the own file.
SELF: Final = "self"
INSZ: Final = "insz"
LOCAL: Final = "local"
CURRENT: Final = "current"
OLD: Final = "old"

# One 64-bit lock per child orders disclosures against writes and withdrawals of the same child.
_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:child, 0))")
_LOCK_MANY = text("""
select pg_advisory_xact_lock(hashtextextended(lookup, 0))
from unnest(cast(:lookups as text[])) as asked(lookup)
""")
_LOCK_SHARED = text("select pg_advisory_xact_lock_shared(hashtextextended(:child, 0))")
# Several at once, in one order, so that two who take the same never wait for each other.
SHARE_LOCKS = Question.of(
    text("""
select child, pg_advisory_xact_lock_shared(hashtextextended(child::text, 0)) is not null as held
from unnest(cast(:children as uuid[])) as asked(child)
""")
)
# Not taken while somebody holds the lock alone, or waits to.
TRY_LOCKS = Question.of(
    text("""
select child, pg_try_advisory_xact_lock_shared(hashtextextended(child::text, 0)) as held
from unnest(cast(:children as uuid[])) as asked(child)
""")
)
_OWN_IDENTIFIERS = text("""
select l.value_hash from child_lookup l
 where l.child = :child and l.kind in ('insz', 'local') and not exists (
   select from child_lookup o
    where o.kind = l.kind and o.value_hash = l.value_hash and o.child <> l.child)
 order by l.value_hash
""")
_CANCELLED = select(cancelled_number.c.value_hash)
# Statements are built once: building one costs more processor time than sending it.
_WRAPPED_KEY = select(child.c.wrapped_key).where(child.c.id == bindparam("of"))
_FACTS = select(child.c.facts).where(child.c.id == bindparam("of"))
_FIND = (
    select(child_lookup.c.child)
    .where(
        child_lookup.c.kind == bindparam("kind"),
        child_lookup.c.value_hash == bindparam("hash"),
        child_lookup.c.value_hash.not_in(_CANCELLED),
    )
    .order_by(child_lookup.c.child)
)
_START_CARE = upsert(care_relation).on_conflict_do_nothing()
_AROUND = (
    select(care_relation.c.partner)
    .where(
        care_relation.c.child == bindparam("of"),
        care_relation.c.since <= bindparam("at"),
        or_(care_relation.c.until.is_(None), care_relation.c.until > bindparam("at")),
    )
    .order_by(care_relation.c.partner)
)
_REMEMBER = text("""
insert into child_lookup (kind, value_hash, child, state)
select new.kind, new.value_hash, :child, new.state
  from unnest(cast(:kinds as text[]), cast(:hashes as bytea[]), cast(:states as text[]))
       as new(kind, value_hash, state)
 where new.kind <> 'insz' or not exists (
   select from child_lookup l
    where l.kind = new.kind and l.value_hash = new.value_hash and l.child <> :child)
on conflict (kind, value_hash, child) do update set state = 'old' where excluded.state = 'old'
""")
_PEOPLE = select(person.c.id, person.c.insz_hash).where(
    person.c.insz_hash == any_(bindparam("hashes", type_=ARRAY(LargeBinary)))
)
_NEW_PEOPLE = upsert(person).on_conflict_do_nothing()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildFacts:
    """What the hub keeps of a child beside its records; encrypted under the child's key."""

    born: str
    given: str

    def encoded(self) -> bytes:
        """Return the bytes that are encrypted."""
        return json.dumps({"born": self.born, "given": self.given}).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """A person's relation to a child and the authority a source claims for that person."""

    person: UUID
    relation: str
    authority: str


def lock(tx: Transaction, child_id: UUID) -> None:
    """Wait for, and then exclude, every other transaction about this child."""
    tx.execute(_LOCK, {"child": str(child_id)})


def lock_shared(tx: Transaction, child_id: UUID) -> None:
    """Exclude writes about this child, so that a withdrawal waits for this disclosure's log."""
    tx.execute(_LOCK_SHARED, {"child": str(child_id)})


def lock_all_shared(tx: Transaction, of_children: Iterable[UUID]) -> None:
    """Do the same for several children, in one order for everybody."""
    if names := sorted(set(of_children)):
        ask_together(tx, (SHARE_LOCKS, {"children": names}))


def lock_lookup(tx: Transaction, value_hash: bytes) -> None:
    """Serialise the first sight of an identifier: two deliveries may not create two children."""
    tx.execute(_LOCK, {"child": value_hash.hex()})


def lock_lookups(tx: Transaction, hashes: Iterable[bytes]) -> None:
    """Serialise the first sight of several identifiers, in one order for everybody."""
    wanted = sorted(one.hex() for one in set(hashes))
    if wanted:
        tx.execute(_LOCK_MANY, {"lookups": wanted})


def create(tx: Transaction, vault: Vault, facts: ChildFacts, *, at: datetime) -> UUID:
    """Return the id of a new child with a fresh data key."""
    child_id, key = uuid4(), new_key()
    tx.execute(
        child.insert().values(
            id=child_id,
            wrapped_key=vault.wrap(key, place=f"child/{child_id}"),
            facts=encrypt(key, facts.encoded(), place=f"child/{child_id}/facts"),
            known_since=at,
        )
    )
    return child_id


def key_of(tx: Transaction, vault: Vault, child_id: UUID) -> bytes | None:
    """Return the child's data key; None when the child is unknown or erased."""
    wrapped = tx.execute(_WRAPPED_KEY, {"of": child_id}).scalar()
    return open_key(vault, child_id, wrapped) if wrapped else None


def facts_of(tx: Transaction, vault: Vault, child_id: UUID) -> ChildFacts | None:
    """Return the child's facts; None when the child is unknown or erased."""
    row = tx.execute(
        select(child.c.wrapped_key, child.c.facts).where(child.c.id == child_id)
    ).first()
    if row is None or row.wrapped_key is None:
        return None
    return open_facts(vault, child_id, row.wrapped_key, row.facts)[1]


def complete_facts(tx: Transaction, key: bytes, child_id: UUID, found: ChildFacts) -> None:
    """Fill in what was unknown until now; what is known already is not overwritten."""
    stored = tx.execute(_FACTS, {"of": child_id}).scalar_one()
    place = f"child/{child_id}/facts"
    known = ChildFacts(**json.loads(decrypt(key, stored, place=place)))
    whole = combined(known, found)
    if whole != known:
        replace_facts(tx, key, child_id, whole)


def replace_facts(tx: Transaction, key: bytes, child_id: UUID, facts: ChildFacts) -> None:
    """Let nothing but this be known of a child beside its records."""
    sealed = encrypt(key, facts.encoded(), place=f"child/{child_id}/facts")
    tx.execute(update(child).where(child.c.id == child_id).values(facts=sealed))


def combined(known: ChildFacts, found: ChildFacts) -> ChildFacts:
    """Fill in what was unknown until now; what is known already is not overwritten."""
    # A year alone is no birth date: what continues it completes it.
    born = found.born if found.born.startswith(known.born) else known.born
    return ChildFacts(born=born, given=known.given or found.given)


def open_key(vault: Vault, child_id: UUID, wrapped: bytes) -> bytes:
    """Return the child's data key."""
    return vault.unwrap(wrapped, place=f"child/{child_id}")


def wrapped_keys(tx: Transaction, wanted: Iterable[UUID]) -> Mapping[UUID, bytes]:
    """Return the wrapped data keys of the children that are known and not erased."""
    known = child.c.id.in_(sorted(set(wanted))) & child.c.wrapped_key.is_not(None)
    rows = tx.execute(select(child.c.id, child.c.wrapped_key).where(known))
    return {row.id: row.wrapped_key for row in rows}


def open_facts(
    vault: Vault, child_id: UUID, wrapped: bytes, facts: bytes
) -> tuple[bytes, ChildFacts]:
    """Return the child's data key and its decrypted facts."""
    key = open_key(vault, child_id, wrapped)
    return key, ChildFacts(**json.loads(decrypt(key, facts, place=f"child/{child_id}/facts")))


def find(tx: Transaction, kind: str, value_hash: bytes) -> tuple[UUID, ...]:
    """Return the children that an identifier's hash leads to; nobody once it was cancelled."""
    return tuple(tx.execute(_FIND, {"kind": kind, "hash": value_hash}).scalars())


def numbers_of(tx: Transaction, child_id: UUID) -> tuple[bytes, ...]:
    """Return the hashes of the national numbers that lead to a child."""
    query = select(child_lookup.c.value_hash).where(
        child_lookup.c.child == child_id,
        child_lookup.c.kind == INSZ,
        child_lookup.c.value_hash.not_in(_CANCELLED),
    )
    return tuple(tx.execute(query.order_by(child_lookup.c.value_hash)).scalars())


def identifiers_of(tx: Transaction, child_id: UUID) -> tuple[bytes, ...]:
    """Return the hashes of the national and local numbers that lead to a child, or to it too."""
    query = select(child_lookup.c.value_hash).where(
        child_lookup.c.child == child_id, child_lookup.c.kind.in_(("insz", "local"))
    )
    return tuple(tx.execute(query.order_by(child_lookup.c.value_hash)).scalars())


def own_identifiers_of(tx: Transaction, child_id: UUID) -> tuple[bytes, ...]:
    """Return the hashes of the national and local numbers that lead to a child and nobody else."""
    rows = tx.execute(_OWN_IDENTIFIERS, {"child": child_id}).scalars()
    return tuple(bytes(one) for one in rows)


def remember(tx: Transaction, child_id: UUID, numbers: Iterable[tuple[str, bytes, str]]) -> None:
    """Let hashes of identifiers, each with kind and state, lead to a child.

    A national number leads to one child only. What was replaced once stays `old`, in whatever order
    that was told.
    """
    kinds, hashes, states = zip(*numbers, strict=True)
    given = {"kinds": list(kinds), "hashes": list(hashes), "states": list(states)}
    tx.execute(_REMEMBER, {**given, "child": child_id})


def person_by_insz(tx: Transaction, insz_hash: bytes) -> UUID | None:
    """Return the adult with this national number's hash, or None."""
    return tx.execute(select(person.c.id).where(person.c.insz_hash == insz_hash)).scalar()


def ensure_person(tx: Transaction, insz_hash: bytes) -> UUID:
    """Return the adult with this national number's hash, made known if needed."""
    return ensure_people(tx, [insz_hash])[insz_hash]


def ensure_people(tx: Transaction, hashes: Iterable[bytes]) -> dict[bytes, UUID]:
    """Do the same for several, in one order for everybody; return each by its hash."""
    wanted = sorted(set(hashes))
    found = _people(tx, wanted)
    new = [{"id": uuid4(), "insz_hash": one} for one in wanted if one not in found]
    if new:
        tx.execute(_NEW_PEOPLE, new)
        # Another transaction may have made one of them known at this moment.
        found = _people(tx, wanted)
    return found


def _people(tx: Transaction, hashes: list[bytes]) -> dict[bytes, UUID]:
    rows = tx.execute(_PEOPLE, {"hashes": hashes}) if hashes else ()
    return {bytes(row.insz_hash): row.id for row in rows}


def claim_self(tx: Transaction, child_id: UUID, person_id: UUID, *, at: datetime) -> None:
    """Tie a youngster to the own file; whoever has another tie to this child keeps that one."""
    statement = upsert(family_tie).values(
        child=child_id,
        person=person_id,
        relation=SELF,
        authority="none",
        evidence="own number",
        claimed_at=at,
    )
    tx.execute(statement.on_conflict_do_nothing())


def ties_of_person(tx: Transaction, person_id: UUID) -> tuple[UUID, ...]:
    """Return the children for whom this person may act, and its own file; oldest tie first.

    A foster parent only where decisions were delegated; whether a tie still counts at this age is
    not known here.
    """
    fosters = (family_tie.c.relation == "foster_parent") & (family_tie.c.authority == "delegated")
    near = or_(family_tie.c.relation.in_(["parent", "guardian", SELF]), fosters)
    query = select(family_tie.c.child).where(family_tie.c.person == person_id, near)
    return tuple(tx.execute(query.order_by(family_tie.c.claimed_at, family_tie.c.child)).scalars())


def known_beside_self(tx: Transaction, person_id: UUID) -> bool:
    """Whether somebody is known as more than a youngster with an own file."""
    relations = set(
        tx.execute(select(family_tie.c.relation).where(family_tie.c.person == person_id)).scalars()
    )
    return not relations or relations != {SELF}


def ties_of_child(tx: Transaction, child_id: UUID) -> tuple[Tie, ...]:
    """Return the family of a child."""
    query = select(family_tie).where(family_tie.c.child == child_id).order_by(family_tie.c.person)
    return tuple(
        Tie(person=row.person, relation=row.relation, authority=row.authority)
        for row in tx.execute(query)
    )


def start_care(tx: Transaction, child_id: UUID, partner_id: str, *, at: datetime) -> None:
    """Record that a service is around a child; a running relation stays as it is."""
    tx.execute(_START_CARE, {"child": child_id, "partner": partner_id, "since": at})


def services_around(tx: Transaction, child_id: UUID, *, at: datetime) -> tuple[str, ...]:
    """Return the services with an active care relation."""
    return tuple(tx.execute(_AROUND, {"of": child_id, "at": at}).scalars())
