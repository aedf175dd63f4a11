"""Hypotheses of a trajectory: suspicions and refutations, never diagnoses."""

from collections.abc import Iterator

from adapters.case import Case
from adapters.clb.codes import FREE_TEXT, code_key, disorder
from adapters.clb.trajectory.context import Context
from adapters.clb.trajectory.payload import TRAJECTORY, Statement, Trajectory
from adapters.contract import Resource, Segment
from adapters.resources import (
    Target,
    coded,
    condition_status,
    reference,
)
from adapters.systems import BE_PROBLEM_CATEGORY
from schemas import code_table

_WITH_ITS_CODE = "it belongs to a hypothesis that was rejected"


def hypotheses(one: Trajectory, context: Context) -> Iterator[Segment]:
    """One provisional or refuted condition for each coded hypothesis."""
    case = context.case
    for hypothesis in one.hypotheses:
        code = _code(hypothesis, case)
        status = _status(hypothesis, case) if code else None
        if code is None or status is None:
            case.ledger.withheld(_WITH_ITS_CODE, *hypothesis.fields)
            continue
        key = f"hypothesis/{code_key(code)}"
        if made := case.claim("Condition", key, hypothesis.code, *hypothesis.fields):
            _account(hypothesis, made, case)
            yield case.segment(
                made, "diagnosis", _condition(code, status, made, context), flags=("hypothesis",)
            )


def _condition(code: Resource, status: Resource, made: Target, context: Context) -> Resource:
    return {
        **context.recorder(),
        **status,
        "category": [coded(BE_PROBLEM_CATEGORY, "problem")],
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
            _missing(hypothesis, "hypothesis.status", case)
        return None
    return condition_status(row["clinical"], row["verification"])


def _code(hypothesis: Statement, case: Case) -> Resource | None:
    if hypothesis.code is None or not hypothesis.code.text:
        _missing(hypothesis, "code", case)
        return None
    return disorder(hypothesis.system, hypothesis.code, case)


def _missing(hypothesis: Statement, name: str, case: Case) -> None:
    case.ledger.refuse(
        hypothesis.place,
        TRAJECTORY.places[name][-1],
        "missing-field",
        "a hypothesis needs a code and a status; complete it at the source",
        part=case.part,
    )
