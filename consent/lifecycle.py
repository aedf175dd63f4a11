"""The life of a family's decision: which one state it is in at an instant, and how long it may run.

The states of rules of sharing, sections 7 and 8. A state describes one decision; whether a segment
goes is still decided by the whole table, on all decisions together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from consent.authority import Capacity, capacity_of
from consent.model import Child, Moment
from consent.moments import (
    BRUSSELS,
    LEGAL_MAJORITY,
    PRESUMED_CAPABLE_FROM,
    Now,
    begun,
    birthday,
    now_at,
    over,
)

SELF: Final = "self"
"""The giver that is the child itself; every other giver decides for the child."""
OBJECTION_TO_TRANSFER: Final = "object"

# Rules of sharing, section 8: at most 12 months, 6 for the most sensitive classes; told 30 days
# before the end, and no grace after it.
LONGEST: Final = timedelta(days=365)
LONGEST_SENSITIVE: Final = timedelta(days=183)
SENSITIVE: Final = frozenset({"medical", "diagnostic_report", "concern"})
REMINDER: Final = timedelta(days=30)
# Section 7: parents' grants carry on for 30 days from the twelfth birthday, that day included.
DAYS_TO_RECONFIRM: Final = timedelta(days=30)
_DAY: Final = timedelta(days=1)


class State(StrEnum):
    """What a decision is now; a decision is in exactly one state."""

    PROPOSED = "proposed"
    """A service asked; nobody said yes."""
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    """Stopped by its giver, or annulled; a stopped grant goes on speaking as a no."""
    EXPIRED = "expired"
    """Counts as if it had never been: its last day passed, or its giver decides no more.

    Only towards a court it would still be asked for (rule H3), which no grant in the hub reaches.
    """
    SUPERSEDED = "superseded"
    """A newer decision of the same giver stands in its place."""
    RECONFIRM_DUE = "reconfirm_due"
    """Somebody must say yes again: the text changed, or the child turned twelve."""
    CONTESTED = "contested"
    """Carries nothing until it is settled whether it was validly given."""
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What was recorded about one decision; an instant left None has not been."""

    effect: str = "grant"
    giver: str = "parent"
    """self, or who decided for the child: parent, guardian, foster_parent."""
    given: bool = True
    """False for what a service proposed and nobody agreed to."""
    since: Moment | None = None
    until: Moment | None = None
    withdrawn_at: datetime | None = None
    superseded_at: datetime | None = None
    contested_at: datetime | None = None
    ended_at: datetime | None = None
    """It ended by itself: its last day passed, the child turned 18, the service closed."""
    text_changed: bool = False
    """The wording that was agreed to has changed in substance since (rule K7)."""


def state_of(recorded: Recorded, child: Child, *, at: datetime) -> State:
    """Return the one state; where several fit, the first of this order.

    superseded, withdrawn, expired, proposed, not_yet, contested, reconfirm_due, active. What
    cannot be read counts against sharing: an end without time zone has come, a beginning has not.
    """
    now = now_at(at)
    if now is None:
        return State.EXPIRED
    if _happened(recorded.superseded_at, now):
        return State.SUPERSEDED
    if _happened(recorded.withdrawn_at, now):
        return State.WITHDRAWN
    capacity = capacity_of(child, now.today)
    ended = _happened(recorded.ended_at, now) or over(recorded.until, now) is not False
    if ended or _giver_decides_no_more(recorded, capacity):
        return State.EXPIRED
    return _open_state(recorded, capacity, now)


def _open_state(recorded: Recorded, capacity: Capacity, now: Now) -> State:
    if not recorded.given:
        return State.PROPOSED
    if begun(recorded.since, now) is not True:
        return State.NOT_YET
    if recorded.effect != "grant":
        return State.ACTIVE
    if _happened(recorded.contested_at, now):
        return State.CONTESTED
    if recorded.text_changed or (recorded.giver != SELF and capacity.capable_minor):
        return State.RECONFIRM_DUE
    return State.ACTIVE


def _happened(moment: datetime | None, now: Now) -> bool:
    return moment is not None and begun(moment, now) is not False


def _giver_decides_no_more(recorded: Recorded, capacity: Capacity) -> bool:
    """Parents' decisions end at 18, and when the child decides; the child's when it cannot.

    With an unknown birth date nobody can tell: the decision on a segment denies then.
    """
    if capacity.capable is None:
        return False
    if recorded.giver == SELF:
        return not capacity.capable
    if capacity.adult:
        return True
    # An objection of parents beside a capable pupil still holds a transfer (rule R4).
    if not capacity.capable or recorded.effect == OBJECTION_TO_TRANSFER:
        return False
    return capacity.turned_twelve is None


def longest_for(classes: Iterable[str]) -> timedelta:
    """Return the longest time that a grant of these classes may run."""
    return LONGEST if SENSITIVE.isdisjoint(classes) else LONGEST_SENSITIVE


def last_day(recorded: Recorded, child: Child) -> date | None:
    """Return the last whole day in Brussels on which a decision can count; None for no end.

    Its own last day, for others than the child the eve of the 18th birthday, and for their grants
    the end of the thirty days from the 12th, unless an assessment says who decides.
    """
    own = [] if recorded.until is None else [_day_of(recorded.until)]
    return min([*own, *_ends_by_age(recorded, child)], default=None)


def _day_of(moment: Moment) -> date:
    if not isinstance(moment, datetime):
        return moment
    # Without a time zone nobody knows the day: it has always passed.
    return date.min if moment.utcoffset() is None else moment.astimezone(BRUSSELS).date()


def _ends_by_age(recorded: Recorded, child: Child) -> list[date]:
    if recorded.giver == SELF or child.born is None:
        return []
    ends = [birthday(child.born, LEGAL_MAJORITY) - _DAY]
    if recorded.effect != OBJECTION_TO_TRANSFER and child.capacity == "presumed":
        ends.append(birthday(child.born, PRESUMED_CAPABLE_FROM) + DAYS_TO_RECONFIRM - _DAY)
    return ends
