"""What would change an answer, in words that tell a person of the family no more than it may know.

Whether somebody else said no, or only said nothing yet, is that person's own affair: both are "if
the other parent agrees".
"""

from collections.abc import Iterable
from typing import Final

from consent.changes import Change, Kind
from consent.model import CHILD, Facts

Ways = tuple[tuple[str, ...], ...]
"""Ways to another answer: each way is what must happen together, as keys of the group `change`."""

MOST_WAYS: Final = 4
_YES: Final = frozenset({Kind.GRANT, Kind.LIFT})
_SETTLED: Final = {
    Kind.SETTLE: "parents_settle",
    Kind.CAPACITY: "capacity_settled",
    Kind.CARE_RELATION: "service_helps",
    Kind.PROTOCOL: "agreement",
}


def ways(found: Iterable[tuple[Change, ...]], facts: Facts, viewer: str) -> Ways:
    """Return the ways to another answer, as this person may know them; the shortest first."""
    named = {frozenset(_named(one, facts, viewer) for one in way) for way in found}
    smallest = [one for one in named if not any(other < one for other in named)]
    simplest = sorted(tuple(sorted(one, key=_own_first)) for one in smallest)
    simplest.sort(key=lambda way: (len(way), [_own_first(one) for one in way]))
    return tuple(simplest[:MOST_WAYS])


def _own_first(name: str) -> tuple[bool, str]:
    """What the person can do itself comes before what others can."""
    return not name.startswith("you"), name


def _named(change: Change, facts: Facts, viewer: str) -> str:
    if change.kind is Kind.LIFT and change.who == viewer:
        return "you_lift"
    if change.kind in _YES:
        return f"{_who(change, facts, viewer)}_agrees"
    if change.kind in {Kind.WITHDRAW, Kind.REFUSE}:
        return f"{_who(change, facts, viewer)}_stops"
    return _SETTLED.get(change.kind, "author")


def _who(change: Change, facts: Facts, viewer: str) -> str:
    if change.who == viewer:
        return "you"
    if change.who == CHILD:
        return "child"
    person = facts.people.get(change.who or "")
    relation = person.relation if person else ""
    if relation == "parent":
        return "parent" if viewer == CHILD else "other_parent"
    return relation if relation in {"guardian", "foster_parent"} else "other_person"
