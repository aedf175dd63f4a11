"""Whose remark stands on a childcare sheet: the child's, a parent's or somebody else's."""

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.case import Case
from adapters.contract import Segment
from adapters.reading.node import Field
from adapters.telling import People, passages, related_in, told_apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Who else is named on the sheet, and the parents among them as segments."""

    people: People
    relatives: tuple[Segment, ...]

    def about_the_child(self, told: Field) -> str:
        """The sentences that tell of nobody else."""
        said = passages(told.text, self.people)
        return " ".join(one.text for one in said if not one.data_class)

    def told_apart(self, key: str, told: Field, case: Case) -> Iterator[Segment]:
        """Each sentence about another, under the key of what it stood in."""
        for one in passages(told.text, self.people):
            if one.data_class:
                made = case.target("Observation", f"{key}/{one.data_class}")
                who = related_in(self.relatives, one.roles, case.about)
                yield told_apart(one, made, told, case, who)
