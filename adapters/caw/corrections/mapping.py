"""CAW corrections: one field that changes is an amendment, a client that goes a retraction."""

from adapters.caw.corrections.context import Change, Outcome
from adapters.caw.corrections.payload import PLACES, Correction, Corrections, correction
from adapters.caw.corrections.persons import PERSONAL
from adapters.caw.rows import (
    ACTION,
    FREE_TEXT,
    HOUSEHOLD,
    REFUSED,
    is_anonymous,
    is_named,
    scope,
    usable,
)
from adapters.contract import Ending, PersonKey, ReadOptions, Retraction, Translation
from adapters.dates import OPEN_END, parse_date
from adapters.ledger import Ledger
from adapters.reading.csv_table import fields_of

BEFORE = "what stood there before came with an earlier file"
UNKEPT = "the field it is about is left out of every export; it stays in the encrypted original"
UNCHANGED = "it says what the row is about, and the row changed nothing here"

ANONYMOUS = "anonymous help: nothing that could recognise the person is kept"

_WORDS = frozenset({"question", "remarks"})
_UNKEPT = frozenset({"household", "income", "nationality", "postcode", "referrer", "town"})


def to_fhir(corrections: Corrections, options: ReadOptions) -> Translation:
    """Every usable row changes or ends something; the rest is refused with its line."""
    ledger = Ledger(fields_of(corrections.rows))
    outcome = Outcome()
    for number, row in usable(corrections.rows, ledger):
        one = correction(row)
        day = _day(one, number, ledger)
        named = is_named(one.number, one.line, PLACES.column("number"), number, ledger)
        if not named or day is None or one.number is None:
            ledger.withheld(REFUSED, *row.fields)
            continue
        change = Change(
            one=one,
            client=one.number.text,
            day=day,
            number=number,
            ledger=ledger,
            options=options,
            outcome=outcome,
        )
        _apply(change)
    return Translation(
        parts=tuple(outcome.parts),
        rejections=ledger.rejections(),
        account=ledger.account(),
        retractions=tuple(outcome.retractions),
        amendments=tuple(outcome.amendments),
        questions=tuple(outcome.questions),
    )


def _day(one: Correction, number: str, ledger: Ledger) -> str | None:
    day = parse_date(one.changed.text) if one.changed else None
    if one.changed and day in (None, OPEN_END):
        message = "a correction has a day that exists; write it as d/m/yyyy"
        ledger.reject(one.changed, "date-invalid", message, part=number)
        return None
    return day


def _apply(change: Change) -> None:
    one, ledger = change.one, change.ledger
    meaning = PLACES.meaning(one.action)
    if meaning is None:
        message = "the action is none that is known; send W or V"
        ledger.refuse(change.where, PLACES.column("action"), "unsupported-action", message)
        ledger.withheld(REFUSED, *one.fields)
    elif one.deletes_client:
        _delete(change)
    else:
        _correct(change)
    ledger.minimised(ACTION, one.action)
    ledger.minimised(HOUSEHOLD, one.household)
    ledger.minimised(FREE_TEXT, one.reason)
    ledger.minimised(BEFORE, one.old)


def _delete(change: Change) -> None:
    """Whatever any export said under the client's number ends, the children in its row too."""
    one, ledger = change.one, change.ledger
    ledger.mapped("Retraction.subject", one.number)
    ledger.mapped("Retraction.asserted_at", one.changed)
    ledger.minimised(BEFORE, one.new)
    change.outcome.retractions.append(
        Retraction(
            key=scope(change.client),
            ending=Ending.DELETED,
            asserted_at=change.day,
            version=change.version,
            where=change.where,
            subject=PersonKey(insz=None, family="", given="", born=None, local=change.client),
        )
    )
    # Anonymous contacts stand in no household; there never was anything of theirs to delete.
    if not is_anonymous(one.household):
        message = (
            "the file deletes a client it says nothing else about; if no earlier file named it, "
            "correct the client number"
        )
        ledger.refuse(
            change.where, PLACES.column("number"), "unknown-record", message, part=change.number
        )


def _correct(change: Change) -> None:
    one, ledger = change.one, change.ledger
    if one.what in PERSONAL and is_anonymous(one.household):
        _ask_who(change)
    elif one.what in PERSONAL:
        PERSONAL[one.what](change)
    elif one.what in _WORDS:
        _ask(change)
    elif one.what in _UNKEPT:
        ledger.minimised(UNKEPT, one.new)
    elif not one.what:
        message = "this field is in no export of the centre; correct its name"
        _reject_field(change, "unknown-code", message)
    else:
        message = "this field is not corrected by itself; send the whole row in the intake export"
        _reject_field(change, "unsupported-field", message)
    ledger.minimised(UNCHANGED, one.number, one.field, one.changed)


def _ask(change: Change) -> None:
    """Words about sharing stand among remarks; only a person may say what the family wants."""
    change.ledger.minimised(FREE_TEXT, change.one.new)
    message = (
        "the words about a client changed and may hold a wish about sharing; read them in the "
        "original, and let the family decide in the hub"
    )
    change.ask("consent-wish", message)


def _ask_who(change: Change) -> None:
    """Help without a name gets no number and no name: it would be linked after all."""
    change.ledger.minimised(ANONYMOUS, change.one.new)
    message = (
        "the client stands in no household, as anonymous help does, so nothing became known about "
        "who it is; if the client gave a name, send the row with its household"
    )
    change.ask("anonymous-client", message)


def _reject_field(change: Change, code: str, message: str) -> None:
    one = change.one
    if one.field and one.field.text:
        change.ledger.reject(one.field, code, message, part=change.number)
    else:
        name = PLACES.column("field")
        change.ledger.refuse(change.where, name, "missing-field", message, part=change.number)
    change.ledger.withheld(REFUSED, *one.fields)
