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


def open_streams(hub: Hub) -> tuple[tuple[str, int], ...]:
    """Return each partner with unread messages and the highest offset that must still exist."""
    with transaction(hub.engine) as tx:
        return tuple((row.partner, row.reached) for row in tx.execute(_OPEN))
