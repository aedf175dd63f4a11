"""What a school doctor measured and found, as observations."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from adapters.case import Case
from adapters.clb.contact.payload import Contact, is_not_measured
from adapters.contract import PersonKey, Resource, Segment
from adapters.enterprise_numbers import parse_riziv
from adapters.reading.node import Field
from adapters.resources import (
    Target,
    category,
    coded,
    coding,
    concept,
    filled,
    finding,
    identifier,
    reference,
)
from adapters.systems import CLB_FINDING, DATA_ABSENT, LARS_CONTACT, NIHDI, UCUM
from schemas import code_table

NOT_MEASURED = "not measured, says the source; no value is written"

_FLAGS = ("compulsory",)
_NO_VALUE = coded(DATA_ABSENT, "not-performed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One contact while it is mapped; `ages` are the years of age the pupil may have had."""

    contact: Contact
    case: Case
    ages: tuple[int, ...]


def examinations(one: Contact, key: PersonKey, day: str, case: Case) -> Iterator[Segment]:
    """One observation for each examination of which something is said."""
    examined = Examined(contact=one, case=case, ages=_ages(key, day))
    doctor = _doctor(one, case)
    for name in code_table("clb-examination"):
        made = case.target("Observation", name)
        said = _letter(name, made, examined) or _numbers(name, made, examined)
        if said:
            if doctor:
                case.ledger.mapped(made["performer"], one.doctor, one.riziv)
            body = {**doctor, **_body(name, made, examined), **said}
            yield case.segment(made, "medical", body, flags=_FLAGS)


def _ages(key: PersonKey, day: str) -> tuple[int, ...]:
    """Counted in calendar years: of a birth date only the year may be known."""
    if not key.born:
        return ()
    years = int(day[:4]) - int(key.born[:4])
    return (years - 1, years)


def _body(name: str, made: Target, examined: Examined) -> Resource:
    one, case = examined.contact, examined.case
    row = code_table("clb-examination")[name]
    code = row["code"], row["display"]
    case.ledger.mapped(made["identifier"], one.id)
    return {
        "identifier": identifier(LARS_CONTACT, one.id.text if one.id else None),
        "status": "final",
        "category": category(row["category"]),
        "code": concept(coding(row["system"], *code)) if "system" in row else finding(*code),
        "subject": reference(case.patient),
        "effectiveDateTime": case.date(one.day, made["effectiveDateTime"]),
    }


def _doctor(one: Contact, case: Case) -> Resource:
    """The doctor travels inside the observation: nobody else needs to know one by name."""
    field = one.riziv
    riziv = parse_riziv(field.text) if field and field.text else None
    if field and field.text and riziv is None:
        message = "the RIZIV number fails its check digits; correct it at the source"
        case.reject(field, "riziv-invalid", message)
    name = one.doctor.text if one.doctor else None
    if not (riziv or name):
        return {}
    role = filled(
        {
            "resourceType": "PractitionerRole",
            "id": "performer",
            "identifier": identifier(NIHDI, riziv),
            "practitioner": filled({"display": name}),
        }
    )
    return {"contained": [role], "performer": [{"reference": "#performer"}]}


def _letter(name: str, made: Target, examined: Examined) -> Resource | None:
    field, case = examined.contact.found.get(name), examined.case
    if field is None or not field.text:
        return None
    if is_not_measured(field):
        return _absent(field, made, case)
    row = code_table("clb-finding").get(f"{name}/{field.text}")
    if row is None:
        case.unknown_code(field)
        return None
    case.ledger.mapped(made["valueCodeableConcept"], field)
    value = coded(CLB_FINDING, f"{name}-{field.text}", row["display"])
    return {"valueCodeableConcept": value}


def _numbers(name: str, made: Target, examined: Examined) -> Resource | None:
    rows = {
        place: row
        for place, row in code_table("clb-measurement").items()
        if row["examination"] == name
    }
    values = {place: _value(place, row, made, examined) for place, row in rows.items()}
    said = {place: value for place, value in values.items() if value}
    if not said:
        return None
    # What is one number is the value of the observation itself.
    whole = [value for place, value in said.items() if "code" not in rows[place]]
    if whole:
        return whole[0]
    components = [
        {"code": finding(rows[place]["code"], rows[place]["display"]), **value}
        for place, value in said.items()
    ]
    return {"component": components, **_method(name, made, examined)}


def _method(name: str, made: Target, examined: Examined) -> Resource:
    field = examined.contact.methods.get(name)
    if field is None or not field.text:
        return {}
    examined.case.ledger.mapped(made["method"], field)
    return {"method": concept(text=field.text)}


def _value(place: str, row: Mapping[str, str], made: Target, examined: Examined) -> Resource | None:
    field, case = examined.contact.measured[place], examined.case
    if field is None or not field.text:
        return None
    if is_not_measured(field):
        return _absent(field, made, case)
    number = case.number(field._replace(text=field.text.replace(",", ".")))
    if number is None:
        return None
    if not _is_plausible(row["examination"], number, examined.ages):
        message = "nobody of this age has such a value; correct it at the source"
        case.reject(field, "value-implausible", message)
        return None
    case.ledger.mapped(made["valueQuantity" if "code" not in row else "component"], field)
    quantity = {"value": number, "unit": row["unit"], "system": UCUM, "code": row["unit"]}
    return {"valueQuantity": quantity}


def _absent(field: Field, made: Target, case: Case) -> Resource:
    case.ledger.mapped(made["dataAbsentReason"], field)
    case.ledger.remark(NOT_MEASURED, field)
    return {"dataAbsentReason": _NO_VALUE}


def _is_plausible(name: str, number: Decimal, ages: Iterable[int]) -> bool:
    bounds = code_table("clb-plausible")[name]
    fitting = [span for span in bounds if any(_is_in(age, span) for age in ages)]
    # Of an age that no row knows, whatever anybody can have is possible.
    possible = (bounds[span].split() for span in fitting or bounds)
    return any(Decimal(low) <= number <= Decimal(high) for low, high in possible)


def _is_in(age: int, span: str) -> bool:
    first, last = span.split("-")
    return int(first) <= age <= int(last)
