"""The decision and its points: a need that was weighed, never what causes it."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final

from adapters.case import Case
from adapters.childcare.recognition.payload import Recognition
from adapters.contract import Resource, Segment
from adapters.dates import OPEN_END, parse_date
from adapters.reading.node import Field
from adapters.resources import Target, category, coding, concept, finding, reference
from adapters.systems import DECIDED_ON, DECISION
from schemas import code_table

_PAYOR: Final = [{"display": "Groeipakket"}]
_IMPOSSIBLE: Final = "this is no possible number of points for this pillar; correct it"
_UNEQUAL: Final = "the pillars do not add up to the total; correct the points"
_INCOMPLETE: Final = "it belongs to points that cannot be checked against their total"
_NOT_STANDING: Final = "it belongs to a decision of which it is not known whether it stands"


def decision(one: Recognition, case: Case) -> Iterator[Segment]:
    """The recognition as cover for a period, which may lie before the decision, and its points."""
    state = _state(one, case)
    decided = _day(one.decided, case)
    if state is None or decided is None:
        case.ledger.withheld(_NOT_STANDING, *one.fields)
        return
    key = _start(one) or f"decided/{decided}"
    made = case.claim("Coverage", f"cover/{key}", *one.fields)
    if made is None:
        return
    case.ledger.mapped(made["status"], one.state)
    case.ledger.mapped(made["extension"], one.decided)
    body = {
        "extension": [{"url": DECIDED_ON, "valueDate": decided}],
        "status": state,
        "type": concept(
            coding(DECISION, "care-allowance", "Recognition for the care allowance (zorgtoeslag)")
        ),
        "beneficiary": reference(case.patient),
        "period": case.period(one.start, one.end, made["period"]),
        "payor": _PAYOR,
    }
    # A benefit for care tells that a child has a disability: it is more than logistics.
    yield case.segment(made, "functional", body)
    yield from _points(one, decided, key, case)


def latest(recognitions: Iterable[Recognition]) -> list[Recognition]:
    """Of decisions about one period the one that was taken last; it took the others' place."""
    found = list(recognitions)
    return [
        one
        for one in found
        if not any(_replaces(other, one) for other in found if other is not one)
    ]


def _replaces(other: Recognition, one: Recognition) -> bool:
    start = _start(one)
    return start is not None and start == _start(other) and _decided(other) > _decided(one)


def _start(one: Recognition) -> str | None:
    """The first day of the period, in whatever spelling: by it a revised decision is known."""
    found = parse_date(one.start.text) if one.start else None
    return None if found == OPEN_END else found


def _decided(one: Recognition) -> str:
    found = parse_date(one.decided.text) if one.decided else None
    return "" if found is None or found == OPEN_END else found


def _state(one: Recognition, case: Case) -> str | None:
    if one.state is None or not one.state.text:
        place = one.fields[0].place if one.fields else "/"
        missing = "the decision does not say whether it stands; send its state"
        case.ledger.refuse(place, "decisionStatus", "missing-field", missing, part=case.part)
        return None
    row = code_table("handi-decision").get(one.state.text)
    if row is None:
        case.unknown_code(one.state)
        return None
    return row["status"]


def _day(field: Field | None, case: Case) -> str | None:
    found = parse_date(field.text) if field else None
    if found is None or found == OPEN_END:
        message = "the decision has no date; write it as yyyy-mm-dd"
        if field and field.text:
            case.reject(field, "date-invalid", message)
        else:
            case.ledger.refuse("/", "dateOfDecision", "missing-field", message, part=case.part)
        return None
    return found


def _points(one: Recognition, decided: str, key: str, case: Case) -> Iterator[Segment]:
    """Scores of an examination are a report's, so they do not travel with the decision."""
    fields = [field for _, field in one.pillars]
    if not any(field and field.text for field in (*fields, one.total)):
        return
    made = case.target("Observation", f"points/{key}")
    found = [(name, _pillar(name, field, made, case)) for name, field in one.pillars]
    total = case.decimal(one.total, made["valueQuantity"])
    values = [value for _, value in found if value is not None]
    whole = total is not None and len(values) == len(found)
    equal = whole and sum(values) == total
    if one.total and whole and not equal:
        case.reject(one.total, "total-inconsistent", _UNEQUAL)
    if total is None or not equal:
        case.ledger.withheld(_INCOMPLETE, *fields, one.total)
        return
    body = {
        "status": "final",
        "category": category("survey"),
        "code": finding("care-allowance-points", "Points for the care allowance"),
        "subject": reference(case.patient),
        "effectiveDateTime": decided,
        "valueQuantity": _quantity(total),
        "component": [_component(name, value) for name, value in found if value is not None],
    }
    yield case.segment(made, "diagnostic_report", body)


def _pillar(name: str, field: Field | None, made: Target, case: Case) -> Decimal | None:
    row = code_table("handi-pillar")[name]
    value = case.decimal(field, made[f"component.{row['code']}"])
    if field and value is not None and not 0 <= value <= Decimal(row["highest"]):
        case.reject(field, "value-implausible", _IMPOSSIBLE)
        return None
    return value


def _component(name: str, value: Decimal) -> Resource:
    row = code_table("handi-pillar")[name]
    return {"code": finding(row["code"], row["display"]), "valueQuantity": _quantity(value)}


def _quantity(value: Decimal) -> Resource:
    return {"value": value, "unit": "points"}
