"""The special education a report gives access to: its type often names a disorder."""

from collections.abc import Iterator, Mapping

from adapters.case import Case
from adapters.clb.delivery import Told
from adapters.clb.report.payload import Report
from adapters.contract import Resource, Segment
from adapters.reading.node import Field
from adapters.resources import category, coded, finding, reference
from adapters.systems import CLB_EDUCATION_FORM, CLB_EDUCATION_TYPE
from schemas import code_table

_SYSTEMS = {"type": CLB_EDUCATION_TYPE, "form": CLB_EDUCATION_FORM}


def education(one: Report, runs: Resource, told: Told, case: Case) -> Iterator[Segment]:
    """Type and form, each a segment of its own, labelled by what its code gives away."""
    for name, field in (("type", one.education_type), ("form", one.education_form)):
        row = _row(name, field, case)
        if field is None or row is None:
            continue
        made = case.target("Observation", f"education/{name}")
        case.ledger.mapped(made["valueCodeableConcept"], field)
        case.ledger.mapped(made["effectivePeriod"], one.starts if "start" in runs else None)
        case.ledger.mapped(made["effectivePeriod"], one.ends if "end" in runs else None)
        value = coded(_SYSTEMS[name], field.text, row["display"])
        body = {**_body(name, runs, told, case), "valueCodeableConcept": value}
        yield case.segment(made, row["data_class"], body)


def _row(name: str, field: Field | None, case: Case) -> Mapping[str, str] | None:
    if field is None or not field.text:
        return None
    row = code_table(f"clb-education-{name}").get(field.text)
    if row is None:
        case.unknown_code(field)
    return row


def _body(name: str, runs: Resource, told: Told, case: Case) -> Resource:
    performer = told.centre_reference()
    return {
        "status": "final",
        "category": category("survey"),
        "code": finding(f"special-education-{name}", f"Special education: {name}"),
        "subject": reference(case.patient),
        "effectivePeriod": runs,
        "performer": [performer] if performer else [],
    }
