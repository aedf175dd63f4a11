"""Who is family of a child, as each source claims it; the tie that counts follows from all."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
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


def claims_of(tx: Transaction, child_id: UUID, person_id: UUID) -> tuple[Claim, ...]:
    """Return what every source claims about one person and one child."""
    mine = (tie_claim.c.child == child_id) & (tie_claim.c.person == person_id)
    names = Claim.__dataclass_fields__
    return tuple(
        Claim(**{name: getattr(row, name) for name in names})
        for row in tx.execute(select(tie_claim).where(mine))
    )


def save_claim(tx: Transaction, child_id: UUID, person_id: UUID, claim: Claim) -> None:
    """Record a claim in the place of an earlier one of the same source."""
    names = Claim.__dataclass_fields__
    values = {name: getattr(claim, name) for name in names}
    changing = {name: values[name] for name in ("relation", "authority", "asserted_at")}
    statement = upsert(tie_claim).values(child=child_id, person=person_id, **values)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["child", "person", "partner", "source"], set_=changing
        )
    )


# What a source claims replaces of another evidence only what is weaker.
_WEAKER = {"none": (), "unknown": ("none",)}


def set_tie(tx: Transaction, child_id: UUID, tie: Tie, *, evidence: str, at: datetime) -> None:
    """Let this tie count; a youngster stays who it is in its own file.

    What does not rest on a source's claims yields only to what is stronger.
    """
    values = {"relation": tie.relation, "authority": tie.authority, "evidence": evidence}
    statement = upsert(family_tie).values(
        child=child_id, person=tie.person, claimed_at=at, **values
    )
    other = (
        (family_tie.c.relation != tie.relation)
        | (family_tie.c.authority != tie.authority)
        | (family_tie.c.evidence != evidence)
    )
    of_sources = family_tie.c.evidence.startswith("source:")
    weaker = family_tie.c.authority.in_(_WEAKER.get(tie.authority, ("none", "unknown")))
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["child", "person"],
            set_={**values, "claimed_at": at},
            where=(family_tie.c.relation != SELF) & other & (of_sources | weaker),
        )
    )
