"""What cannot become a message for reasons of its own is parked, so that the ones behind it go on.

Trouble of the database, the broker or the hub itself is no reason: that is waited for. A retry is a
new decision.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gateway.exchange.check_keys import opens_nothing
from gateway.exchange.deliveries.size_class import TooLarge
from gateway.exchange.hub import Hub
from gateway.exchange.sealing_fuse import AGAIN, SEAL
from gateway.observability import Event, warn
from gateway.store import access_log, outbox, parking
from gateway.store.engine import AnyRow, transaction
from gateway.store.vault import AnotherKey, KeyUnreadable

MOST_TRIES: Final = 5
# After a try that counted another counts this much later, then after 2, 4 and 8 times as much: five
# take a quarter of a minute, however often it is tried meanwhile, so that passing trouble passes.
FIRST_WAIT: Final = timedelta(seconds=1)
TOO_LARGE, CONTENT_GONE, UNSEALABLE = "too_large", "content_gone", "cannot_be_sealed"
KEY_DAMAGED: Final = "key_damaged"
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


def note_failure(hub: Hub, step: str, row: AnyRow, error: Exception) -> None:
    """Let the fuse know of a failed try, before anything of the same round is counted.

    Raises `AnotherKey` when no data key opens.
    """
    # One key that does not open is damaged; when none does, the hub has another key.
    if isinstance(error, KeyUnreadable) and opens_nothing(hub):
        raise AnotherKey from error
    if not is_final(error):
        hub.fuse.failed(step, row.partner, row.child, type(error).__name__)


def count_failure(hub: Hub, step: str, row: int, error: Exception, *, at: datetime) -> bool:
    """Count a failed try of an outbox row; True when it is parked, and its key destroyed.

    A try counts when enough time passed since the last one that did. While many fail alike
    nothing is parked, but what will never be otherwise.
    """
    final, reason = is_final(error), _reason(error)
    with transaction(hub.engine) as tx:
        found = parking.lock_tried(tx, row)
        if step == SEAL and found.state != SEAL:
            return False
        if not final and hub.fuse.is_halted(step, found.partner):
            parking.set_tries(tx, row, 1, at=at)
            return False
        if not final and _is_too_soon(found, at):
            return False
        parking.set_tries(tx, row, found.tries + 1, at=at)
        if not final and found.tries + 1 < MOST_TRIES:
            return False
        sealed = parking.park(tx, row, reason=reason, error=type(error).__name__)
        outbox.destroy_keys(tx, sealed, at=at)
    warn(Event.DELIVERY_PARKED, partner=found.partner, code=reason, error=type(error).__name__)
    return True


def park_refused(hub: Hub, delivery: str, *, at: datetime) -> bool:
    """Park a message that the broker takes from nobody, for its size; False if it is over already.

    Its number goes out on a message that opens for nobody.
    """
    with transaction(hub.engine) as tx:
        row = parking.sealed_from(tx, UUID(delivery))
    refused = TooLarge("the broker takes no message of this size")
    return row is not None and count_failure(hub, AGAIN, row, refused, at=at)


def is_final(error: Exception) -> bool:
    """Whether it will be no otherwise at the next try."""
    return _reason(error) in _FOR_GOOD


def count_failing(hub: Hub) -> int:
    """Return how many messages failed, are not parked, and are tried again."""
    with transaction(hub.engine) as tx:
        return parking.failing(tx)


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


def _is_too_soon(row: AnyRow, at: datetime) -> bool:
    # A clock that was far ahead when it was counted keeps nobody waiting for that day.
    wait = FIRST_WAIT * 2 ** max(row.tries - 1, 0)
    return row.tried_at is not None and abs(at - row.tried_at) < wait


def _reason(error: Exception) -> str:
    if isinstance(error, KeyUnreadable):
        return KEY_DAMAGED
    if isinstance(error, TooLarge):
        return TOO_LARGE
    return CONTENT_GONE if isinstance(error, ContentGone) else UNSEALABLE
