"""What families decided: one row per decision, kept for ever, withdrawn at most once.

A grant names its classes, purpose, service and last day; in the other decisions None means any.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Text, any_, cast, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from gateway.store.engine import AnyRow, Transaction
from gateway.store.partners import successor
from gateway.store.tables import consent, partner


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRow:
    """A family's decision with the exact wording that was agreed to."""

    id: UUID
    child: UUID
    person: UUID
    effect: str
    classes: tuple[str, ...] | None
    purpose: str | None
    partner: str | None
    since: datetime
    until: date | None
    wording_id: str
    wording_version: str
    wording_language: str
    wording_sha256: bytes
    channel: str
    withdrawn_at: datetime | None = None
    withdrawn_by: UUID | None = None
    giver: str = "parent"
    sources: tuple[str, ...] | None = None
    assisted_by: str | None = None
    rules_version: str | None = None
    supersedes: UUID | None = None
    superseded_at: datetime | None = None
    contested_at: datetime | None = None
    ended_at: datetime | None = None

    def covers(self, data_class: str) -> bool:
        """Whether the decision names this class, or any."""
        return self.classes is None or data_class in self.classes


def insert(tx: Transaction, row: ConsentRow) -> None:
    """Store a decision."""
    values = {name: getattr(row, name) for name in ConsentRow.__dataclass_fields__}
    lists = {name: _list(values[name]) for name in ("classes", "sources")}
    tx.execute(consent.insert().values({**values, **lists}))


def find(tx: Transaction, consent_id: UUID) -> ConsentRow | None:
    """Return one decision, or None."""
    row = tx.execute(select(consent).where(consent.c.id == consent_id)).first()
    return _row(row) if row else None


def of_child(tx: Transaction, child_id: UUID) -> tuple[ConsentRow, ...]:
    """Return every decision about a child, oldest first."""
    query = select(consent).where(consent.c.child == child_id)
    return tuple(_row(row) for row in tx.execute(query.order_by(consent.c.since, consent.c.id)))


def withdraw(tx: Transaction, consent_id: UUID, *, by: UUID, at: datetime) -> bool:
    """End a decision now; False when it had been withdrawn before."""
    statement = (
        update(consent)
        .where(consent.c.id == consent_id, consent.c.withdrawn_at.is_(None))
        .values(withdrawn_at=at, withdrawn_by=by)
    )
    return tx.execute(statement).rowcount == 1


def partners_granted(tx: Transaction, child_id: UUID, *, at: datetime) -> frozenset[str]:
    """Return the services to which some grant about this child runs."""
    # `until` includes its whole day in Flanders; a day of slack here is narrowed by the decision.
    query = select(consent.c.partner, partner.c.merged_into).where(
        consent.c.partner == partner.c.id,
        consent.c.child == child_id,
        consent.c.effect == "grant",
        consent.c.withdrawn_at.is_(None),
        consent.c.superseded_at.is_(None),
        consent.c.ended_at.is_(None),
        consent.c.until >= func.date(at) - 1,
    )
    # A grant to a service that merged may go on to its successor; the decision asks for more.
    return frozenset(
        successor(tx, into) if into else name for name, into in tx.execute(query.distinct())
    )


def purposes_granted(tx: Transaction, child_id: UUID, partner_id: str) -> tuple[str, ...]:
    """Return the purposes for which a family ever granted a service something, `care` first."""
    heir = select(partner.c.predecessors).where(partner.c.id == partner_id).scalar_subquery()
    before = cast(heir, ARRAY(Text))
    query = select(consent.c.purpose).where(
        consent.c.child == child_id,
        (consent.c.partner == partner_id) | (consent.c.partner == any_(before)),
        consent.c.effect == "grant",
    )
    return tuple(
        sorted(tx.execute(query.distinct()).scalars(), key=lambda one: (one != "care", one))
    )


def _row(row: AnyRow) -> ConsentRow:
    values = row._asdict()
    lists = {name: _tuple(values[name]) for name in ("classes", "sources")}
    return ConsentRow(**{**values, **lists})


def _list(names: tuple[str, ...] | None) -> list[str] | None:
    return None if names is None else list(names)


def _tuple(names: list[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)
