"""Who is family of a child, as each source claims it; the tie that counts follows from all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from gateway.store.change_tables import tie_claim
from gateway.store.children import Tie
from gateway.store.engine import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one service, from one system, last claimed about one person and one child."""

    partner: str
    source: str
    relation: str
    authority: str
    asserted_at: str


# Statements are built once: building one costs more processor time than sending it.
_CLAIMS = select(tie_claim).where(
    tie_claim.c.child == bindparam("of"),
    tie_claim.c.person == any_(bindparam("people", type_=ARRAY(Uuid))),
)
_SAVE_CLAIMS = text("""
insert into tie_claim (child, person, partner, source, relation, authority, asserted_at)
select :child, new.*
  from unnest(cast(:person as uuid[]), cast(:partner as text[]), cast(:source as text[]),
              cast(:relation as text[]), cast(:authority as text[]), cast(:asserted_at as text[]))
       as new
on conflict (child, person, partner, source) do update
   set relation = excluded.relation, authority = excluded.authority,
       asserted_at = excluded.asserted_at
""")
# Of another evidence a source's claim replaces only what is weaker.
_SET_TIES = text("""
insert into family_tie as known (child, person, relation, authority, evidence, claimed_at)
select :child, new.*, :claimed_at
  from unnest(cast(:person as uuid[]), cast(:relation as text[]), cast(:authority as text[]),
              cast(:evidence as text[])) as new
on conflict (child, person) do update
   set relation = excluded.relation, authority = excluded.authority,
       evidence = excluded.evidence, claimed_at = excluded.claimed_at
 where known.relation <> 'self'
   and (known.relation, known.authority, known.evidence)
       <> (excluded.relation, excluded.authority, excluded.evidence)
   and (known.evidence like 'source:%'
     or (excluded.authority = 'unknown' and known.authority = 'none')
     or (excluded.authority not in ('none', 'unknown')
         and known.authority in ('none', 'unknown')))
""")


def claims_of(
    tx: Transaction, child_id: UUID, people: Iterable[UUID]
) -> dict[UUID, tuple[Claim, ...]]:
    """Return, by person, what every source claims about these people and one child."""
    found: dict[UUID, tuple[Claim, ...]] = dict.fromkeys(people, ())
    names = Claim.__dataclass_fields__
    for row in tx.execute(_CLAIMS, {"of": child_id, "people": [*found]}) if found else ():
        found[row.person] += (Claim(**{name: getattr(row, name) for name in names}),)
    return found


def save_claims(tx: Transaction, child_id: UUID, claims: Mapping[UUID, Claim]) -> None:
    """Record a claim about each person in the place of an earlier one of the same source."""
    if claims:
        names = Claim.__dataclass_fields__
        said = {name: [getattr(one, name) for one in claims.values()] for name in names}
        tx.execute(_SAVE_CLAIMS, {"child": child_id, "person": [*claims], **said})


def set_tie(tx: Transaction, child_id: UUID, tie: Tie, *, evidence: str, at: datetime) -> None:
    """Let a tie count, as `set_ties` does."""
    set_ties(tx, child_id, {tie: evidence}, at=at)


def set_ties(tx: Transaction, child_id: UUID, evidence: Mapping[Tie, str], *, at: datetime) -> None:
    """Let ties count, one for each person, with their evidence.

    A youngster stays who it is in its own file. What does not rest on a source's claims yields only
    to what is stronger.
    """
    if evidence:
        said = {
            name: [getattr(one, name) for one in evidence]
            for name in ("person", "relation", "authority")
        }
        given = {"child": child_id, "evidence": [*evidence.values()], "claimed_at": at}
        tx.execute(_SET_TIES, said | given)


def people_claimed_by(tx: Transaction, child_id: UUID, partner_id: str) -> tuple[UUID, ...]:
    """Return the people of whom a service claims that they are family of a child."""
    query = select(tie_claim.c.person).where(
        tie_claim.c.child == child_id, tie_claim.c.partner == partner_id
    )
    return tuple(tx.execute(query.distinct().order_by(tie_claim.c.person)).scalars())


def forget_claims(tx: Transaction, child_id: UUID, partner_id: str) -> None:
    """Forget what a service claimed about a child, once its successor claims it."""
    mine = (tie_claim.c.child == child_id) & (tie_claim.c.partner == partner_id)
    tx.execute(delete(tie_claim).where(mine))
