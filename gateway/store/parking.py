"""Rows of the outbox that cannot become messages for reasons of their own, set aside."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select, text, update
from sqlalchemy.exc import ProgrammingError

from gateway.errors import SourceUnavailable
from gateway.store.engine import AnyRow, Transaction
from gateway.store.tables import delivery, outbox
from gateway.store.vault import AnotherKey

PARKED = "parked"
# What is wrong with the database, its schema or the hub's own key is never a row's own trouble.
NOT_ITS_OWN = (SourceUnavailable, ProgrammingError, AnotherKey)

# Behind the commit horizon, as everything that is claimed.
_NEXT_DUE = text("""
select id, partner, child from outbox
where partner = :partner and state = 'due' and id > :after
  and child <> all(cast(:held_up as uuid[]))
  and xid < pg_snapshot_xmin(pg_current_snapshot())
order by id limit 1
""")


def lock_tried(tx: Transaction, row: int) -> AnyRow:
    """Lock a row; return its `partner`, `state`, `tries` and `tried_at`, the last that counted."""
    its = (outbox.c.partner, outbox.c.state, outbox.c.tries, outbox.c.tried_at)
    return tx.execute(select(*its).where(outbox.c.id == row).with_for_update()).one()


def set_tries(tx: Transaction, row: int, tries: int, *, at: datetime) -> None:
    """Let a row have failed so many times, the last of them at an instant."""
    tx.execute(update(outbox).where(outbox.c.id == row).values(tries=tries, tried_at=at))


def sealed_from(tx: Transaction, delivery_id: UUID) -> int | None:
    """Return the row that a message which still may go was sealed from; else None."""
    still = (delivery.c.id == delivery_id) & (delivery.c.state == "sealed")
    return tx.execute(select(delivery.c.outbox).where(still)).scalar_one_or_none()


def failing(tx: Transaction) -> int:
    """Return how many rows failed and are tried again, none of them parked."""
    tried = (outbox.c.tries > 0) & outbox.c.state.in_(["due", "sealed"])
    waits = exists().where(
        delivery.c.outbox == outbox.c.id, delivery.c.sent_at.is_(None), delivery.c.state == "sealed"
    )
    still = (outbox.c.state == "due") | waits
    return tx.execute(select(func.count()).select_from(outbox).where(tried, still)).scalar_one()


def next_due(
    tx: Transaction, partner_id: str, *, after: int, held_up: Collection[UUID]
) -> AnyRow | None:
    """Return a partner's next row (`id`, `partner`, `child`), not of children that are held up."""
    given = {"partner": partner_id, "after": after, "held_up": sorted(held_up)}
    return tx.execute(_NEXT_DUE, given).one_or_none()


def park(tx: Transaction, row: int, *, reason: str, error: str) -> tuple[UUID, ...]:
    """Set a row aside; return what was sealed for it and never sent, so that its key can go."""
    tx.execute(
        update(outbox)
        .where(outbox.c.id == row)
        .values(state=PARKED, parked_for=reason, parked_error=error, parked_at=func.now())
    )
    sealed = (delivery.c.outbox == row) & (delivery.c.state == "sealed")
    query = select(delivery.c.id).where(sealed).order_by(delivery.c.id)
    return tuple(tx.execute(query.with_for_update()).scalars())


def parked(tx: Transaction) -> tuple[AnyRow, ...]:
    """Return what is set aside: no child, no content."""
    columns = (
        outbox.c.id,
        outbox.c.partner,
        outbox.c.kind,
        outbox.c.tries,
        outbox.c.parked_for,
        outbox.c.parked_error,
        outbox.c.parked_at,
    )
    query = select(*columns).where(outbox.c.state == PARKED)
    return tuple(tx.execute(query.order_by(outbox.c.partner, outbox.c.id)))


def put_back(tx: Transaction, rows: Sequence[int]) -> tuple[AnyRow, ...]:
    """Let rows that are set aside be decided again; return each one's `id` and `partner`."""
    again = (
        update(outbox)
        .where(outbox.c.id.in_(rows), outbox.c.state == PARKED)
        .values(state="due", tries=0, tried_at=None)
        .values(parked_for=None, parked_error=None, parked_at=None)
    )
    done = tuple(tx.execute(again.returning(outbox.c.id, outbox.c.partner)))
    tx.execute(text("notify deelregie_outbox"))
    return done
