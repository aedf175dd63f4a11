"""Who is family of a child, as each source claims it; the tie that counts follows from all."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.change_tables import tie_claim
from gateway.store.children import SELF, Tie
from gateway.store.engine import Transaction
from gateway.store.tables import family_tie


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
    tie_claim.c.child == bindparam("of"), tie_claim.c.person == bindparam("who")
)
_NEW_CLAIM = upsert(tie_claim)
_SAVE_CLAIM = _NEW_CLAIM.on_conflict_do_update(
    index_elements=["child", "person", "partner", "source"],
    set_={name: _NEW_CLAIM.excluded[name] for name in ("relation", "authority", "asserted_at")},
)
_NEW_TIE = upsert(family_tie)
_SAID = _NEW_TIE.excluded
_OTHER = or_(*(family_tie.c[name] != _SAID[name] for name in ("relation", "authority", "evidence")))
# Of another evidence a source's claim replaces only what is weaker.
_WEAKER = or_(
    and_(_SAID.authority == "unknown", family_tie.c.authority == "none"),
    and_(
        _SAID.authority.not_in(["none", "unknown"]),
        family_tie.c.authority.in_(["none", "unknown"]),
    ),
)
_SET_TIE = _NEW_TIE.on_conflict_do_update(
    index_elements=["child", "person"],
    set_={name: _SAID[name] for name in ("relation", "authority", "evidence", "claimed_at")},
    where=(family_tie.c.relation != SELF)
    & _OTHER
    & (family_tie.c.evidence.startswith("source:") | _WEAKER),
)


def claims_of(tx: Transaction, child_id: UUID, person_id: UUID) -> tuple[Claim, ...]:
    """Return what every source claims about one person and one child."""
    names = Claim.__dataclass_fields__
    rows = tx.execute(_CLAIMS, {"of": child_id, "who": person_id})
    return tuple(Claim(**{name: getattr(row, name) for name in names}) for row in rows)


def save_claim(tx: Transaction, child_id: UUID, person_id: UUID, claim: Claim) -> None:
    """Record a claim in the place of an earlier one of the same source."""
    values = {name: getattr(claim, name) for name in Claim.__dataclass_fields__}
    tx.execute(_SAVE_CLAIM, {"child": child_id, "person": person_id, **values})


def set_tie(tx: Transaction, child_id: UUID, tie: Tie, *, evidence: str, at: datetime) -> None:
    """Let this tie count; a youngster stays who it is in its own file.

    What does not rest on a source's claims yields only to what is stronger.
    """
    about = {"child": child_id, "person": tie.person, "claimed_at": at}
    said = {"relation": tie.relation, "authority": tie.authority, "evidence": evidence}
    tx.execute(_SET_TIE, about | said)


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
