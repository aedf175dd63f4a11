"""Disorder codes to conditions, handicap codes to function hints; unknown codes to a person."""

import re
from collections.abc import Iterator

from adapters.case import Case
from adapters.contract import Resource, Segment
from adapters.reading.node import Field
from adapters.resources import (
    Target,
    category,
    coded,
    coding,
    concept,
    condition_status,
    finding,
    recorded_by,
    reference,
)
from adapters.systems import (
    BE_PROBLEM_CATEGORY,
    DIAGNOSIS_BASIS,
    ICD_10,
    VAPH_HANDICAP,
    VAPH_STOORNIS,
)
from adapters.vaph.dossier.payload import Coded, Dossier
from adapters.vaph.dossier.reports import key_of, team
from schemas import code_table

_ICD_10_SHAPE = re.compile(r"[A-TV-Z][0-9]{2}(?:\.[0-9]{1,2})?")
_NEEDS_ITS_CODE = "it belongs to a code that was rejected"
_TITLE = "the code table gives the title"


def conditions(dossier: Dossier, case: Case) -> Iterator[Segment]:
    """One source assertion for each disorder code."""
    for disorder in dossier.disorders:
        code = disorder.code
        if code is None or not _ICD_10_SHAPE.fullmatch(code.text):
            _reject(disorder, case)
            continue
        key = f"condition/{code.text}/{key_of(disorder.report)}"
        if made := case.claim("Condition", key, code, disorder.title, *_report_fields(disorder)):
            case.ledger.mapped(made["code"], code, disorder.title)
            yield case.segment(made, "diagnosis", _condition(disorder, code, made, case))


def _condition(disorder: Coded, code: Field, made: Target, case: Case) -> Resource:
    report = disorder.report
    author = team(report, case)
    title = disorder.title.text if disorder.title else None
    known = code_table("icd-10").get(code.text, {})
    return {
        # Every statement in a dossier rests on the report of a multidisciplinary team.
        "extension": [{"url": DIAGNOSIS_BASIS, "valueCode": "team"}],
        **recorded_by(author, case.organisations.name_of(author)),
        **condition_status("active", "confirmed"),
        "category": [coded(BE_PROBLEM_CATEGORY, "diagnosis")],
        "code": concept(
            coding(ICD_10, code.text, known.get("display")),
            coding(VAPH_STOORNIS, code.text, title),
            text=title,
        ),
        "subject": reference(case.patient),
        "recordedDate": case.date(report.sent, made["recordedDate"]),
    }


def handicaps(dossier: Dossier, case: Case) -> Iterator[Segment]:
    """One function hint for each handicap code."""
    table = code_table("vaph-handicap")
    for handicap in dossier.handicaps:
        code = handicap.code
        if code is None or code.text not in table:
            _reject(handicap, case)
            continue
        if made := case.claim("Observation", f"handicap/{code.text}", code, handicap.title):
            case.ledger.mapped(made["valueCodeableConcept"], code)
            case.ledger.minimised(_TITLE, handicap.title)
            row = table[code.text]
            yield case.segment(made, row["data_class"], _hint(code.text, row["display"], case))


def _hint(code: str, display: str, case: Case) -> Resource:
    return {
        "status": "final",
        "category": category("survey"),
        "code": finding("function-group", "Group of functions that is limited"),
        "subject": reference(case.patient),
        "valueCodeableConcept": coded(VAPH_HANDICAP, code, display),
    }


def _reject(coded: Coded, case: Case) -> None:
    if coded.code and coded.code.text:
        case.unknown_code(coded.code)
        case.ledger.withheld(_NEEDS_ITS_CODE, coded.title, *_report_fields(coded))


def _report_fields(coded: Coded) -> tuple[Field | None, ...]:
    report = coded.report
    return (report.sent, report.recognition, report.name, report.enterprise)
