"""One row of corrections while it is mapped: whose, since when, and what comes of it."""

from dataclasses import dataclass, field
from typing import Any

from adapters.caw.corrections.payload import Correction
from adapters.caw.rows import scope
from adapters.contract import Amendment, Part, Question, ReadOptions, Retraction
from adapters.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the rows so far led to, beside rejections."""

    parts: list[Part] = field(default_factory=list)
    amendments: list[Amendment] = field(default_factory=list)
    retractions: list[Retraction] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A row about a client, on a day; of two rows of a day the later one has the last word."""

    one: Correction
    client: str
    day: str
    number: str
    ledger: Ledger
    options: ReadOptions
    outcome: Outcome

    @property
    def version(self) -> str:
        """The day, and the place in the file."""
        return f"{self.day}/{self.one.line:06d}"

    @property
    def where(self) -> str:
        """The line, as in rejections."""
        return f"line {self.one.line}"

    def reject(self, code: str, message: str) -> None:
        """The new value is not used; where there is none, the row is named."""
        cell = self.one.new
        if cell and cell.text:
            self.ledger.reject(cell, code, message, part=self.number)
        else:
            name = self.one.field.name if self.one.field else "row"
            self.ledger.refuse(self.where, name, code, message, part=self.number)

    def ask(self, code: str, message: str) -> None:
        """Something for a person to decide."""
        name = self.one.new.name if self.one.new else "row"
        self.outcome.questions.append(
            Question(where=self.where, field=name, code=code, message=message, part=self.number)
        )

    def amend(self, element: str, value: Any) -> None:
        """From now on this stands in that element of the client as a patient."""
        self.ledger.mapped("Amendment.key", self.one.number)
        self.ledger.mapped("Amendment.element", self.one.field)
        self.ledger.mapped("Amendment.asserted_at", self.one.changed)
        self.ledger.mapped("Amendment.value", self.one.new if self.one.value else None)
        self.outcome.amendments.append(
            Amendment(
                key=f"{scope(self.client)}/patient",
                element=element,
                value=value,
                asserted_at=self.day,
                version=self.version,
                where=self.where,
            )
        )
