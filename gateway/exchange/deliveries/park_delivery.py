"""What cannot become a message for reasons of its own is parked, so that the ones behind it go on.

Trouble of the database, the broker or the hub itself is no reason: that is waited for. A retry is a
new decision.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.exchange.check_keys import opens_nothing
from gateway.exchange.deliveries.size_class import TooLarge
from gateway.exchange.hub import Hub
from gateway.exchange.sealing_fuse import AGAIN
from gateway.observability import Event, warn
from gateway.store import access_log, outbox, parking
from gateway.store.engine import AnyRow, Transaction, transaction
from gateway.store.outbox import UPDATED
from gateway.store.parking import NOT_ITS_OWN
from gateway.store.vault import AnotherKey, KeyUnreadable

MOST_TRIES: Final = 5
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


def count_failure(hub: Hub, row: int, error: Exception, *, at: datetime) -> bool:
    """Count a failed try of an outbox row; True when it is parked, and its key destroyed.

    While many fail alike nothing is parked, but what will never be otherwise. Raises `AnotherKey`
    when no data key opens.
    """
    _refuse_another_key(hub, error)
    reason = _reason(error)
    with transaction(hub.engine) as tx:
        counted = parking.count_try(tx, row)
        if reason not in _FOR_GOOD and _is_of_the_hub(hub, counted, counted.state, error):
            parking.count_anew(tx, row)
            return False
        if counted.tries < MOST_TRIES and reason not in _FOR_GOOD:
            return False
        sealed = parking.park(tx, row, reason=reason, error=type(error).__name__)
        outbox.destroy_keys(tx, sealed, at=at)
    warn(Event.DELIVERY_PARKED, partner=counted.partner, code=reason, error=type(error).__name__)
    return True


def let_others_tell(
    hub: Hub, rows: Iterable[AnyRow], write: Callable[[Transaction, Hub, AnyRow], object]
) -> None:
    """Write sealed messages of several children again, until one works, to see whose trouble it is.

    They go out in order, so that only the first of them would ever be tried.
    """
    for row in {row.child: row for row in rows if row.kind == UPDATED and row.wrapped_key}.values():
        try:
            with transaction(hub.engine) as tx:
                write(tx, hub, row)
        except NOT_ITS_OWN:
            raise
        except Exception as error:  # noqa: BLE001 -- noted; the first of them is counted by itself
            _refuse_another_key(hub, error)
            if _reason(error) not in _FOR_GOOD and _is_of_the_hub(hub, row, AGAIN, error):
                return
        else:
            hub.fuse.worked(AGAIN, row.partner, [row])
            return


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


def _is_of_the_hub(hub: Hub, row: AnyRow, step: str, error: Exception) -> bool:
    return hub.fuse.failed(step, row.partner, row.child, type(error).__name__)


def _refuse_another_key(hub: Hub, error: Exception) -> None:
    # One key that does not open is damaged; when none does, the hub has another key.
    if isinstance(error, KeyUnreadable) and opens_nothing(hub):
        raise AnotherKey from error


def _reason(error: Exception) -> str:
    if isinstance(error, KeyUnreadable):
        return KEY_DAMAGED
    if isinstance(error, TooLarge):
        return TOO_LARGE
    return CONTENT_GONE if isinstance(error, ContentGone) else UNSEALABLE
