"""Hypotheses of a trajectory: suspicions and refutations, never diagnoses."""

import re
from collections.abc import Iterator

from adapters.case import Case
from adapters.clb.context import Context
from adapters.clb.payload import Statement, Trajectory
from adapters.contract import Resource, Segment
from adapters.resources import (
    Target,
    coding,
    concept,
    condition_status,
    reference,
)
from adapters.systems import BE_PROBLEM_CATEGORY, DSM_5, ICD_10
from schemas import code_table

FREE_TEXT = "free text never makes a diagnosis; it stays in the encrypted original"
_WITH_ITS_CODE = "it belongs to a hypothesis that was rejected"
_ICD_10_SHAPE = re.compile(r"[A-TV-Z][0-9]{2}(?:\.[0-9]{1,2})?")


def hypotheses(one: Trajectory, context: Context) -> Iterator[Segment]:
    """One provisional or refuted condition for each coded hypothesis."""
    case = context.case
    for hypothesis in one.hypotheses:
        code = _code(hypothesis, case)
        status = _status(hypothesis, case) if code else None
        if code is None or status is None:
            case.ledger.withheld(_WITH_ITS_CODE, *hypothesis.fields)
            continue
        own = code["coding"][-1]
        key = f"{context.key}/hypothesis/{own['system']}/{own['code']}"
        if made := case.claim("Condition", key, hypothesis.code, *hypothesis.fields):
            _account(hypothesis, made, case)
            yield case.segment(
                made, "diagnosis", _condition(code, status, made, context), flags=("hypothesis",)
            )


def _condition(code: Resource, status: Resource, made: Target, context: Context) -> Resource:
    return {
        **context.recorder(),
        **status,
        "category": [concept(coding(BE_PROBLEM_CATEGORY, "problem"))],
        "code": code,
        "subject": reference(context.case.patient),
        "recordedDate": context.found_in(made["recordedDate"]),
    }


def _account(hypothesis: Statement, made: Target, case: Case) -> None:
    case.ledger.mapped(made["code"], hypothesis.code, hypothesis.classification)
    case.ledger.mapped(made["verificationStatus"], hypothesis.nuance)
    case.ledger.minimised(FREE_TEXT, hypothesis.text)


def _status(hypothesis: Statement, case: Case) -> Resource | None:
    field = hypothesis.nuance
    row = code_table("clb-hypothesis-status").get(field.text if field else "")
    if row is None:
        if field and field.text:
            case.unknown_code(field)
        else:
            _missing(hypothesis, "@status", case)
        return None
    return condition_status(row["clinical"], row["verification"])


def _code(hypothesis: Statement, case: Case) -> Resource | None:
    """ICD-10 first, then the source's own code when that is another system."""
    field = hypothesis.code
    if field is None or not field.text:
        _missing(hypothesis, "@code", case)
        return None
    classification = hypothesis.classification.text if hypothesis.classification else ""
    if classification == "ICD-10" and _ICD_10_SHAPE.fullmatch(field.text):
        title = code_table("icd-10").get(field.text, {}).get("display")
        return concept(coding(ICD_10, field.text, title))
    row = code_table("dsm-5-to-icd-10").get(field.text) if classification == "DSM-5" else None
    if row is None:
        case.unknown_code(field)
        return None
    title = code_table("icd-10").get(row["icd10"], {}).get("display")
    return concept(coding(ICD_10, row["icd10"], title), coding(DSM_5, field.text, row["display"]))


def _missing(hypothesis: Statement, name: str, case: Case) -> None:
    where = hypothesis.fields[0].place if hypothesis.fields else "hypothese"
    case.ledger.refuse(
        where,
        name,
        "missing-field",
        "a hypothesis needs a code and a status; complete it at the source",
        part=case.part,
    )
