"""What people decided about statements goes with them to the child that they are about.

A rejected diagnosis does not lead again with another child, and what somebody agreed to because of
a wrong link is undone with that link.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.exchange.diagnoses.confirm_diagnosis import SUPERSEDED, SUPPORTER
from gateway.exchange.diagnoses.known_statements import ACTIVE
from gateway.exchange.diagnoses.supersede import VANISHED
from gateway.exchange.links.whose_versions import Versions
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What moved: statements, and versions of others with what was derived of these versions."""

    whole: frozenset[UUID]
    versions: Versions
    divided: Mapping[UUID, UUID]
    """What each divided statement is with the other child."""
    proposals: Mapping[bytes, bytes]
    """How what was decided about it is called there."""

    def takes(self, one: StoredTask) -> bool:
        """Whether a task is about what moved."""
        if one.statement not in self.divided:
            return one.statement in self.whole
        return one.version in self.versions.get(one.focus, ())

    def there(self, one: StoredTask) -> StoredTask:
        """Return a task as it is about the other child."""
        statement = self.divided.get(one.statement, one.statement)
        proposal = self.proposals.get(one.proposal, one.proposal)
        return replace(one, statement=statement, proposal=proposal)


def move_decisions(
    tx: Transaction, move: Move, moved: Moved, *, at: datetime
) -> tuple[StoredTask, ...]:
    """Move the tasks about what moved; what waits is cancelled, and asked again if need be.

    Return what was agreed only because of the wrong link: it is undone with it.
    """
    known = diagnosis_tasks.of_child(tx, move.source)
    going = frozenset(one.id for one in known if moved.takes(one))
    undone = tuple(_across(known, going))
    diagnosis_tasks.cancel(tx, [one.id for one in undone], at=at)
    for one in known:
        if one.id in going:
            status = CANCELLED if one in undone or _asked_anew(one) else one.status
            there = replace(moved.there(one), status=status)
            diagnosis_tasks.move(tx, there, move.target, _sealed(one, move))
    for one in undone:
        if one.statement in moved.divided:
            # What stands of it is what was said last.
            continue
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
        _moment(one): one.id in going
        for one in known
        if (one.kind, one.status) == (CONFIRM, COMPLETED)
    }
    for one in known:
        followed = (one.kind, one.status, one.reasons) == (INACTIVATE, COMPLETED, (SUPERSEDED,))
        here = one.id in going
        if followed and one.words is None and agreed.get(_moment(one), here) != here:
            yield one


def _moment(one: StoredTask) -> tuple[datetime, str | None, str | None]:
    return one.changed_at, one.decided_by, one.role


def _sealed(one: StoredTask, move: Move) -> bytes | None:
    """Return the words of who decided under the other child's key."""
    words = diagnosis_tasks.open_words(move.source_key, one)
    return diagnosis_tasks.seal_words(move.target_key, one.id, words) if words else None
