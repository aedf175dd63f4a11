"""Decisions of VAPH (recognition, budget) and the services that already give help."""

import re
from collections.abc import Iterator

from adapters.case import Case
from adapters.contract import Segment
from adapters.organisations import Mention
from adapters.resources import coded, coding, concept, reference
from adapters.systems import CARE_EPISODE, CBE, COVERAGE_CLASS, DECISION, RECOGNITION
from adapters.vaph.dossier.payload import Dossier
from schemas import code_table

PAYOR = [{"display": "Vlaams Agentschap voor Personen met een Handicap"}]
NOT_GRANTED = "no recognition is in force"

_YES = frozenset({"true", "1"})
_NO = frozenset({"false", "0"})
_CATEGORY = re.compile(r"[0-9A-Za-z]{1,8}")


def recognition(dossier: Dossier, case: Case) -> Iterator[Segment]:
    """The recognition of the handicap as a decision with a period, without any cause."""
    held = dossier.recognition
    granted = held.granted.text.lower() if held.granted else ""
    if held.granted and granted not in _YES | _NO | {""}:
        case.unknown_code(held.granted)
    if held.granted is None or granted not in _YES:
        case.ledger.minimised(NOT_GRANTED, held.granted, held.start, held.end)
        return
    if made := case.claim("Coverage", "recognition", held.granted, held.start, held.end):
        case.ledger.mapped(made["type"], held.granted)
        body = {
            "status": "active",
            "type": concept(
                coding(DECISION, "vaph-recognition", "Recognition of a handicap (VAPH)")
            ),
            "beneficiary": reference(case.patient),
            "period": case.period(held.start, held.end, made["period"]),
            "payor": PAYOR,
        }
        yield case.segment(made, "logistics", body)


def budgets(dossier: Dossier, case: Case) -> Iterator[Segment]:
    """Each budget decision with its category and period, never its amounts."""
    table = code_table("vaph-budget")
    for budget in dossier.budgets:
        category = budget.category
        if budget.kind not in table or category is None or not category.text:
            continue
        if not _CATEGORY.fullmatch(category.text):
            case.unknown_code(category)
            continue
        key = f"budget/{budget.kind}/{category.text}"
        made = case.claim("Coverage", key, category, budget.title, budget.start, budget.end)
        if made:
            case.ledger.mapped(made["class"], category, budget.title)
            plan = {
                "type": coded(COVERAGE_CLASS, "plan"),
                "value": category.text,
                "name": budget.title.text if budget.title and budget.title.text else None,
            }
            body = {
                "status": "active",
                "type": concept(
                    coding(DECISION, f"vaph-{budget.kind}", table[budget.kind]["display"])
                ),
                "beneficiary": reference(case.patient),
                "period": case.period(budget.start, budget.end, made["period"]),
                "payor": PAYOR,
                "class": [{name: value for name, value in plan.items() if value}],
            }
            yield case.segment(made, "logistics", body)


def services(dossier: Dossier, case: Case) -> Iterator[Segment]:
    """Each service that gives directly accessible help, as an episode without content."""
    for service in dossier.services:
        numbers = ((RECOGNITION, service.recognition), (CBE, service.enterprise))
        giver = case.organisations.note(
            Mention(
                kind="rth",
                kind_display="Directly accessible help (RTH)",
                name=service.name,
                numbers=numbers,
            )
        )
        if giver is None:
            continue
        made = case.claim("EpisodeOfCare", f"rth/{giver.id}", service.recognition, service.name)
        if made:
            body = {
                "status": "active",
                "type": [coded(CARE_EPISODE, "rth", "Directly accessible help (RTH)")],
                "patient": reference(case.patient),
                "managingOrganization": reference(giver, case.organisations.name_of(giver)),
            }
            yield case.segment(made, "logistics", body)
