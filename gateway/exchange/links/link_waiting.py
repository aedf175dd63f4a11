"""What waited for a person goes on by itself once its source's own number leads to one child.

So it does not matter whether the newborn's record or its national number arrived first.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.errors import SourceUnavailable
from gateway.exchange.hub import Hub
from gateway.exchange.identities.find_child import find_child, lock_numbers
from gateway.exchange.links.link_identity import link, origin_again
from gateway.exchange.links.propose_again import propose_waiting
from gateway.exchange.records.read_again import read_again
from gateway.observability import Event, warn
from gateway.store import identities, reviews
from gateway.store.engine import AnyRow, transaction

HUB: Final = "hub"


def link_waiting(hub: Hub, *, at: datetime) -> int:
    """Link every waiting part whose number leads to one child by now; return how many."""
    with transaction(hub.engine) as tx:
        ready = identities.waiting_now_known(tx)
    linked = sum(_try(hub, row, at=at) for row in ready)
    # What is left may resemble somebody who became known since.
    propose_waiting(hub, at=at)
    return linked


def _try(hub: Hub, item: AnyRow, *, at: datetime) -> bool:
    try:
        return _link(hub, str(item.id), at=at)
    except SourceUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 -- the edge of one record: the ones behind it go on
        warn(Event.RECEIPT_FAILED, receipt=str(item.receipt), error=type(error).__name__)
        return False


def _link(hub: Hub, item: str, *, at: datetime) -> bool:
    with transaction(hub.engine) as tx:
        # Somebody may be deciding it right now: then it is theirs.
        found = reviews.lock_open(tx, item, wait=False)
        again = read_again(tx, hub, found.receipt, at=at) if found else None
        part = again.part(found.part) if again and found else None
        if found is None or again is None or part is None:
            return False
        origin = origin_again(tx, hub, again)
        lock_numbers(tx, hub, again.sender, [part])
        child = find_child(tx, hub, again.sender, part, at=at)
        if not isinstance(child, UUID):
            return False
        link(tx, hub, found, again, child, origin=origin, by=HUB, at=at)
    return True
