"""What services ask a family for, and what each right-holder answered."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.engine import AnyRow, Transaction
from gateway.store.lifecycle_tables import consent_proposal, proposal_answer

ACCEPTED: Final = "accepted"
DECLINED: Final = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The scope that a service proposes; the service itself would be the recipient."""

    id: UUID
    child: UUID
    partner: str
    classes: tuple[str, ...]
    purpose: str
    until: date
    proposed_at: datetime


def insert(tx: Transaction, proposal: Proposal) -> None:
    """Store a proposal."""
    values = {name: getattr(proposal, name) for name in Proposal.__dataclass_fields__}
    tx.execute(consent_proposal.insert().values(**values | {"classes": list(proposal.classes)}))


def find(tx: Transaction, proposal_id: UUID) -> Proposal | None:
    """Return one proposal, or None."""
    query = select(consent_proposal).where(consent_proposal.c.id == proposal_id)
    row = tx.execute(query).first()
    return _proposal(row) if row else None


def same(tx: Transaction, proposal: Proposal) -> Proposal | None:
    """Return an earlier proposal of exactly this, whatever the family answered to it.

    Were an answered one made anew, its service would learn from the id that somebody answered.
    """
    query = select(consent_proposal).where(
        consent_proposal.c.child == proposal.child,
        consent_proposal.c.partner == proposal.partner,
        consent_proposal.c.purpose == proposal.purpose,
        consent_proposal.c.until == proposal.until,
        consent_proposal.c.classes == list(proposal.classes),
    )
    row = tx.execute(query).first()
    return _proposal(row) if row else None


def open_proposals(
    tx: Transaction, child: UUID, person: UUID, *, today: date
) -> tuple[Proposal, ...]:
    """Return what this person did not answer yet and can still run, oldest first."""
    answered = select(proposal_answer.c.proposal).where(proposal_answer.c.person == person)
    query = select(consent_proposal).where(
        consent_proposal.c.child == child,
        consent_proposal.c.until >= today,
        consent_proposal.c.id.not_in(answered),
    )
    oldest = (consent_proposal.c.proposed_at, consent_proposal.c.id)
    return tuple(_proposal(row) for row in tx.execute(query.order_by(*oldest)))


def answer(
    tx: Transaction,
    proposal_id: UUID,
    person: UUID,
    said: str,
    *,
    consent: UUID | None,
    at: datetime,
) -> None:
    """Record what a person answered; who declined may still accept."""
    values = {"answer": said, "consent": consent, "answered_at": at}
    statement = upsert(proposal_answer).values(proposal=proposal_id, person=person, **values)
    keys = ["proposal", "person"]
    tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=values))


def _proposal(row: AnyRow) -> Proposal:
    values = row._asdict()
    return Proposal(**{**values, "classes": tuple(values["classes"])})
