"""What the database knows about messages that are under way, read when a relay takes over."""

from typing import Final

from sqlalchemy import text

from gateway.exchange.hub import Hub
from gateway.store.engine import transaction

_OPEN: Final = text("""
select partner, coalesce(max(broker_offset) filter (where state = 'sent'), -1) as reached
from delivery left join receiving using (partner)
where (state in ('sealed', 'sent') or (state = 'gone' and sent_at is null))
  and coalesce(way, 'kafka') = 'kafka'
group by partner
""")

_UNSENT: Final = text("""
select partner from partner_stream left join receiving using (partner)
where coalesce(way, 'kafka') = 'kafka' and exists (
  select from delivery d where d.partner = partner_stream.partner
    and d.sent_at is null and d.state in ('sealed', 'gone'))
order by partner
""")


def open_streams(hub: Hub) -> tuple[tuple[str, int], ...]:
    """Return each partner with unread messages and the highest offset that must still exist."""
    with transaction(hub.engine) as tx:
        return tuple((row.partner, row.reached) for row in tx.execute(_OPEN))


def unsent_streams(hub: Hub) -> tuple[str, ...]:
    """Return the partners with messages that no broker has; on a running relay only for a moment.

    Unless they were sealed, or lay, in a feed until an operator changed the way.
    """
    with transaction(hub.engine) as tx:
        return tuple(tx.execute(_UNSENT).scalars())
