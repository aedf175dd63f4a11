"""Let sealed messages lie in the feed of a service that has no Kafka; the same as in a topic.

Decided, sealed, numbered and logged by `seal_delivery`, as every message; here it only changes
hands. A crash in between puts the same message there later, under the same id and key.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from gateway.exchange.deliveries.seal_delivery import Sealed, claim_and_seal, unsent
from gateway.exchange.hub import Hub
from gateway.exchange.sealing_fuse import AGAIN
from gateway.observability import Event, warn
from gateway.store import feed, receiving
from gateway.store.engine import transaction
from gateway.store.parking import NOT_ITS_OWN
from gateway.store.receiving import BY_FEED


def fill_feed(hub: Hub, *, limit: int, at: datetime) -> int:
    """Put what is due into the feeds, at most `limit` of each service; return how much it was."""
    with transaction(hub.engine) as tx:
        partners = receiving.by_feed(tx)
    # Asked once for all: who is first, and has nothing, would take the turn of the others.
    may_try = hub.fuse.may_try(AGAIN, partners)
    moved = sum(_put_unsent(hub, partner, limit=limit, at=at) for partner in may_try)
    if partners:
        moved += _put(hub, claim_and_seal(hub, limit=limit, at=at, ways=BY_FEED), at=at)
    return moved


def drop_read(hub: Hub, *, at: datetime) -> int:
    """Delete ciphertext some days after its key was released or destroyed; return how much."""
    before = at - timedelta(days=hub.settings.feed_days)
    with transaction(hub.engine) as tx:
        return feed.drop(tx, before=before)


def _put_unsent(hub: Hub, partner: str, *, limit: int, at: datetime) -> int:
    """Put what a crash left behind; what stands in its way holds up this service only."""
    try:
        return _put(hub, unsent(hub, partner=partner, limit=limit, at=at, ways=BY_FEED), at=at)
    except NOT_ITS_OWN:
        raise
    except Exception as error:  # noqa: BLE001 -- counted, until what cannot be sealed is parked
        warn(Event.SEALING_FAILED, partner=partner, error=type(error).__name__)
        return 0


def _put(hub: Hub, sealed: Iterable[Sealed], *, at: datetime) -> int:
    count = 0
    for partner, group in groupby(sealed, key=lambda one: one.partner):
        rows = [(UUID(one.delivery), one.sequence, one.jwe) for one in group]
        with transaction(hub.engine) as tx:
            count += feed.put(tx, partner, rows, at=at)
    return count
