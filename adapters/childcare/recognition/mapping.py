"""A recognition for the care allowance to labelled FHIR: needs and a period, no diagnosis."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from adapters.case import Case
from adapters.childcare.known_by_name import name_digest
from adapters.childcare.recognition.payload import Answer
from adapters.childcare.recognition.points import decision, latest
from adapters.contract import (
    ADULT,
    CHILD,
    IdentityChange,
    NumberChange,
    Part,
    PersonKey,
    Question,
    ReadOptions,
    Segment,
    Translation,
)
from adapters.dates import OPEN_END, is_adult, parse_date, parse_instant
from adapters.ledger import Ledger
from adapters.persons import REFUSED_WITH_PART, number_flag, relative_insz, ssin
from adapters.resources import identifier, provenance
from adapters.subjects import Subject, recognise
from adapters.systems import SSIN

ENVELOPE: Final = "the question and how the answer went say nothing about the child"
COURSE: Final = "how the request went is not needed; the decision is"
REPLACED: Final = "a later decision about the same period stands in the answer"
NUMBER: Final = "whether the number still holds was obeyed"
_PART: Final = "1"
_TRUE: Final = frozenset({"true", "1"})
_CANCELLED: Final = (
    "the number was cancelled and nothing took its place; ask who is meant and send it again"
)
_APPEAL: Final = "an appeal runs, so the decision may change; decide whether it may be shared"


def to_fhir(answer: Answer, options: ReadOptions) -> Translation:
    """The answer becomes one part; an answer that found nothing becomes none."""
    ledger = Ledger(answer.fields)
    ledger.minimised(ENVELOPE, *answer.envelope)
    ledger.minimised(COURSE, *answer.course)
    part = _part(answer, ledger, options) if answer.recognitions else None
    if part:
        ledger.minimised(NUMBER, answer.cancelled)
    elif answer.recognitions:
        ledger.withheld(REFUSED_WITH_PART, *answer.fields)
    else:
        ledger.minimised(ENVELOPE, answer.ssin, answer.cancelled, answer.replaced_by)
        ledger.minimised(ENVELOPE, answer.answered)
    return Translation(
        parts=(part,) if part else (),
        rejections=ledger.rejections(),
        account=ledger.account(),
        questions=tuple(_questions(answer)) if part else (),
    )


def _questions(answer: Answer) -> Iterator[Question]:
    for appeal in answer.appeals:
        if appeal.text.casefold() in _TRUE:
            yield Question(
                where=appeal.place,
                field=appeal.name,
                code="appeal-running",
                message=_APPEAL,
                part=_PART,
            )


def _part(answer: Answer, ledger: Ledger, options: ReadOptions) -> Part | None:
    key, change = _person(answer, ledger, options)
    told = _told(answer)
    if key is None or key.insz is None:
        return None
    adult = is_adult(key.born, told)
    case = Case(
        source="childcare",
        part=_PART,
        scope=f"recognition/{name_digest(change.old if change and change.old else key.insz)}",
        ledger=ledger,
        claimed=set(),
        about=ADULT if adult else CHILD,
    )
    return Part(
        id=_PART,
        subject=key,
        related=(),
        segments=tuple(_segments(answer, key, change, case)),
        asserted_at=told,
        version=told,
        adult=adult,
        identity=change,
    )


def _person(
    answer: Answer, ledger: Ledger, options: ReadOptions
) -> tuple[PersonKey | None, IdentityChange | None]:
    key = recognise(
        Subject(
            place="/",
            insz=answer.ssin,
            family=None,
            given=None,
            born=None,
            gender=None,
        ),
        _PART,
        options,
        ledger,
    )
    new = relative_insz(answer.replaced_by, options, ledger, _PART)
    if key and new and key.insz:
        change = IdentityChange(kind=NumberChange.REPLACED, old=key.insz, new=new)
        return replace(key, insz=new), change
    cancelled = answer.cancelled
    if key and cancelled and cancelled.text.casefold() in _TRUE:
        ledger.reject(cancelled, "insz-cancelled", _CANCELLED, part=_PART)
        return None, None
    return key, None


def _told(answer: Answer) -> str:
    """When it was said: the moment of the answer, else the latest decision in it."""
    if answer.answered and (instant := parse_instant(answer.answered.text)):
        return instant
    days = [parse_date(one.decided.text) for one in answer.recognitions if one.decided]
    return max((day for day in days if day and day != OPEN_END), default="")


def _segments(
    answer: Answer, key: PersonKey, change: IdentityChange | None, case: Case
) -> Iterator[Segment]:
    yield _patient(answer, key, change, case)
    standing = latest(answer.recognitions)
    for one in answer.recognitions:
        if one in standing:
            yield from decision(one, case)
        else:
            case.ledger.minimised(REPLACED, *one.fields)
    if answer.answered and (instant := parse_instant(answer.answered.text)):
        made = case.target("Provenance", "provenance")
        case.ledger.mapped(made["recorded"], answer.answered)
        body = provenance(case.patient, recorded=instant, author=None, message=[])
        yield case.segment(made, "logistics", body)


def _patient(answer: Answer, key: PersonKey, change: IdentityChange | None, case: Case) -> Segment:
    made = case.patient
    case.ledger.mapped(made["identifier"], answer.ssin, answer.replaced_by)
    old = identifier(SSIN, change.old, "old") if change else []
    body = {"identifier": [*ssin(key.insz), *old]}
    return case.segment(made, "identity", body, flags=number_flag(key.insz))
