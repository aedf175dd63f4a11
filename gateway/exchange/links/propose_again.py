"""A child that becomes known is proposed for what waits already: as if it had been known before.

Work is bounded by keys, as where a record looks for children: what shares none is not opened.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.errors import SourceUnavailable
from gateway.exchange.hub import Hub
from gateway.exchange.identities.describe_child import waiting_keys
from gateway.exchange.identities.propose_match import propose_again
from gateway.exchange.records.read_again import read_again
from gateway.exchange.records.settle_part import is_adult
from gateway.observability import Event, warn
from gateway.store import reviews, waiting_matches
from gateway.store.engine import AnyRow, Transaction, transaction

_CHILDREN: Final = 50
_WEIGHED: Final = 60
"""As many children as are weighed for one record."""


def propose_waiting(hub: Hub, *, at: datetime) -> int:
    """Weigh what waits against the children that became known; return what is proposed anew."""
    with transaction(hub.engine) as tx:
        waiting_matches.note_under_way(tx)
        old = waiting_matches.without_keys(tx, limit=_WEIGHED)
    with transaction(hub.engine) as tx:
        ready = waiting_matches.ready(tx, limit=_CHILDREN)
    proposed, _ = _all(hub, old, at=at)
    for child in ready:
        with transaction(hub.engine) as tx:
            items = waiting_matches.resembling(tx, child.child, limit=_WEIGHED)
        count, free = _all(hub, items, at=at)
        proposed += count
        if free:
            with transaction(hub.engine) as tx:
                waiting_matches.done(tx, child)
    return proposed


def _all(hub: Hub, items: Iterable[AnyRow], *, at: datetime) -> tuple[int, bool]:
    """Return how many have other candidates now, and whether nobody is busy with any of them."""
    found = [_try(hub, one, at=at) for one in items]
    return found.count(True), None not in found


def _try(hub: Hub, item: AnyRow, *, at: datetime) -> bool | None:
    try:
        with transaction(hub.engine) as tx:
            return _again(tx, hub, item.id, at=at)
    except SourceUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 -- the edge of one record: the ones behind it go on
        warn(Event.RECEIPT_FAILED, receipt=str(item.receipt), error=type(error).__name__)
        return False


def _again(tx: Transaction, hub: Hub, item: UUID, *, at: datetime) -> bool | None:
    """Return whether somebody else is proposed; None while somebody is deciding right now."""
    found = reviews.lock_open(tx, str(item), wait=False)
    if found is None:
        return None
    again = read_again(tx, hub, found.receipt, at=at)
    part = again.part(found.part) if again else None
    if again is None or part is None or not part.linkable or is_adult(part, at):
        # Without an original, with a part that no adapter finds any more, or with one that reads as
        # anonymous help today, there is nothing to weigh.
        waiting_matches.keep_keys(tx, found.receipt, found.part, ())
        waiting_matches.forget_keys(tx, found.id)
        return False
    waiting_matches.keep_keys(tx, found.receipt, found.part, waiting_keys(hub, part))
    return propose_again(tx, hub, found, again.sender, part)
