"""What every CAW export shares: rows and their faults, and how a client is named."""

from collections.abc import Iterable, Iterator
from typing import Final

from adapters.contract import Resource
from adapters.ledger import Ledger
from adapters.reading.csv_table import Row
from adapters.reading.node import Field
from adapters.resources import identifier
from adapters.systems import CAW_CLIENT

HOUSEHOLD = "a household is no parental authority; it would tie family members to each other"
FREE_TEXT = "free text may speak of other people; it stays in the encrypted original"
ACTION = "it tells whether a row adds, changes or deletes; version and provenance say so"
REFUSED = "the row is refused as a whole until it is corrected"

ANONYMOUS_HELP: Final = frozenset({"anonymous_help"})
NO_FLAGS: Final[frozenset[str]] = frozenset()


def is_anonymous(household: Field | None) -> bool:
    """Whether a row is about help without a name: only such a client stands in no household."""
    return household is None or not household.text


def usable(rows: Iterable[Row], ledger: Ledger) -> Iterator[tuple[str, Row]]:
    """Each row that can be read, with the number it is called by; the others are refused."""
    for row in rows:
        number = str(row.number)
        if row.fault is None:
            yield number, row
        else:
            place = f"line {row.line}"
            ledger.refuse(place, "row", row.fault.code, row.fault.message, part=number)
            ledger.withheld(REFUSED, *row.fields)


def scope(client: str) -> str:
    """The beginning of every business key about this client, in whatever export it stands."""
    return f"client/{client}"


def client_reference(client: Field) -> Resource:
    """A reference to a client whom another export describes."""
    (number,) = identifier(CAW_CLIENT, client.text)
    return {"type": "Patient", "identifier": number}


def is_named(client: Field | None, line: int, column: str, number: str, ledger: Ledger) -> bool:
    """Whether the row says which client it is about; refused with its line when it does not."""
    if client and client.text:
        return True
    message = "the row has no client number; add it"
    ledger.refuse(f"line {line}", column, "missing-field", message, part=number)
    return False
