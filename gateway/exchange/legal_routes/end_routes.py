"""Legal routes that end without a review: their time is over, or a service of theirs is."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from gateway.store import access_log, outbox
from gateway.store.engine import Transaction


def close_routes(tx: Transaction, child: UUID, ended: Iterable[UUID], *, at: datetime) -> int:
    """Stop what waits on routes that were just ended, destroy their keys, and log each.

    Return how many keys went. The caller holds the child's lock.
    """
    routes = list(ended)
    access_log.append(tx, *(_line(child, one, at=at) for one in routes))
    return outbox.stop_routes(tx, routes, at=at)


def _line(child: UUID, route: UUID, *, at: datetime) -> access_log.Entry:
    return access_log.Entry(
        at=at,
        act="route_ended",
        actor="hub",
        role="system",
        child=child,
        outcome="done",
        resources=(f"route/{route}",),
        correlation=str(route),
    )
