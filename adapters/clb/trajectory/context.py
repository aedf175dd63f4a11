"""What every statement of one trajectory shares."""

from dataclasses import dataclass

from adapters.case import Case
from adapters.clb.delivery import Told
from adapters.contract import Resource
from adapters.reading.node import Field
from adapters.resources import recorded_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The case keyed by the trajectory, and the days it began and was researched on."""

    told: Told
    case: Case
    began: str | None
    found: str | None
    found_field: Field | None

    def found_in(self, to: str) -> str | None:
        """The day of the findings, accounted for in one more place."""
        self.case.ledger.mapped(to, self.found_field if self.found else None)
        return self.found

    def recorder(self) -> Resource:
        """The centre as the one who recorded."""
        return recorded_by(self.told.centre, self.told.centre_name())
