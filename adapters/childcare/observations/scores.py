"""How a child felt and took part on one day: scores of a carer, never a measurement of a doctor."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from adapters.case import Case
from adapters.childcare.observations.payload import Line
from adapters.contract import Resource, Segment
from adapters.reading.node import Field
from adapters.resources import Target, category, coding, concept, finding, reference
from adapters.systems import CHILDCARE_ATTENTION
from schemas import code_table

_LOWEST, _HIGHEST = Decimal(1), Decimal(5)
_OUT_OF_SCALE: Final = "the score is not on the scale from 1 to 5; correct it"
_NO_SCORE: Final = "it belongs to an observation without a usable score"
_SCORES: Final = {
    "wellbeing": ("childcare-wellbeing", "Wellbeing in childcare"),
    "involvement": ("childcare-involvement", "Involvement in childcare"),
}
_AREAS: Final = {
    "motor": ("childcare-motor", "Motor development in childcare"),
    "language": ("childcare-language", "Language development in childcare"),
}


def observation(line: Line, day: str, author: Resource | None, case: Case) -> Iterator[Segment]:
    """One observation for each child and day; a child twice on one day is put before a person."""
    made = case.claim("Observation", f"observation/{day}", *line.fields)
    if made is None:
        return
    components = [*_scores(line, made, case), *_areas(line, made, case)]
    if not components:
        case.ledger.withheld(_NO_SCORE, line.field("observed"))
        return
    case.ledger.mapped(made["effectiveDateTime"], line.field("observed"))
    body = {
        "status": "final",
        "category": [*category("social-history"), *category("survey")],
        "code": finding("childcare-observation", "Observation in childcare"),
        "subject": reference(case.patient),
        "effectiveDateTime": day,
        "performer": [author] if author else [],
        "component": components,
    }
    yield case.segment(made, "development", body)


def _scores(line: Line, made: Target, case: Case) -> Iterator[Resource]:
    for name, what in _SCORES.items():
        value = _score(line.field(name), made[f"component.{what[0]}"], case)
        if value is not None:
            quantity = {"value": value, "unit": "points of 5"}
            yield {"code": finding(*what), "valueQuantity": quantity}


def _score(field: Field | None, to: str, case: Case) -> Decimal | None:
    if field is None or not field.text:
        return None
    value = case.decimal(field._replace(text=field.text.replace(",", ".")), to)
    if value is not None and not _LOWEST <= value <= _HIGHEST:
        case.reject(field, "value-implausible", _OUT_OF_SCALE)
        return None
    return value


def _areas(line: Line, made: Target, case: Case) -> Iterator[Resource]:
    table = code_table("childcare-attention")
    for name, what in _AREAS.items():
        field = line.field(name)
        if field is None or not field.text:
            continue
        row = table.get(field.text.casefold())
        if row is None:
            case.unknown_code(field)
            continue
        case.ledger.mapped(made[f"component.{what[0]}"], field)
        seen = coding(CHILDCARE_ATTENTION, row["code"], row["display"])
        yield {"code": finding(*what), "valueCodeableConcept": concept(seen)}
