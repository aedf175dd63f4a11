"""IQ, motor limitations, care weight and self-reliance to observations; 0.0 is never a value."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from adapters.case import Case
from adapters.contract import Resource, Segment
from adapters.reading.node import Field
from adapters.resources import Target, category, concept, finding, reference
from adapters.systems import REPORT_SENT
from adapters.vaph.dossier.payload import Dossier, IqTest, Measures, Report
from adapters.vaph.dossier.reports import key_of, team
from schemas import code_table

NO_TEST = "no IQ test was taken; the zeros stand for no value"
NO_SCORE = "0.0 stands for no value"
_SCORE_WITHOUT_TEST = (
    "the dossier says that no test was taken and gives a score; correct one of them"
)
_UNTESTED = "zonder test"
_PLAUSIBLE_IQ = (Decimal(20), Decimal(200))
_LONGEST_PHRASE = 60
_WEIGHTS = {
    "bWaarde": ("care-weight-support", "Support (B value)"),
    "pWaarde": ("care-weight-permanence", "Permanence (P value)"),
}
_SELF_RELIANCE = {
    "barthel": ("barthel", "Barthel index"),
    "elida": ("elida", "ELIDA"),
}


def measurements(dossier: Dossier, case: Case) -> Iterator[Segment]:
    """Everything the team measured."""
    if dossier.iq:
        yield from _iq(dossier.iq, case)
    if dossier.motor:
        yield from _motor(dossier.motor, case)
    if dossier.weight:
        yield from _numbers(dossier.weight, _WEIGHTS, "care-weight", "Care weight (B/P)", case)
    if dossier.self_reliance:
        yield from _numbers(
            dossier.self_reliance, _SELF_RELIANCE, "self-reliance", "Self-reliance", case
        )


def _iq(test: IqTest, case: Case) -> Iterator[Segment]:
    instrument = test.instrument.text if test.instrument else ""
    scores = [(name, field) for name, field in test.scores if field and not _is_zero(field)]
    if instrument.lower().startswith(_UNTESTED) or not scores:
        for _, field in scores:
            if any(character.isdigit() for character in field.text):
                case.reject(field, "score-without-test", _SCORE_WITHOUT_TEST)
        case.ledger.minimised(NO_TEST, *test.fields)
        return
    made = case.claim("Observation", f"iq/{instrument}/{key_of(test.report)}", *test.fields)
    if made is None:
        return
    case.ledger.minimised(NO_SCORE, *(field for _, field in test.scores))
    components = [part for name, field in scores if (part := _score(name, field, made, case))]
    case.ledger.mapped(made["method"], test.instrument)
    body = {
        **_observation(test.report, "iq", "Intelligence quotient", made, case),
        "effectiveDateTime": case.date(test.taken, made["effectiveDateTime"]),
        "method": concept(text=instrument) if instrument else None,
        "component": components,
    }
    if components:
        yield case.segment(made, "diagnostic_report", body)
    else:
        case.ledger.withheld("it belongs to a test without a usable score", *test.fields)


def _score(name: str, field: Field, made: Target, case: Case) -> Resource | None:
    value = case.decimal(field, made[f"component.{name}"])
    if value is None:
        return None
    lowest, highest = _PLAUSIBLE_IQ
    if not lowest <= value <= highest:
        case.reject(field, "value-implausible", "this is no possible IQ; correct the score")
        return None
    return {
        "code": finding(f"iq-{name}", f"IQ, {name}"),
        "valueQuantity": {"value": value, "unit": "IQ points"},
    }


def _is_zero(field: Field) -> bool:
    return not field.text.strip("0.,")


def _motor(motor: Measures, case: Case) -> Iterator[Segment]:
    given = dict(motor.values)
    known = [(name, given[name]) for name in _MOTOR if name in given and given[name].text]
    made = _claimed("motor", known, motor, case)
    if made is None:
        return
    components = [part for name, field in known if (part := _limit(name, field, made, case))]
    body = _observation(motor.report, "motor-function", "Motor function", made, case)
    yield from _with_components(made, body, components, motor, case)


def _limit(name: str, field: Field, made: Target, case: Case) -> Resource | None:
    row = _MOTOR[name]
    if len(field.text) > _LONGEST_PHRASE:
        case.ledger.minimised("free text; it stays in the encrypted original", field)
        return None
    case.ledger.mapped(made[f"component.{row['code']}"], field)
    return {
        "code": finding(row["code"], row["display"]),
        "valueCodeableConcept": concept(text=field.text),
    }


def _numbers(
    measures: Measures, names: dict[str, tuple[str, str]], code: str, display: str, case: Case
) -> Iterator[Segment]:
    given = dict(measures.values)
    known = [(meaning, given[name]) for name, meaning in names.items() if name in given]
    made = _claimed(code, known, measures, case)
    if made is None:
        return
    components = [
        {"code": finding(*what), "valueQuantity": {"value": value}}
        for what, field in known
        if (value := case.decimal(field, made[f"component.{what[0]}"])) is not None
    ]
    body = _observation(measures.report, code, display, made, case)
    yield from _with_components(made, body, components, measures, case)


def _claimed(
    code: str, known: Sequence[tuple[object, Field]], of: Measures, case: Case
) -> Target | None:
    fields = [field for _, field in known]
    if not any(field.text for field in fields):
        return None
    return case.claim("Observation", f"{code}/{key_of(of.report)}", *fields)


def _with_components(
    made: Target, body: Resource, components: list[Resource], of: Measures, case: Case
) -> Iterator[Segment]:
    if components:
        yield case.segment(made, "functional", {**body, "component": components})
    else:
        case.ledger.withheld("it belongs to a measurement without a usable value", of.report.sent)


def _observation(report: Report, code: str, display: str, made: Target, case: Case) -> Resource:
    author = team(report, case)
    performer = reference(author, case.organisations.name_of(author))
    sent = case.date(report.sent, made["extension"])
    return {
        "extension": [{"url": REPORT_SENT, "valueDate": sent}] if sent else [],
        "status": "final",
        "category": category("survey"),
        "code": finding(code, display),
        "subject": reference(case.patient),
        "performer": [performer] if performer else [],
    }


_MOTOR = code_table("vaph-motor")
