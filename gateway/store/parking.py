"""Rows of the outbox that cannot become messages for reasons of their own, set aside."""

from collections.abc import Collection, Sequence
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
select id, child from outbox
where partner = :partner and state = 'due' and id > :after
  and child <> all(cast(:held_up as uuid[]))
  and xid < pg_snapshot_xmin(pg_current_snapshot())
order by id limit 1
""")


def count_try(tx: Transaction, row: int) -> AnyRow:
    """Add one failed try to a row and lock it; return its `partner`, `child`, `state`, `tries`."""
    counted = update(outbox).where(outbox.c.id == row).values(tries=outbox.c.tries + 1)
    its = (outbox.c.partner, outbox.c.child, outbox.c.state, outbox.c.tries)
    return tx.execute(counted.returning(*its)).one()


def count_anew(tx: Transaction, row: int) -> None:
    """Let a row have been tried once: what failed was not its own."""
    tx.execute(update(outbox).where(outbox.c.id == row).values(tries=1))


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
    """Return `id` and `child` of a partner's next row, passing over children that are held up."""
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
        .values(state="due", tries=0, parked_for=None, parked_error=None, parked_at=None)
    )
    done = tuple(tx.execute(again.returning(outbox.c.id, outbox.c.partner)))
    tx.execute(text("notify deelregie_outbox"))
    return done
