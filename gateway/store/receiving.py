"""In which way each service receives, and how far its feed and its webhook are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text, update

from gateway.store.engine import Transaction
from gateway.store.receiving_tables import receiving
from gateway.store.tables import delivery

KAFKA: Final = "kafka"
FEED: Final = "feed"
WEBHOOK: Final = "webhook"
BY_KAFKA: Final = frozenset({KAFKA})
BY_FEED: Final = frozenset({FEED, WEBHOOK})
"""Both pull the feed; with a webhook somebody is told when there is something."""
WAYS: Final = BY_KAFKA | BY_FEED
NO_TROUBLE: Final[dict[str, object]] = {
    "attempts": 0,
    "next_at": None,
    "failing_since": None,
    "parked_at": None,
    "trouble": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiving:
    """How one service receives; without a registered way, through Kafka from its first message."""

    partner: str
    way: str = KAFKA
    url: str | None = None
    since_sequence: int = 0
    put_sequence: int = 0
    told_sequence: int = 0
    attempts: int = 0
    failing_since: datetime | None = None
    parked_at: datetime | None = None
    trouble: str | None = None

    @property
    def by_feed(self) -> bool:
        """Whether its messages lie in the feed."""
        return self.way in BY_FEED


# Shared by who marks or lets go again; who changes the way has it alone. Numbering goes on.
_HOLD = text("select partner from partner_stream where partner = :partner for key share")
_CLAIM = text("""
update receiving set next_at = :until, attempts = attempts + 1
 where partner in (
   select r.partner from receiving r join partner p on p.id = r.partner
    where r.way = 'webhook' and r.parked_at is null and r.put_sequence > r.told_sequence
      and p.status = 'active' and (r.next_at is null or r.next_at <= :at)
    order by r.partner for update of r skip locked)
returning partner, url, put_sequence, attempts, failing_since
""")


def takes(partner: ColumnElement[str], ways: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that a partner receives in one of these ways."""
    way = select(receiving.c.way).where(receiving.c.partner == partner).scalar_subquery()
    return func.coalesce(way, KAFKA).in_(sorted(ways))


def of_partner(tx: Transaction, partner_id: str) -> Receiving:
    """Return how a partner receives."""
    names = Receiving.__dataclass_fields__
    columns = [receiving.c[name] for name in names]
    row = tx.execute(select(*columns).where(receiving.c.partner == partner_id)).mappings().first()
    return Receiving(**row) if row else Receiving(partner=partner_id)


def hold_way(tx: Transaction, partner_id: str) -> Receiving:
    """Return how a partner receives, which nobody changes before this transaction ends."""
    tx.execute(_HOLD, {"partner": partner_id})
    # Asked after the lock, so that it sees what was changed while it waited.
    return of_partner(tx, partner_id)


def still_by_kafka(tx: Transaction, messages: Iterable[UUID]) -> tuple[UUID, ...]:
    """Return the messages whose partner receives through Kafka, until this transaction ends."""
    query = select(delivery.c.id, delivery.c.partner).where(delivery.c.id.in_(sorted(messages)))
    rows = tx.execute(query).all()
    by_kafka = {
        one for one in sorted({row.partner for row in rows}) if not hold_way(tx, one).by_feed
    }
    return tuple(row.id for row in rows if row.partner in by_kafka)


def everyone(tx: Transaction) -> dict[str, Receiving]:
    """Return every partner whose way was registered."""
    names = Receiving.__dataclass_fields__
    rows = tx.execute(select(*(receiving.c[name] for name in names))).mappings()
    return {row["partner"]: Receiving(**row) for row in rows}


def by_feed(tx: Transaction) -> tuple[str, ...]:
    """Return the partners whose messages go into the feed."""
    query = select(receiving.c.partner).where(receiving.c.way.in_(sorted(BY_FEED)))
    return tuple(tx.execute(query.order_by(receiving.c.partner)).scalars())


def claim_webhooks(tx: Transaction, *, at: datetime, until: datetime) -> tuple[Receiving, ...]:
    """Take the webhooks that are to be called now; nobody else takes them before `until`."""
    rows = tx.execute(_CLAIM, {"at": at, "until": until}).mappings()
    return tuple(Receiving(way=WEBHOOK, **row) for row in rows)


def told(tx: Transaction, one: Receiving) -> None:
    """Record that a webhook took the news up to what was claimed."""
    reached = func.greatest(receiving.c.told_sequence, one.put_sequence)
    values = {"told_sequence": reached, **NO_TROUBLE}
    tx.execute(update(receiving).where(_is(one)).values(values))


def failed(
    tx: Transaction, one: Receiving, trouble: str, *, next_at: datetime | None, at: datetime
) -> None:
    """Record a failed call: it is made again at `next_at`, or never, until an operator says so."""
    values = {
        "trouble": trouble,
        "failing_since": func.coalesce(receiving.c.failing_since, at),
        "next_at": next_at,
        "parked_at": None if next_at else at,
    }
    tx.execute(update(receiving).where(_is(one)).values(values))


def _is(one: Receiving) -> ColumnElement[bool]:
    # What was registered anew meanwhile has nothing to do with this call.
    return (receiving.c.partner == one.partner) & (receiving.c.url == one.url)
