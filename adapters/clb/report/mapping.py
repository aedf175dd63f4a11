"""A CLB report to labelled FHIR: the document, what it diagnoses, and what was wished about it."""

from collections.abc import Iterator

from adapters.case import Case
from adapters.clb.delivery import Content, Ended, Told, replaced_number, translate_message
from adapters.clb.report.diagnoses import diagnoses, undone
from adapters.clb.report.education import education
from adapters.clb.report.payload import REPORT, Export, Report, Signature
from adapters.clb.wishes import join, wish
from adapters.contract import Question, ReadOptions, Resource, Segment, Translation
from adapters.ledger import Ledger
from adapters.reading.node import Field
from adapters.resources import Target, coded, filled, identifier, reference
from adapters.systems import (
    CLB_REPORT_TYPE,
    LARS_MESSAGE,
    LARS_REPORT,
    SIGNED,
)
from schemas import code_table

CAPACITY = "whether a pupil can decide is assessed by a person, never taken over from a file"


def to_fhir(export: Export, options: ReadOptions) -> Translation:
    """The message with its reports."""

    def content(told: Told) -> Content:
        ended: list[Ended] = []
        questions: list[Question] = []
        segments: list[Segment] = []
        for one in export.reports:
            segments += _report(one, told, ended)
            questions += _capacity(one, told)
        told_no, asked = join(wish(one, told) for one in export.wishes)
        return Content(
            segments=(*segments, *told_no), ended=tuple(ended), questions=(*questions, *asked)
        )

    ledger = Ledger(export.message.fields)
    return translate_message(export.message, ledger, options, content)


def _report(one: Report, told: Told, ended: list[Ended]) -> Iterator[Segment]:
    ledger = told.case.ledger
    if one.id is None or not one.id.text:
        message = "the report has no id; send it with its id"
        name = REPORT.places["id"][-1]
        ledger.refuse(one.place, name, "missing-field", message, part=told.case.part)
        ledger.withheld("it belongs to a report without an id", *one.fields)
        return
    case = told.case.within(f"report/{one.id.text}")
    made = case.claim("DocumentReference", "document", one.id, *one.fields)
    if made is None:
        return
    runs = case.period(one.starts, one.ends, made["context.period"])
    body = {**_document(one, one.id, made, told, case), "context": filled({"period": runs})}
    yield case.segment(made, "diagnostic_report", body, flags=("compulsory",))
    yield from education(one, runs, told, case)
    # What a version takes back weighs more than what it says beside it.
    for segment, end in undone(one, told, case):
        ended.append(end)
        yield segment
    yield from diagnoses(one, told, case)


def _document(one: Report, number: Field, made: Target, told: Told, case: Case) -> Resource:
    case.ledger.mapped(made["identifier"], number)
    author = told.centre_reference()
    return {
        "extension": list(_signatures(one, made, case)),
        "identifier": identifier(LARS_REPORT, number.text),
        "status": "current",
        "docStatus": "amended" if replaced_number(told.message) else "final",
        "type": _kind(one, made, case),
        "subject": reference(case.patient),
        "author": [author] if author else [],
        "custodian": author,
        "relatesTo": list(_replaces(made, told)),
        "content": [{"attachment": _attachment(one, made, case)}],
    }


def _kind(one: Report, made: Target, case: Case) -> Resource | None:
    field = one.type
    if field is None or not field.text:
        return None
    row = code_table("clb-report-type").get(field.text)
    if row is None:
        case.unknown_code(field)
        return None
    case.ledger.mapped(made["type"], field)
    return coded(CLB_REPORT_TYPE, field.text, row["display"])


def _attachment(one: Report, made: Target, case: Case) -> Resource:
    """The text stays with the CLB; here it is only said that there is one."""
    drawn_up = case.date(one.drawn_up, made["content.attachment.creation"])
    return filled({"title": "CLB report", "creation": drawn_up})


def _replaces(made: Target, told: Told) -> Iterator[Resource]:
    if number := replaced_number(told.message):
        message = told.message
        told.case.ledger.mapped(made["relatesTo"], message.replaced_id, message.replaced_sequence)
        earlier = {"identifier": identifier(LARS_MESSAGE, number)[0]}
        yield {"code": "replaces", "target": earlier}


def _signatures(one: Report, made: Target, case: Case) -> Iterator[Resource]:
    for signature in one.signatures:
        if row := _signer(signature, case):
            case.ledger.mapped(made["extension"], signature.by)
            day = case.date(signature.day, made["extension"])
            when = [{"url": "on", "valueDate": day}] if day else []
            yield {"url": SIGNED, "extension": [{"url": "by", "valueCode": row}, *when]}


def _signer(signature: Signature, case: Case) -> str | None:
    field = signature.by
    row = code_table("clb-giver").get(field.text) if field and field.text else None
    if row is None:
        if field and field.text:
            case.unknown_code(field)
        case.ledger.withheld("it belongs to a signature of an unknown person", signature.day)
        return None
    return row["giver"]


def _capacity(one: Report, told: Told) -> Iterator[Question]:
    capacity = one.capacity
    told.case.ledger.minimised(CAPACITY, capacity.able, capacity.reason)
    if not capacity.is_presumed and capacity.able:
        yield told.question(
            capacity.able.place,
            capacity.able.name,
            "capacity-doubted",
            "the source doubts that the pupil can decide; somebody competent assesses it",
        )
