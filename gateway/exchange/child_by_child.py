"""Act on many children, each in a transaction of its own under its lock: one holds up no other."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeAlias
from uuid import UUID

from gateway.errors import SourceUnavailable
from gateway.exchange.hub import Hub
from gateway.observability import Event, warn
from gateway.store import children
from gateway.store.engine import Transaction, transaction

Act: TypeAlias = Callable[[Transaction, UUID], "Counter[str]"]
Told: TypeAlias = Callable[[], bool]
"""Whether it is time to break off; the next run goes on."""


def child_by_child(hub: Hub, waiting: Iterable[UUID], act: Act, *, told: Told) -> Counter[str]:
    """Return what was done, with how many children `failed`; only without a database it raises."""
    done: Counter[str] = Counter()
    for child in waiting:
        if told():
            break
        done += alone(hub, child, act)
    return done


def alone(hub: Hub, child: UUID, act: Act) -> Counter[str]:
    """Act on one child under its lock; what goes wrong is counted."""
    try:
        with transaction(hub.engine) as tx:
            # Waits for every disclosure about this child that is under way, as a withdrawal does.
            children.lock(tx, child)
            return act(tx, child)
    except SourceUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 -- the edge of one child: the others are not to wait
        warn(Event.CALENDAR_FAILED, error=type(error).__name__)
        return Counter(failed=1)
