"""What a CAW row says about help: the phase it is in and the life domains it is about."""

import re
from collections.abc import Iterator

from adapters.case import Case
from adapters.caw.intake.payload import PLACES, Client
from adapters.contract import Segment
from adapters.dates import parse_date
from adapters.reading.node import Field
from adapters.resources import category, coded, finding, period, reference
from adapters.systems import CARE_EPISODE, NEED_DOMAIN
from schemas import code_table

_SEPARATOR = re.compile("|".join(map(re.escape, sorted(PLACES.words["between domains"]))))


def episode(one: Client, case: Case) -> Iterator[Segment]:
    """The phase of help, with when it was asked and when it began."""
    row = code_table("caw-phase").get(one.phase.text if one.phase else "")
    if row is None:
        if one.phase and one.phase.text:
            case.unknown_code(one.phase)
        return
    made = case.claim("EpisodeOfCare", "episode", one.phase)
    if made is None:
        return
    case.ledger.mapped(made["type"], one.phase)
    waited = case.period(one.applied, one.received, made["statusHistory"])
    if one.received and one.received.text:
        case.ledger.mapped(made["period.start"], one.received)
        history = [{"status": "planned", "period": waited}]
    else:
        history = []
    since = _day(one.received) or _day(one.applied)
    body = {
        "status": row["status"],
        "statusHistory": history,
        "type": [coded(CARE_EPISODE, f"caw-{row['code']}", f"CAW: {row['display']}")],
        "patient": reference(case.patient),
        "period": period(since),
    }
    yield case.segment(made, "logistics", body)


def domains(one: Client, case: Case) -> Iterator[Segment]:
    """One observation for each life domain; unknown ones go to a person, the others go on."""
    if one.domains is None or not one.domains.text:
        return
    table = code_table("caw-need-domain")
    named = list(dict.fromkeys(name.strip() for name in _SEPARATOR.split(one.domains.text)))
    for name in named:
        row = table.get(name)
        made = case.claim("Observation", f"need/{row['code']}") if row else None
        if row is None or made is None:
            continue
        case.ledger.mapped(made["valueCodeableConcept"], one.domains)
        body = {
            "status": "final",
            "category": category("social-history"),
            "code": finding("need-domain", "Life domain help is asked in"),
            "subject": reference(case.patient),
            "effectiveDateTime": _day(one.received) or _day(one.applied),
            "valueCodeableConcept": coded(NEED_DOMAIN, row["code"], row["display"]),
        }
        yield case.segment(made, "functional", body)
    if any(name not in table for name in named):
        case.unknown_code(one.domains)


def _day(field: Field | None) -> str | None:
    return parse_date(field.text) if field and field.text else None
