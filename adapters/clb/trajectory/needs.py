"""Needs of a pupil in ICF terms: what helps, not what somebody has."""

import re
from collections.abc import Iterator

from adapters.case import Case
from adapters.clb.trajectory.context import Context
from adapters.clb.trajectory.payload import TRAJECTORY, Statement, Trajectory
from adapters.contract import Resource, Segment
from adapters.reading.node import Field
from adapters.resources import Target, category, coding, concept, reference
from adapters.systems import ICF, ICF_CY, ICF_QUALIFIER
from adapters.telling import People, passages
from schemas import code_table

_ICF_SHAPE = re.compile(r"(?:[bs][1-8]|d[1-9]|e[1-5])[0-9]{2,4}")
OTHERS = "the words tell about somebody else; they stay in the encrypted original"

_WITH_ITS_CODE = "it belongs to a need whose code was rejected"


def needs(one: Trajectory, context: Context) -> Iterator[Segment]:
    """One observation for each need."""
    case = context.case
    for need in one.needs:
        code = _code(need, case)
        if code is None:
            case.ledger.withheld(_WITH_ITS_CODE, *need.fields)
            continue
        made = case.claim("Observation", f"need/{code.text}", code, *need.fields)
        if made:
            case.ledger.mapped(made["code"], code, need.classification)
            words = _words(need, made, case, context.told.people())
            body = _observation(need, code.text, words, made, context)
            yield case.segment(made, "functional", body)


def _words(need: Statement, made: Target, case: Case, people: People) -> str | None:
    if need.text is None or not need.text.text:
        return None
    if any(passage.data_class for passage in passages(need.text.text, people)):
        case.ledger.minimised(OTHERS, need.text)
        return None
    case.ledger.mapped(made["code.text"], need.text)
    return need.text.text


def _observation(
    need: Statement, code: str, words: str | None, made: Target, context: Context
) -> Resource:
    performer = context.told.centre_reference()
    return {
        "status": "final",
        "category": category("survey"),
        "code": _concept(code, words),
        "subject": reference(context.case.patient),
        "effectiveDateTime": context.found_in(made["effectiveDateTime"]),
        "performer": [performer] if performer else [],
        "valueCodeableConcept": _qualifier(need.nuance, made, context.case),
    }


def _code(need: Statement, case: Case) -> Field | None:
    field = need.code
    if field is None or not field.text:
        message = "a need has to have a code; complete it at the source"
        case.ledger.refuse(
            need.place, TRAJECTORY.places["code"][-1], "missing-field", message, part=case.part
        )
        return None
    if need.system != "icf" or not _ICF_SHAPE.fullmatch(field.text):
        case.unknown_code(field)
        return None
    return field


def _concept(code: str, words: str | None) -> Resource:
    title = code_table("icf").get(code, {}).get("display")
    return concept(coding(ICF, code, title), coding(ICF_CY, code, title), text=words)


def _qualifier(field: Field | None, made: Target, case: Case) -> Resource | None:
    if field is None or not field.text:
        return None
    row = code_table("icf-qualifier").get(field.text)
    if row is None:
        case.unknown_code(field)
        return None
    case.ledger.mapped(made["valueCodeableConcept"], field)
    return concept(coding(ICF_QUALIFIER, field.text, row["display"]))
