"""What a member of the family should know or do: shown on the pages, once for each cause."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store.engine import AnyRow, Transaction
from gateway.store.lifecycle_tables import family_notice

CONSENT_ENDS_SOON: Final = "consent_ends_soon"
CONSENT_ENDED: Final = "consent_ended"
RECONFIRM: Final = "reconfirm"
TURNS_TWELVE: Final = "turns_twelve"
TURNS_EIGHTEEN: Final = "turns_eighteen"
PROPOSED: Final = "proposed"
OTHER_PARENT_DECIDED: Final = "other_parent_decided"
SERVICE_MERGED: Final = "service_merged"
SERVICE_CLOSED: Final = "service_closed"
SHARED_BY_LAW: Final = "shared_by_law"
CAPACITY_ASSESSED: Final = "capacity_assessed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing for one person; `subject` is the id of what it is about, never a name.

    The day makes a cause happen once: the same person, kind, subject and day is the same notice.
    """

    child: UUID
    person: UUID
    kind: str
    subject: str
    day: date
    release_at: datetime
    """Not shown before."""


def notify(tx: Transaction, notices: Iterable[Notice], *, at: datetime) -> int:
    """Store notices; return how many were new."""
    rows = [
        {name: getattr(one, name) for name in Notice.__dataclass_fields__}
        | {"id": uuid4(), "made_at": at}
        for one in notices
    ]
    if not rows:
        return 0
    statement = upsert(family_notice).values(rows).on_conflict_do_nothing()
    return len(tx.execute(statement.returning(family_notice.c.id)).all())


def of_person(tx: Transaction, person: UUID, *, at: datetime) -> tuple[AnyRow, ...]:
    """Return a person's released notices, newest first."""
    released = (family_notice.c.person == person) & (family_notice.c.release_at <= at)
    query = select(family_notice).where(released)
    newest = (family_notice.c.release_at.desc(), family_notice.c.id)
    return tuple(tx.execute(query.order_by(*newest)))


def mark_read(tx: Transaction, person: UUID, notice: UUID, *, at: datetime) -> bool:
    """Record that a person saw a notice of its own; False when there is no such notice."""
    own = (family_notice.c.id == notice) & (family_notice.c.person == person)
    shown = own & (family_notice.c.release_at <= at) & family_notice.c.read_at.is_(None)
    return tx.execute(update(family_notice).where(shown).values(read_at=at)).rowcount == 1
