"""One part while it is mapped: what its segments share, and checks that account for themselves."""

import re
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from adapters.contract import CHILD, Resource, Segment
from adapters.dates import OPEN_END, parse_date
from adapters.ledger import Ledger
from adapters.organisations import Organisations
from adapters.reading.node import Field
from adapters.resources import Target, period, segment, target

OPEN = "the source's sign for an open end; no end is written"

_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?")


@dataclass(kw_only=True)
class Case:
    """`scope` begins every business key; `claimed` holds those already used in this source.

    `insz` is the subject's own national number, which cannot be a relative's too.
    """

    source: str
    part: str
    scope: str
    ledger: Ledger
    claimed: set[str]
    about: frozenset[str] = CHILD
    flags: frozenset[str] = frozenset()
    insz: str | None = None

    @cached_property
    def organisations(self) -> Organisations:
        """Every part has its own list of organisations."""
        return Organisations(source=self.source, ledger=self.ledger, part=self.part)

    @cached_property
    def patient(self) -> Target:
        """Every part has one patient."""
        return self.target("Patient", "patient")

    def within(self, scope: str) -> "Case":
        """The same part, for what the source numbers itself: its keys follow that number.

        A correction then finds the earlier statement, also when the child's own number changed.
        """
        inner = copy(self)
        inner.scope, inner.organisations, inner.patient = scope, self.organisations, self.patient
        return inner

    def target(self, kind: str, key: str) -> Target:
        """The target for a business key of this part."""
        return target(self.source, kind, f"{self.scope}/{key}")

    def claim(self, kind: str, key: str, *fields: Field | None) -> Target | None:
        """The target for a business key, or None (and a rejection) when it is used twice."""
        made = self.target(kind, key)
        return made if self.is_first(made, *fields) else None

    def is_first(self, made: Target, *fields: Field | None) -> bool:
        """Whether a target is not used yet; it is from now on, or the fields are rejected."""
        if made.id not in self.claimed:
            self.claimed.add(made.id)
            return True
        present = [field for field in fields if field and field.text]
        if present:
            self.reject(
                present[0], "duplicate-record", "the same record stands twice; send it once"
            )
            self.ledger.withheld("it belongs to a record that stands twice", *present[1:])
        return False

    def segment(
        self, made: Target, data_class: str, body: Resource, *, flags: Iterable[str] = ()
    ) -> Segment:
        """A segment about this part's subject."""
        flags = self.flags.union(flags) if flags else self.flags
        return segment(made, data_class, body, about=self.about, flags=flags)

    def reject(self, place: Field, code: str, message: str) -> None:
        """One field a person must look at."""
        self.ledger.reject(place, code, message, part=self.part)

    def unknown_code(self, place: Field) -> None:
        """A code no table knows: put before a person, never guessed."""
        self.reject(
            place,
            "unknown-code",
            "the code is in no table of this adapter; correct it, or have the table extended",
        )

    def date(self, place: Field | None, to: str) -> str | None:
        """The field's date in that element; a date that does not exist is rejected."""
        if place is None or not place.text:
            return None
        value = parse_date(place.text)
        if value is None or value == OPEN_END:
            self.reject(place, "date-invalid", "this is no date; write it as yyyy-mm-dd")
            return None
        self.ledger.mapped(to, place)
        return value

    def period(self, start: Field | None, end: Field | None, to: str) -> Resource:
        """The period of two fields; the open-end sentinel is no end."""
        first = self.date(start, to)
        if end and end.text and parse_date(end.text) == OPEN_END:
            self.ledger.minimised(OPEN, end)
            return period(first)
        last = self.date(end, to)
        if first and last and end and last < first[: len(last)]:
            self.reject(end, "period-invalid", "the end lies before the start; correct one of them")
            return period(first)
        return period(first, last)

    def decimal(self, place: Field | None, to: str) -> Decimal | None:
        """The field's number with its own spelling, in that element."""
        value = self.number(place)
        if value is not None:
            self.ledger.mapped(to, place)
        return value

    def number(self, place: Field | None) -> Decimal | None:
        """The field's number with its own spelling, not yet accounted for."""
        if place is None or not place.text:
            return None
        if not _DECIMAL.fullmatch(place.text):
            self.reject(place, "number-invalid", "this is no number; write it as 12.5")
            return None
        return Decimal(place.text)
