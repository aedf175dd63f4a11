"""What a module says: that help runs, which help was asked, and how heavy the need is."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from adapters.case import Case
from adapters.caw.modules.payload import Module
from adapters.caw.rows import client_reference
from adapters.contract import Resource, Segment
from adapters.dates import parse_date
from adapters.reading.node import Field
from adapters.resources import Target, category, coded, finding
from adapters.systems import CARE_EPISODE, CAW_MODULE, NEED_DOMAIN, NEED_SEVERITY
from schemas import code_table

USAGE = "how much help was used is not needed for care coordination"
_NEEDS_ITS_DOMAIN = "it belongs to a need whose life domain was rejected"

_HOURS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})*(?:,[0-9]{1,4})?|[0-9]{1,6}(?:,[0-9]{1,4})?")
# More than half a year of full working weeks within one module is a slip of the keyboard.
_MOST_HOURS = Decimal(1000)


def key_of(row: Mapping[str, str], start: str) -> str:
    """The export gives a module no number: what it is and when it began tell it from others."""
    return f"module/{row['code']}/{start}"


class Known(NamedTuple):
    """A module that can be told from others: whose, which and since when."""

    one: Module
    client: Field
    row: Mapping[str, str]
    start: str
    key: str


def help_given(known: Known, episode: Target, case: Case) -> Iterator[Segment]:
    """That there is help and since when, apart from which help it is."""
    one, client, row, _, key = known
    request = case.target("ServiceRequest", f"{key}/request")
    span = case.period(one.start, one.end, episode["period"])
    ended = "end" in span or _has_ended(one.end_reason, episode, case)
    case.ledger.mapped(episode["patient"], one.number)
    case.ledger.mapped(request["code"], one.module)
    running = {
        "status": "finished" if ended else "active",
        "type": [coded(CARE_EPISODE, "caw-guidance", "CAW: Guidance")],
        "patient": client_reference(client),
        "period": span,
    }
    yield case.segment(episode, "logistics", running)
    asked = {
        "status": "completed" if ended else "active",
        "intent": "order",
        "code": coded(CAW_MODULE, row["code"], row["display"]),
        "subject": client_reference(client),
        "occurrencePeriod": span,
    }
    yield case.segment(request, "functional", asked)


def _has_ended(reason: Field | None, made: Target, case: Case) -> bool:
    """Why help ended stays away; that it ended does not."""
    if reason is None or not reason.text:
        return False
    if reason.text not in code_table("caw-end-reason"):
        case.unknown_code(reason)
        return False
    case.ledger.mapped(made["status"], reason)
    return True


def need(known: Known, case: Case) -> Iterator[Segment]:
    """The life domain the module is about, with how heavy the need is."""
    one, client, _, start, key = known
    number = one.domain
    if number is None or not number.text:
        return
    row = code_table("caw-domain-number").get(number.text)
    made = case.target("Observation", f"{key}/need")
    severity = _severity(one.severity, made, case)
    if row is None:
        case.unknown_code(number)
        case.ledger.withheld(_NEEDS_ITS_DOMAIN, one.severity)
        return
    domain = code_table("caw-need-domain")[row["domain"]]
    case.ledger.mapped(made["valueCodeableConcept"], number)
    body = {
        "status": "final",
        "category": category("social-history"),
        "code": finding("need-domain", "Life domain help is asked in"),
        "subject": client_reference(client),
        "effectiveDateTime": start,
        "valueCodeableConcept": coded(NEED_DOMAIN, domain["code"], domain["display"]),
        "component": severity,
    }
    yield case.segment(made, "functional", body)


def _severity(field: Field | None, made: Target, case: Case) -> list[Resource]:
    if field is None or not field.text:
        return []
    row = code_table("caw-severity").get(field.text)
    if row is None:
        case.unknown_code(field)
        return []
    case.ledger.mapped(made["component.severity"], field)
    value = coded(NEED_SEVERITY, row["code"], row["display"])
    return [
        {"code": finding("need-severity", "How heavy the need is"), "valueCodeableConcept": value}
    ]


def hours(field: Field | None, case: Case) -> None:
    """Hours are left out; a number that cannot be is put before a person all the same."""
    if field is None or not field.text:
        return
    if not _HOURS.fullmatch(field.text):
        case.reject(field, "number-invalid", "this is no number of hours; write it as 12,75")
    elif Decimal(field.text.replace(".", "").replace(",", ".")) > _MOST_HOURS:
        message = "one module cannot take so many hours; correct the number"
        case.reject(field, "value-implausible", message)
    else:
        case.ledger.minimised(USAGE, field)


def end_is_told(one: Module) -> bool:
    """Whether one can tell if the module runs: its end can be read, or a reason says it ended."""
    readable = one.end is None or not one.end.text or parse_date(one.end.text) is not None
    reason = one.end_reason.text if one.end_reason else ""
    return readable or reason in code_table("caw-end-reason")
