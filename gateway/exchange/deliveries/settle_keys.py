"""Bring messages in line whose key was destroyed together with many others.

Nothing waits for this: from the act on no key of them could be had.
"""

from datetime import datetime

from gateway.exchange.hub import Hub
from gateway.store import message_keys
from gateway.store.engine import transaction


def settle_keys(hub: Hub, *, at: datetime) -> int:
    """Settle a part of what acts of families left; return how many messages it was."""
    with transaction(hub.engine) as tx:
        return message_keys.settle_some(tx, at=at)
