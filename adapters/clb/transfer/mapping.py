"""A CLB transfer to labelled FHIR: what a person must do, and what the family objected to.

LAW: on objection only the compulsory part passes, with a copy of the objection; how much was held
back already tells something, so that it is not kept here.
"""

from collections.abc import Iterator

from adapters.case import Case
from adapters.clb.delivery import Content, Told, translate_message
from adapters.clb.transfer.payload import TRANSFER, Export, Objection, Transfer
from adapters.clb.wishes import denial, giver_of, of_message
from adapters.contract import Question, ReadOptions, Resource, Segment, Translation
from adapters.ledger import Ledger
from adapters.organisations import Mention
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
    period,
    reference,
)
from adapters.systems import CLB_RUBRIC, LARS_CONTACT, SCHOOL_NUMBER, TASK

WITHHELD = "what was held back, and how much, already tells something about it"
OBJECTED = "somebody objected: only the compulsory part may pass"
NONE_MADE = "no objection was made"

_CONTACT = coding(CLB_RUBRIC, "systematic-contact", "Systematic contact")


def to_fhir(export: Export, options: ReadOptions) -> Translation:
    """The message with its transfers."""

    def content(told: Told) -> Content:
        segments: list[Segment] = []
        questions: list[Question] = []
        for one in export.transfers:
            segments += _transfer(one, told)
            questions += _questions(one, told)
            _left_out(one, told.case.ledger)
        return Content(segments=tuple(segments), questions=tuple(questions))

    ledger = Ledger(export.message.fields)
    return translate_message(export.message, ledger, options, content)


def _left_out(one: Transfer, ledger: Ledger) -> None:
    ledger.minimised(WITHHELD, *one.withheld)
    if one.is_objected:
        # Whatever else stands in it is not compulsory, so that it may not even be looked at. What
        # is compulsory and not read stays unknown, for a person to see.
        ledger.minimised(OBJECTED, *(field for field in one.fields if field not in one.compulsory))


def _transfer(one: Transfer, told: Told) -> Iterator[Segment]:
    case = of_message(told)
    made = case.claim("Task", "transfer", *one.fields)
    if made is None:
        return
    yield case.segment(made, "logistics", _task(one, made, told, case))
    yield from _attendance(one, told, case)
    for objection in one.objections:
        yield from _objection(objection, told, case)


def _task(one: Transfer, made: Target, told: Told, case: Case) -> Resource:
    receiver = _receiver(one.to, case)
    enrolled = case.date(one.enrolled, made["executionPeriod.start"])
    case.ledger.mapped(made["authoredOn"], told.message.sent)
    return {
        "status": "requested",
        "intent": "order",
        "code": coded(TASK, "clb-transfer", "Pass on the file to the next CLB"),
        "for": reference(case.patient),
        "executionPeriod": period(enrolled),
        "authoredOn": told.sent,
        "requester": told.centre_reference(),
        "owner": reference(receiver, case.organisations.name_of(receiver)),
        "input": list(_compulsory(one, made, case)),
    }


def _receiver(number: Field | None, case: Case) -> Target | None:
    numbers = ((SCHOOL_NUMBER, number),)
    return case.organisations.note(
        Mention(kind="clb", kind_display="CLB", name=None, numbers=numbers)
    )


def _compulsory(one: Transfer, made: Target, case: Case) -> Iterator[Resource]:
    for contact in one.contacts:
        if contact.text:
            case.ledger.mapped(made["input"], contact)
            number = identifier(LARS_CONTACT, contact.text)[0]
            yield {"type": concept(_CONTACT), "valueIdentifier": number}


def _attendance(one: Transfer, told: Told, case: Case) -> Iterator[Segment]:
    field = one.attendance
    if field is None or not field.text:
        return
    if one.attends is None:
        case.unknown_code(field)
        return
    made = case.target("Observation", "attendance")
    case.ledger.mapped(made["valueBoolean"], field)
    performer = told.centre_reference()
    body = {
        "status": "final",
        "category": category("survey"),
        "code": finding("compulsory-education", "Guidance about compulsory education"),
        "subject": reference(case.patient),
        "effectiveDateTime": told.sent,
        "performer": [performer] if performer else [],
        "valueBoolean": one.attends == "yes",
    }
    yield case.segment(made, "context", body, flags=("compulsory",))


def _objection(one: Objection, told: Told, case: Case) -> Iterator[Segment]:
    if not one.stands:
        case.ledger.minimised(NONE_MADE, *one.fields)
        return
    if one.made and one.made.text and one.answer is None:
        case.unknown_code(one.made)
    made = case.claim("Consent", f"objection/{giver_of(one.by)}", *one.fields)
    if made:
        case.ledger.mapped(made["provision.type"], one.made)
        body = denial(one.by, one.day, None, made, told, purpose="transfer")
        yield case.segment(made, "confidential", filled(body))


def _questions(one: Transfer, told: Told) -> Iterator[Question]:
    for objection in one.objections:
        if objection.stands:
            yield told.question(
                objection.place,
                TRANSFER.places["objection.made"][-1],
                "transfer-objection",
                "the source says that somebody objected to the transfer; record it, and pass on "
                "the compulsory part only",
            )
