"""Diagnoses in a CLB report, with whose they are; a copy is marked as one, so it counts once."""

import re
from collections.abc import Iterator

from adapters.case import Case
from adapters.clb.codes import code_key, disorder
from adapters.clb.delivery import Ended, Told
from adapters.clb.report.payload import REPORT, Diagnosis, Report
from adapters.contract import Ending, Resource, Segment
from adapters.reading.node import Field
from adapters.resources import (
    Target,
    coded,
    coding,
    concept,
    condition_status,
    nth,
    recorded_by,
    reference,
)
from adapters.systems import (
    BE_PROBLEM_CATEGORY,
    COPIED_FROM,
    DIAGNOSIS_BASIS,
    VERIFICATION,
)
from schemas import code_table

EARLIER = "the version in which it stood; the statement is known by its report and code"
TITLE = "the code gives the title; the words beside it stay in the encrypted original"

_WITH_ITS_CODE = "it belongs to a diagnosis that was rejected"
_COPIED = "overgenomen"
_UNKNOWN_SOURCE = "unknown"
_WORD = re.compile(r"[^\W\d_]+")
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_NOT_TOLD = {"extension": [{"url": _ABSENT, "valueCode": "unknown"}]}


def diagnoses(one: Report, told: Told, case: Case) -> Iterator[Segment]:
    """One condition for each coded diagnosis the report names."""
    for diagnosis in one.diagnoses:
        code = _code(diagnosis, case)
        made = _claimed(diagnosis, code, case) if code else None
        if code and made:
            body = {
                **_origin(diagnosis, made, told, case),
                **condition_status("active", "confirmed"),
                "category": [coded(BE_PROBLEM_CATEGORY, "diagnosis")],
                "code": code,
                "subject": reference(case.patient),
                "recordedDate": case.date(diagnosis.day, made["recordedDate"]),
            }
            yield case.segment(made, "diagnosis", body)


def undone(one: Report, told: Told, case: Case) -> Iterator[tuple[Segment, Ended]]:
    """Each diagnosis taken back, as entered in error, and the key of what it was."""
    for diagnosis in one.undone:
        code = _code(diagnosis, case)
        made = _claimed(diagnosis, code, case) if code else None
        if code and made:
            case.ledger.minimised(EARLIER, diagnosis.sequence)
            body = {
                **recorded_by(told.centre, told.centre_name()),
                # FHIR: what was entered in error has no clinical status (con-5).
                "verificationStatus": concept(coding(VERIFICATION, Ending.ERROR)),
                "category": [coded(BE_PROBLEM_CATEGORY, "diagnosis")],
                "code": code,
                "subject": reference(case.patient),
            }
            end = Ended(
                key=made.key, ending=Ending.ERROR, where=diagnosis.place, version=nth(told.version)
            )
            yield case.segment(made, "diagnosis", body), end


def _claimed(diagnosis: Diagnosis, code: Resource, case: Case) -> Target | None:
    key = f"diagnosis/{code_key(code)}"
    made = case.claim("Condition", key, diagnosis.code, *diagnosis.fields)
    if made:
        case.ledger.mapped(made["code"], diagnosis.code, diagnosis.classification)
        case.ledger.minimised(TITLE, diagnosis.text)
    return made


def _code(diagnosis: Diagnosis, case: Case) -> Resource | None:
    code = None
    if diagnosis.code and diagnosis.code.text:
        code = disorder(diagnosis.system, diagnosis.code, case)
    else:
        message = "a diagnosis needs a code; complete it at the source"
        name = REPORT.places["code"][-1]
        case.ledger.refuse(diagnosis.place, name, "missing-field", message, part=case.part)
    if code is None:
        case.ledger.withheld(_WITH_ITS_CODE, *diagnosis.fields)
    return code


def _origin(diagnosis: Diagnosis, made: Target, told: Told, case: Case) -> Resource:
    """Who wrote it down, who made it, and whether it is copied from a source of the hub."""
    recorded = recorded_by(told.centre, told.centre_name())
    field = diagnosis.origin
    if field is None or not field.text:
        # Nobody says who made it: the weakest there is, and no author of its own.
        extensions = _extensions("quoted", None)
        return {"extension": extensions, **recorded, "asserter": _NOT_TOLD}
    if field.text == told.centre_name():
        case.ledger.mapped(made["recorder"], field)
        return {"extension": _extensions("professional", None), **recorded}
    copied = _copied(field)
    if copied:
        case.ledger.mapped(made["extension"], field)
        return {"extension": _extensions("quoted", copied), **recorded}
    case.ledger.mapped(made["asserter"], field)
    asserter = {
        "resourceType": "PractitionerRole",
        "id": "asserter",
        "organization": {"display": field.text},
    }
    return {
        "extension": _extensions("quoted", None),
        **recorded,
        "contained": [*recorded.get("contained", []), asserter],
        "asserter": {"reference": "#asserter"},
    }


def _copied(origin: Field) -> str | None:
    """The source of the hub whose statement this is, None when it is nobody's copy."""
    words = _WORD.findall(origin.text.lower())
    rows = (code_table("clb-copied").get(word) for word in words)
    source = next((row["source"] for row in rows if row), None)
    return source or (_UNKNOWN_SOURCE if _COPIED in words else None)


def _extensions(basis: str, copied: str | None) -> list[Resource]:
    copy = [{"url": COPIED_FROM, "valueCode": copied}] if copied else []
    return [{"url": DIAGNOSIS_BASIS, "valueCode": basis}, *copy]
