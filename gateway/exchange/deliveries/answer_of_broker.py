"""What a broker said of messages: that it has them, or that it lost them.

Only of a service that still receives through Kafka: what lies in a feed is no broker's to speak of.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gateway.exchange.hub import Hub
from gateway.store import outbox, receiving
from gateway.store.engine import transaction


def mark_sent(hub: Hub, offsets: Sequence[tuple[str, int]], *, at: datetime) -> None:
    """Record the broker's acknowledgement of messages.

    What went to it although the service has a feed by now is left: it must still come there.
    """
    with transaction(hub.engine) as tx:
        acknowledged = {UUID(found): offset for found, offset in offsets}
        still = receiving.still_by_kafka(tx, acknowledged)
        outbox.mark_sent(tx, [(found, acknowledged[found]) for found in still], at=at)


def requeue_lost(hub: Hub, partner: str) -> int:
    """Let everything that a broker lost and nobody read go out again; return how many."""
    with transaction(hub.engine) as tx:
        if receiving.hold_way(tx, partner).by_feed:
            return 0
        return outbox.requeue(tx, partner)
