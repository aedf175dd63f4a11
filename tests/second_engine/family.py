"""The child's age and capacity, who holds authority and who holds the right (section 3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from consent.model import CHILD, Child, Facts, Person, Segment
from tests.second_engine.moments import day_of, is_readable

TWELVE = 12
EIGHTEEN = 18
ASSESSMENTS = {"presumed", "capable", "incapable"}
RELATIONS = {
    "parent",
    "guardian",
    "foster_parent",
    "kin",
    "sibling",
    "confidant",
    "supporter",
    "other",
}
AUTHORITIES = {"exercised", "exclusive", "held", "deprived", "delegated", "none"}


@dataclass(frozen=True, kw_only=True)
class Family:
    """Who decides about the child's own data at one instant."""

    capacity: str
    """capable, incapable, or unknown."""
    settled: bool
    """No dispute about capacity, and no assessment that lacks its reasons."""
    adult: bool
    age: int | None
    uncertain: bool
    """Somebody's relation or authority is a word nobody knows, so that a holder may be missing."""
    holders: tuple[str, ...]
    """Holders of authority."""
    delegated: tuple[str, ...]
    """Foster parents with delegated authority."""

    @property
    def deciders(self) -> tuple[str, ...]:
        """Right-holders for what is about the child; all who might be, when that is unknown."""
        if self.capacity == "capable":
            return (CHILD,)
        if self.capacity == "incapable":
            return self.holders + self.delegated
        return (CHILD, *self.holders, *self.delegated)

    @property
    def known(self) -> bool:
        """Tell whether it is certain who decides for the child."""
        return self.capacity != "unknown" and (self.adult or not self.uncertain)


def age_on(born: date | None, today: date) -> int | None:
    """Whole years; None when the birth date is unknown or unreadable."""
    if born is None or not is_readable(born):
        return None
    born = day_of(born)
    before_birthday = (today.month, today.day) < (born.month, born.day)
    age = today.year - born.year - before_birthday
    return age if age >= 0 else None


def birthday(born: date, years: int) -> date:
    """The day somebody turns this many years; 1 March when there is no 29 February."""
    born = day_of(born)
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def _presumed(age: int) -> str:
    return "capable" if age >= TWELVE else "incapable"


def _capacity(child: Child, age: int | None) -> str:
    if age is None:
        return "unknown"
    if age >= EIGHTEEN:
        return "capable"
    counts = child.capacity_motivated and not child.capacity_contested
    if child.capacity == "presumed" or not counts:
        return _presumed(age)
    return child.capacity


def _settled(child: Child, age: int | None) -> bool:
    if age is None:
        return True  # nothing is granted here at all
    against = child.capacity != "presumed" and child.capacity != _presumed(age)
    return not child.capacity_contested and not (against and not child.capacity_motivated)


def _holders(people: Mapping[str, Person]) -> tuple[str, ...]:
    family = {n: p for n, p in people.items() if p.relation in {"parent", "guardian"}}
    exclusive = tuple(n for n, p in family.items() if p.authority == "exclusive")
    return exclusive or tuple(n for n, p in family.items() if p.authority == "exercised")


def _delegated(people: Mapping[str, Person]) -> tuple[str, ...]:
    return tuple(
        name
        for name, person in people.items()
        if person.relation == "foster_parent" and person.authority == "delegated"
    )


def family_of(facts: Facts, at: datetime) -> Family:
    """The family at an instant; authority ends with the 18th birthday."""
    age = age_on(facts.child.born, day_of(at))
    if facts.child.capacity not in ASSESSMENTS:
        age = None  # nobody can tell what an unknown word takes away from the child
    adult = age is not None and age >= EIGHTEEN
    return Family(
        capacity=_capacity(facts.child, age),
        settled=adult or _settled(facts.child, age),
        adult=adult,
        age=age,
        uncertain=any(
            person.relation not in RELATIONS or person.authority not in AUTHORITIES
            for person in facts.people.values()
        ),
        holders=() if adult else _holders(facts.people),
        delegated=() if adult else _delegated(facts.people),
    )


def is_known(name: str | None, facts: Facts) -> bool:
    """Tell whether the file knows this person."""
    return name == CHILD or name in facts.people


def others_in(segment: Segment) -> list[str]:
    """The people a segment is about, beside the child."""
    return sorted(segment.about - {CHILD})


def givers_in(segment: Segment) -> list[str]:
    """Who else holds a right because they said it in confidence; not what is about nobody."""
    if segment.data_class != "confidential" or segment.given_by is None or not segment.about:
        return []
    return [segment.given_by]


def right_holders(segment: Segment, family: Family) -> list[str]:
    """Everybody without whom the segment may not go."""
    own = family.deciders if CHILD in segment.about else ()
    return list(dict.fromkeys([*own, *others_in(segment), *givers_in(segment)]))
