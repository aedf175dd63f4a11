"""Days of help under an agreement: left out, or encounters where an installation asks for them."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from adapters.case import Case
from adapters.contract import Resource, Segment
from adapters.ledger import Ledger
from adapters.reading.node import Field
from adapters.resources import Target, coded, coding, filled, identifier, reference, target
from adapters.systems import ACT_CODE, GIR_AMOUNT, GIR_FUNCTION, GIR_POINTS, GIR_RECORD, UCUM
from adapters.vaph.gir.payload import Registration
from adapters.vaph.gir.records import ACTION, FREE_TEXT, REFUSED, LastWord
from schemas import code_table

NO_DAYS = "days of help are off by default: that there is help, and since when, is enough"


def key_of(registration: str) -> str:
    """By the registration's own id, so that a deletion need not say under which agreement."""
    return f"registration/{registration}"


def leave_out(days: Iterable[LastWord[Registration]], ledger: Ledger) -> None:
    """What a family was not asked for does not pass."""
    for one in days:
        record = one.record
        ledger.minimised(ACTION, record.action)
        ledger.minimised(FREE_TEXT, record.reason)
        ledger.minimised(NO_DAYS, *record.fields)


def encounters(
    days: Iterable[LastWord[Registration]], episode: Target, provider: Target | None, case: Case
) -> Iterator[Segment]:
    """One encounter for each day; a registration without its day is refused."""
    for one in days:
        record = one.record
        made = target("vaph", "Encounter", f"{key_of(one.id)}/encounter")
        day = case.date(record.day, made["period"])
        case.ledger.minimised(ACTION, record.action)
        case.ledger.minimised(FREE_TEXT, record.reason)
        if day is None:
            _refuse(record, case)
            continue
        case.ledger.mapped(made["identifier"], record.id)
        case.ledger.mapped(made["episodeOfCare"], record.agreement)
        body = {
            "extension": list(_used(record, made, case)),
            "identifier": identifier(GIR_RECORD, one.id),
            "status": "finished",
            "class": coding(ACT_CODE, "AMB", "ambulatory"),
            "type": _function(record.function, made, case),
            "subject": reference(case.patient),
            "episodeOfCare": [reference(episode)],
            "period": {"start": day, "end": day},
            "length": _minutes(record.minutes, made, case),
            "serviceProvider": reference(provider, case.organisations.name_of(provider)),
        }
        yield case.segment(made, "logistics", body)


def _refuse(record: Registration, case: Case) -> None:
    if record.day is None or not record.day.text:
        message = "the registration does not say which day it is about; add it"
        case.ledger.refuse(record.place, "day", "missing-field", message, part=case.part)
    case.ledger.withheld(REFUSED, *record.fields)


def _function(field: Field | None, made: Target, case: Case) -> list[Resource]:
    if field is None or not field.text:
        return []
    row = code_table("gir-function").get(field.text)
    if row is None:
        case.unknown_code(field)
        return []
    case.ledger.mapped(made["type"], field)
    return [coded(GIR_FUNCTION, row["code"], row["display"])]


def _minutes(field: Field | None, made: Target, case: Case) -> Resource:
    minutes = case.decimal(field, made["length"])
    return {} if minutes is None else _quantity(minutes, "min", UCUM)


def _quantity(value: Decimal, unit: str | None, system: str | None = None) -> Resource:
    code = unit if system else None
    return filled({"value": value, "unit": unit, "system": system, "code": code})


def _used(record: Registration, made: Target, case: Case) -> Iterator[Resource]:
    """How much of the help, and what it counts for; fractions keep their spelling."""
    amount = case.decimal(record.amount, made["extension"])
    if amount is not None:
        case.ledger.mapped(made["extension"], record.unit)
        unit = record.unit.text if record.unit and record.unit.text else None
        yield {"url": GIR_AMOUNT, "valueQuantity": _quantity(amount, unit)}
    else:
        case.ledger.withheld(REFUSED, record.unit)
    points = case.decimal(record.points, made["extension"])
    if points is not None:
        yield {"url": GIR_POINTS, "valueDecimal": points}
