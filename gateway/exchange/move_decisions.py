"""What people decided about statements goes with them to the child that they are about.

A rejected diagnosis does not lead again with another child, and what somebody agreed to because of
a wrong link is undone with that link.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.exchange.confirm_diagnosis import SUPERSEDED, SUPPORTER
from gateway.exchange.known_statements import ACTIVE
from gateway.exchange.supersede import VANISHED
from gateway.store import diagnosis_tasks, resources
from gateway.store.diagnosis_tasks import (
    CANCELLED,
    COMPLETED,
    CONFIRM,
    INACTIVATE,
    REQUESTED,
    StoredTask,
)
from gateway.store.engine import Transaction
from gateway.store.moving import Move

_OPEN: Final = frozenset({REQUESTED, CANCELLED})


def move_decisions(
    tx: Transaction, move: Move, moved: Collection[UUID], *, at: datetime
) -> tuple[StoredTask, ...]:
    """Move the tasks about moved statements; what waits is cancelled, and asked again if need be.

    Return what was agreed only because of the wrong link: it is undone with it.
    """
    known, going = diagnosis_tasks.of_child(tx, move.source), frozenset(moved)
    undone = tuple(_across(known, going))
    diagnosis_tasks.cancel(tx, [one.id for one in undone], at=at)
    for one in known:
        if one.statement in going:
            status = CANCELLED if one in undone or _asked_anew(one) else one.status
            diagnosis_tasks.move(tx, replace(one, status=status), move.target, _sealed(one, move))
    for one in undone:
        # A diagnosis that was put aside so stands again; what else became of it is looked at next.
        resources.set_status(tx, one.statement, ACTIVE)
    return undone


def cancel_vanished(
    tx: Transaction, child: UUID, vanished: Collection[UUID], *, at: datetime
) -> None:
    """Ask no more about what no picture of this child leaves out."""
    idle = [
        one.id
        for one in diagnosis_tasks.of_child(tx, child)
        if (one.kind, one.status, one.reasons) == (INACTIVATE, REQUESTED, (VANISHED,))
        and one.statement not in vanished
    ]
    diagnosis_tasks.cancel(tx, idle, at=at)


def _asked_anew(one: StoredTask) -> bool:
    """Whether it waits, or somebody agreed who accompanies the other child and not this one."""
    others = one.role == SUPPORTER and (one.kind, one.status) == (CONFIRM, COMPLETED)
    return one.status in _OPEN or others


def _across(known: Iterable[StoredTask], going: Collection[UUID]) -> Iterable[StoredTask]:
    """Yield what one child's statement lost by what was agreed about the other one's.

    Who confirms what leads also agrees, at the same moment, that what it refines is superseded
    (`diagnosis_tasks.settle`); nobody gave words of his own to that.
    """
    known = tuple(known)
    agreed = {
        _moment(one): one.statement in going
        for one in known
        if (one.kind, one.status) == (CONFIRM, COMPLETED)
    }
    for one in known:
        followed = (one.kind, one.status, one.reasons) == (INACTIVATE, COMPLETED, (SUPERSEDED,))
        here = one.statement in going
        if followed and one.words is None and agreed.get(_moment(one), here) != here:
            yield one


def _moment(one: StoredTask) -> tuple[datetime, str | None, str | None]:
    return one.changed_at, one.decided_by, one.role


def _sealed(one: StoredTask, move: Move) -> bytes | None:
    """Return the words of who decided under the other child's key."""
    words = diagnosis_tasks.open_words(move.source_key, one)
    return diagnosis_tasks.seal_words(move.target_key, one.id, words) if words else None
