"""What cannot become a message for reasons of its own is parked, so that the ones behind it go on.

Trouble of the database or the broker is no reason: that is waited for. A retry is a new decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.exchange.hub import Hub
from gateway.exchange.size_class import TooLarge
from gateway.observability import Event, warn
from gateway.store import access_log, outbox, parking
from gateway.store.engine import transaction

MOST_TRIES: Final = 5
TOO_LARGE, CONTENT_GONE, UNSEALABLE = "too_large", "content_gone", "cannot_be_sealed"
# What will not be otherwise at the next try.
_FOR_GOOD: Final = frozenset({TOO_LARGE, CONTENT_GONE})


class ContentGone(Exception):
    """What a message was sealed from is not there any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """One row that was set aside; it names no child."""

    id: int
    partner: str
    kind: str
    reason: str
    error: str
    tries: int
    at: datetime


def count_failure(hub: Hub, row: int, error: Exception, *, at: datetime) -> bool:
    """Count a failed try of an outbox row; True when it is parked, and its key destroyed."""
    reason = _reason(error)
    with transaction(hub.engine) as tx:
        counted = parking.count_try(tx, row)
        if counted.tries < MOST_TRIES and reason not in _FOR_GOOD:
            return False
        sealed = parking.park(tx, row, reason=reason, error=type(error).__name__)
        outbox.destroy_keys(tx, sealed, at=at)
    warn(Event.DELIVERY_PARKED, partner=counted.partner, code=reason, error=type(error).__name__)
    return True


def list_parked(hub: Hub) -> tuple[Parked, ...]:
    """Return what is parked, by partner and age."""
    with transaction(hub.engine) as tx:
        return tuple(
            Parked(
                id=row.id,
                partner=row.partner,
                kind=row.kind,
                reason=row.parked_for,
                error=row.parked_error,
                tries=row.tries,
                at=row.parked_at,
            )
            for row in parking.parked(tx)
        )


def retry_parked(hub: Hub, rows: Sequence[int], *, at: datetime) -> tuple[int, ...]:
    """Let parked rows be decided again, on the facts of then; return those that were parked."""
    with transaction(hub.engine) as tx:
        back = parking.put_back(tx, rows)
        for partner in sorted({one.partner for one in back}):
            entry = access_log.Entry(
                at=at, act="delivery_retried", actor="operator", partner=partner, outcome="done"
            )
            access_log.append(tx, entry)
    return tuple(sorted(one.id for one in back))


def _reason(error: Exception) -> str:
    if isinstance(error, TooLarge):
        return TOO_LARGE
    return CONTENT_GONE if isinstance(error, ContentGone) else UNSEALABLE
