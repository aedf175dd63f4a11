"""Who may decide for the child at an instant: capacity, holders of authority, delegated carers."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from consent.model import Child, Person
from consent.moments import LEGAL_MAJORITY, PRESUMED_CAPABLE_FROM, age_on, birthday
from consent.vocabulary import AUTHORITIES, CAPACITIES, RELATIONS

_DAYS_TO_RECONFIRM = timedelta(days=30)
_BY_LAW = frozenset({"parent", "guardian"})
_NOBODY: frozenset[str] = frozenset()


class Capacity(NamedTuple):
    """What the law presumes of the child today; `capable` None means nobody can tell."""

    capable: bool | None
    adult: bool
    unsettled: bool
    turned_twelve: date | None

    @property
    def may_be_capable(self) -> bool:
        """Protects the child when capacity is unknown: restrictions count as if capable."""
        return self.capable is not False

    @property
    def capable_minor(self) -> bool:
        """A capable child under eighteen."""
        return self.capable is True and not self.adult


# The usual answers, made once.
_NOBODY_CAN_TELL = Capacity(capable=None, adult=False, unsettled=False, turned_twelve=None)
_ADULT = Capacity(capable=True, adult=True, unsettled=False, turned_twelve=None)
_SMALL = Capacity(capable=False, adult=False, unsettled=False, turned_twelve=None)


def capacity_of(child: Child, today: date) -> Capacity:
    """Capacity by age and assessment; an assessment counts only with reasons and uncontested."""
    age = None if child.born is None else age_on(child.born, today)
    if age is None or age < 0 or child.capacity not in CAPACITIES:
        return _NOBODY_CAN_TELL
    if age >= LEGAL_MAJORITY:
        return _ADULT
    presumed = age >= PRESUMED_CAPABLE_FROM
    assessed = presumed if child.capacity == "presumed" else child.capacity == "capable"
    unsettled = child.capacity_contested or (assessed != presumed and not child.capacity_motivated)
    if not assessed and not presumed and not unsettled:
        return _SMALL
    return Capacity(
        capable=presumed if unsettled else assessed,
        adult=False,
        unsettled=unsettled,
        turned_twelve=_turned_twelve(child, today) if presumed else None,
    )


def _turned_twelve(child: Child, today: date) -> date | None:
    """Give the twelfth birthday while grants of parents may still carry on after it."""
    if child.born is None or child.capacity != "presumed":
        return None
    day = birthday(child.born, PRESUMED_CAPABLE_FROM)
    return day if day <= today < day + _DAYS_TO_RECONFIRM else None


class Authority(NamedTuple):
    """Holders of parental authority, and foster parents to whom decisions were delegated."""

    holders: frozenset[str]
    delegated: frozenset[str]
    everyone: frozenset[str]
    """All who decide for a child that cannot: both of these."""
    uncertain: bool = False
    """Somebody's relation or authority is a word nobody knows: a holder may be missing."""


def authority_over(people: Mapping[str, Person]) -> Authority:
    """Who exercises authority; somebody with exclusive authority stands alone."""
    exclusive: list[str] = []
    exercised: list[str] = []
    delegated: list[str] = []
    uncertain = False
    for name, person in people.items():
        relation, authority = person.relation, person.authority
        if relation in _BY_LAW and authority == "exercised":
            exercised.append(name)
        elif relation not in RELATIONS or authority not in AUTHORITIES:
            uncertain = True
        elif relation in _BY_LAW:
            if authority == "exclusive":
                exclusive.append(name)
        elif relation == "foster_parent" and authority == "delegated":
            delegated.append(name)
    holders = frozenset(exclusive or exercised)
    if not delegated:
        return Authority(holders, _NOBODY, holders, uncertain)
    carers = frozenset(delegated)
    return Authority(holders, carers, holders | carers, uncertain)
