"""Needs of a pupil in ICF terms: what helps, not what somebody has."""

import re
from collections.abc import Iterator

from adapters.case import Case
from adapters.clb.context import Context
from adapters.clb.payload import Statement, Trajectory
from adapters.contract import Resource, Segment
from adapters.reading.node import Field
from adapters.resources import Target, category, coding, concept, reference
from adapters.systems import ICF, ICF_CY, ICF_QUALIFIER
from schemas import code_table

_ICF_SHAPE = re.compile(r"(?:[bs][1-8]|d[1-9]|e[1-5])[0-9]{2,4}")
_CLASSIFICATIONS = frozenset({"ICF", "ICF-CY"})
_WITH_ITS_CODE = "it belongs to a need whose code was rejected"


def needs(one: Trajectory, context: Context) -> Iterator[Segment]:
    """One observation for each need."""
    case = context.case
    for need in one.needs:
        code = _code(need, case)
        if code is None:
            case.ledger.withheld(_WITH_ITS_CODE, *need.fields)
            continue
        made = case.claim("Observation", f"{context.key}/need/{code.text}", code, *need.fields)
        if made:
            case.ledger.mapped(made["code"], code, need.classification)
            case.ledger.mapped(made["code.text"], need.text)
            yield case.segment(made, "functional", _observation(need, code.text, made, context))


def _observation(need: Statement, code: str, made: Target, context: Context) -> Resource:
    performer = context.centre_reference()
    return {
        "status": "final",
        "category": category("survey"),
        "code": _concept(code, need.text),
        "subject": reference(context.case.patient),
        "effectiveDateTime": context.found_in(made["effectiveDateTime"]),
        "performer": [performer] if performer else [],
        "valueCodeableConcept": _qualifier(need.nuance, made, context.case),
    }


def _code(need: Statement, case: Case) -> Field | None:
    field, system = need.code, need.classification
    if field is None or not field.text:
        where = need.fields[0].place if need.fields else "behoefte"
        message = "a need has to have a code; complete it at the source"
        case.ledger.refuse(where, "@code", "missing-field", message, part=case.part)
        return None
    known = system is not None and system.text in _CLASSIFICATIONS
    if not known or not _ICF_SHAPE.fullmatch(field.text):
        case.unknown_code(field)
        return None
    return field


def _concept(code: str, words: Field | None) -> Resource:
    title = code_table("icf").get(code, {}).get("display")
    said = words.text if words else None
    return concept(coding(ICF, code, title), coding(ICF_CY, code, title), text=said)


def _qualifier(field: Field | None, made: Target, case: Case) -> Resource | None:
    if field is None or not field.text:
        return None
    row = code_table("icf-qualifier").get(field.text)
    if row is None:
        case.unknown_code(field)
        return None
    case.ledger.mapped(made["valueCodeableConcept"], field)
    return concept(coding(ICF_QUALIFIER, field.text, row["display"]))
