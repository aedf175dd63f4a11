"""What remains of records that a file adds, changes and deletes by id: the last word on each."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from adapters.contract import Ending, Retraction
from adapters.ledger import Ledger
from adapters.reading.node import Field
from adapters.vaph.gir.payload import PLACES

ACTION = "it tells whether a record is new, changed or deleted; version and provenance say so"
CORRECTED = "a later record of this file with the same id takes its place"
DELETED = "the record it belongs to is deleted"
FREE_TEXT = "free text; it stays in the encrypted original"
REFUSED = "it belongs to a record that was refused"


class Record(Protocol):
    """What agreements and registrations have in common."""

    @property
    def place(self) -> str:
        """Where it stands."""
        ...

    @property
    def number(self) -> str:
        """Which of the records it is."""
        ...

    @property
    def fields(self) -> tuple[Field, ...]:
        """All it says."""
        ...

    @property
    def id(self) -> Field | None:
        """What the source knows it by."""
        ...

    @property
    def action(self) -> Field | None:
        """Added, changed or deleted."""
        ...

    @property
    def reason(self) -> Field | None:
        """Why, in words."""
        ...


AnyRecord = TypeVar("AnyRecord", bound=Record)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastWord(Generic[AnyRecord]):
    """The last record with this id, and whether the file named the id before it.

    `number` is that of the first record with the id.
    """

    id: str
    number: str
    record: AnyRecord
    named_before: bool

    @property
    def deletes(self) -> bool:
        """Whether the record is to be there no longer."""
        return PLACES.says(self.record.action, "deletes")

    @property
    def changes(self) -> bool:
        """Whether the record corrects what an earlier one said."""
        return PLACES.says(self.record.action, "changes")


def last_words(records: Iterable[AnyRecord], ledger: Ledger) -> list[LastWord[AnyRecord]]:
    """One for each id, in the order in which the ids first stand; the rest is accounted for."""
    known: dict[str, list[AnyRecord]] = {}
    for record in records:
        if not _is_usable(record, ledger):
            ledger.withheld(REFUSED, *record.fields)
        elif record.id:
            _note(record, known.setdefault(record.id.text, []), ledger)
    return [
        LastWord(id=id_, number=same[0].number, record=same[-1], named_before=len(same) > 1)
        for id_, same in known.items()
    ]


def _is_usable(record: Record, ledger: Ledger) -> bool:
    if record.id is None or not record.id.text:
        ledger.refuse(record.place, "id", "missing-field", "the record has no id; send it with one")
        return False
    if not PLACES.says(record.action, "adds", "changes", "deletes"):
        message = "the action is none that is known; add, change or delete the record"
        if record.action and record.action.text:
            ledger.reject(record.action, "unknown-code", message)
        else:
            ledger.refuse(record.place, "action", "missing-field", message)
        return False
    return True


def _note(record: AnyRecord, same: list[AnyRecord], ledger: Ledger) -> None:
    """A record that is added while it is there stands twice; which one is right is not ours."""
    adds = PLACES.says(record.action, "adds")
    if adds and same and not PLACES.says(same[-1].action, "deletes"):
        message = "the same record stands twice; send it once, or as a change"
        ledger.refuse(record.place, "id", "duplicate-record", message)
        ledger.withheld(REFUSED, *record.fields)
        return
    if same:
        ledger.minimised(CORRECTED, *same[-1].fields)
    same.append(record)


def deletion(one: LastWord[AnyRecord], key: str, asserted_at: str, ledger: Ledger) -> Retraction:
    """The end of what lies under `key`; an id this file never named also goes before a person."""
    record = one.record
    if not one.named_before:
        message = (
            "the file deletes a record it does not hold; if no earlier file held it, correct the id"
        )
        ledger.refuse(record.place, "id", "unknown-record", message)
    ledger.mapped("Retraction.key", record.id)
    ledger.minimised(ACTION, record.action)
    ledger.minimised(FREE_TEXT, record.reason)
    ledger.minimised(DELETED, *record.fields)
    return Retraction(
        key=key,
        ending=Ending.DELETED,
        asserted_at=asserted_at,
        version=asserted_at,
        where=record.place,
    )
