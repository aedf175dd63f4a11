"""A service receives in another way from now on, and loses nothing that lay in the old one."""

from typing import Final

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from gateway.store import outbox
from gateway.store.engine import Transaction
from gateway.store.receiving import BY_FEED, NO_TROUBLE, of_partner
from gateway.store.receiving_tables import receiving

# Nothing of the service is marked as sent, and nothing lost is let go again, meanwhile.
_ALONE: Final = text("select partner from partner_stream where partner = :partner for update")
# The feed begins with the first message that is still to go.
_BEGINNING: Final = text("""
select coalesce((select min(d.sequence) - 1 from delivery d
         where d.partner = s.partner and d.state in ('sealed', 'gone') and d.sent_at is null),
       s.last_sequence) as reached
  from partner_stream s where s.partner = :partner
""")


def set_way(tx: Transaction, partner_id: str, way: str, *, url: str | None) -> None:
    """Let a partner receive in this way from now on; a parked webhook is tried again.

    Between Kafka and the feed everything goes again that it has not read, under the same ids and
    numbers: it can no longer be had in the old way.
    """
    tx.execute(_ALONE, {"partner": partner_id})
    mine = receiving.c.partner == partner_id
    tx.execute(select(receiving.c.way).where(mine).with_for_update())
    before = of_partner(tx, partner_id)
    values: dict[str, object] = {"way": way, "url": url, **NO_TROUBLE}
    if before.by_feed != (way in BY_FEED):
        outbox.requeue(tx, partner_id)
        reached = tx.execute(_BEGINNING, {"partner": partner_id}).one().reached
        values |= dict.fromkeys(("since_sequence", "put_sequence", "told_sequence"), reached)
    statement = upsert(receiving).values(partner=partner_id, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["partner"], set_=values))
    tx.execute(text("notify deelregie_outbox"))
