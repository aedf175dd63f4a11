"""Hearing and growth of a young child; a test that must be done again becomes a task."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from adapters.case import Case
from adapters.childcare.child_report.payload import REPORT, HearingTest, Report
from adapters.contract import Resource, Segment
from adapters.dates import OPEN_END, parse_date
from adapters.reading.node import Field
from adapters.resources import Target, category, coded, finding, reference
from adapters.systems import HEARING_RESULT, LOINC, TASK, UCUM
from schemas import code_table

NOT_KNOWN: Final = "the source says that it is not known"
_IMPOSSIBLE: Final = "this is no possible value for a young child; correct the value or its unit"
_INCOMPLETE: Final = "it belongs to a test or measurement that cannot be used"
_REFER, _PASS = "refer", "pass"
_GESTATION: Final = (Decimal(20), Decimal(45))

Tested = tuple[str, str, str, Target]
"""Day, ear and result of a usable test, and its observation."""


def hearing(report: Report, author: Resource | None, case: Case) -> Iterator[Segment]:
    """Every test, and for an ear that was referred the test that must follow."""
    tested: list[Tested] = []
    for test in report.hearing:
        found = _tested(test, case)
        if found is None:
            case.ledger.withheld(_INCOMPLETE, *test.fields)
            continue
        tested.append(found)
        yield _hearing(test, found, author, case)
    yield from _repeats(tested, author, case)


def _tested(test: HearingTest, case: Case) -> Tested | None:
    day = _day(test.day, case)
    ear = _code("child-report-ear", test.ear, case)
    result = _code("child-report-hearing", test.result, case)
    if not (day and ear and result):
        return None
    made = case.claim("Observation", f"hearing/{day}/{ear['code']}", *test.fields)
    return (day, ear["code"], result["code"], made) if made else None


def _hearing(test: HearingTest, found: Tested, author: Resource | None, case: Case) -> Segment:
    day, ear, result, made = found
    ears, results = code_table("child-report-ear"), code_table("child-report-hearing")
    case.ledger.mapped(made["effectiveDateTime"], test.day)
    case.ledger.mapped(made["code"], test.ear)
    case.ledger.mapped(made["valueCodeableConcept"], test.result)
    display = next(row["display"] for row in ears.values() if row["code"] == ear)
    said = next(row["display"] for row in results.values() if row["code"] == result)
    body = {
        **_observation(finding(f"hearing-test-{ear}", display), day, author, case),
        "category": category("exam"),
        "valueCodeableConcept": coded(HEARING_RESULT, result, said),
    }
    return case.segment(made, "medical", body)


def _repeats(tested: Sequence[Tested], author: Resource | None, case: Case) -> Iterator[Segment]:
    """A referred ear needs a new test; a later pass of the same ear is that test."""
    for ear in dict.fromkeys(ear for _, ear, result, _ in tested if result == _REFER):
        of_ear = [one for one in tested if one[1] == ear]
        referred = max(one for one in of_ear if one[2] == _REFER)
        done = any(one[2] == _PASS and one[0] > referred[0] for one in of_ear)
        made = case.target("Task", f"hearing-repeat/{ear}")
        body = {
            "status": "completed" if done else "requested",
            "intent": "plan",
            "code": coded(TASK, "repeat-hearing-test", "Repeat the hearing test"),
            "focus": reference(referred[3]),
            "for": reference(case.patient),
            "requester": author,
        }
        yield case.segment(made, "medical", body)


def growth(report: Report, author: Resource | None, case: Case) -> Iterator[Segment]:
    """Weight, length and head, each by itself; a later report that omits one deletes nothing."""
    for one in report.growth:
        day = _day(one.day, case)
        if day is None:
            case.ledger.withheld(_INCOMPLETE, *one.fields)
            continue
        made = [
            segment
            for name, field in one.values
            for segment in _measured(name, field, one.day, author, case)
        ]
        if not made:
            case.ledger.withheld(_INCOMPLETE, one.day)
        yield from made


def _measured(
    name: str, field: Field | None, on: Field | None, author: Resource | None, case: Case
) -> Iterator[Segment]:
    if field is None or not field.text:
        return
    row = code_table("child-report-measurement")[name]
    day = parse_date(on.text) if on else None
    made = case.claim("Observation", f"growth/{day}/{name}", field)
    value = case.decimal(field, made["valueQuantity"]) if made else None
    if made is None or value is None:
        return
    if not Decimal(row["lowest"]) <= value <= Decimal(row["highest"]):
        case.reject(field, "value-implausible", _IMPOSSIBLE)
        return
    case.ledger.mapped(made["effectiveDateTime"], on)
    body = {
        **_observation(coded(LOINC, row["code"], row["display"]), day, author, case),
        "category": category("vital-signs"),
        "valueQuantity": _quantity(value, row["unit"]),
    }
    yield case.segment(made, "medical", body)


def birth(report: Report, author: Resource | None, case: Case) -> Iterator[Segment]:
    """Weeks of pregnancy, and whether an infection was found at birth; "not known" is no value."""
    weeks, made = report.gestation, case.target("Observation", "gestation")
    value = case.decimal(weeks, made["valueQuantity"])
    if weeks and value is not None and not _GESTATION[0] <= value <= _GESTATION[1]:
        case.reject(weeks, "value-implausible", _IMPOSSIBLE)
    elif value is not None:
        code = finding("gestational-age", "Weeks of pregnancy at birth")
        quantity = _quantity(value, "wk")
        yield case.segment(
            made, "medical", {**_observation(code, None, author, case), "valueQuantity": quantity}
        )
    yield from _infection(report.cmv, author, case)


def _infection(told: Field | None, author: Resource | None, case: Case) -> Iterator[Segment]:
    if told is None or not told.text:
        return
    if REPORT.says(told, "not.known"):
        case.ledger.minimised(NOT_KNOWN, told)
        return
    if not REPORT.says(told, "yes", "no"):
        case.unknown_code(told)
        return
    made = case.target("Observation", "cmv")
    case.ledger.mapped(made["valueBoolean"], told)
    code = finding("cmv-at-birth", "Cytomegalovirus found at birth")
    said = {"valueBoolean": REPORT.says(told, "yes")}
    yield case.segment(made, "medical", {**_observation(code, None, author, case), **said})


def _observation(code: Resource, day: str | None, author: Resource | None, case: Case) -> Resource:
    return {
        "status": "final",
        "code": code,
        "subject": reference(case.patient),
        "effectiveDateTime": day,
        "performer": [author] if author else [],
    }


def _quantity(value: Decimal, unit: str) -> Resource:
    return {"value": value, "unit": unit, "system": UCUM, "code": unit}


def _day(field: Field | None, case: Case) -> str | None:
    """The day that is part of a key; mapped only once something is made of it."""
    if field is None or not field.text:
        return None
    found = parse_date(field.text)
    if found is None or found == OPEN_END:
        case.reject(field, "date-invalid", "this is no date; write it as yyyy-mm-dd")
        return None
    return found


def _code(table: str, field: Field | None, case: Case) -> Resource | None:
    if field is None or not field.text:
        return None
    row = code_table(table).get(field.text.casefold())
    if row is None:
        case.unknown_code(field)
        return None
    return dict(row)
