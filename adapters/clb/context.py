"""What every statement of one trajectory shares."""

from dataclasses import dataclass

from adapters.case import Case
from adapters.contract import Resource
from adapters.reading.node import Field
from adapters.resources import Target, recorded_by, reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The trajectory's key, the days it began and was researched on, and the centre behind it."""

    case: Case
    centre: Target | None
    key: str
    began: str | None
    found: str | None
    found_field: Field | None

    def found_in(self, to: str) -> str | None:
        """The day of the findings, accounted for in one more place."""
        self.case.ledger.mapped(to, self.found_field if self.found else None)
        return self.found

    def centre_reference(self) -> Resource | None:
        """The centre with its name."""
        return reference(self.centre, self.case.organisations.name_of(self.centre))

    def recorder(self) -> Resource:
        """The centre as the one who recorded."""
        return recorded_by(self.centre, self.case.organisations.name_of(self.centre))
