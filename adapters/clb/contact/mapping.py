"""Systematic contacts to labelled FHIR: one part for each pupil, never two children in one."""

import re

from adapters.case import Case
from adapters.clb.contact.examinations import examinations
from adapters.clb.contact.payload import CONTACT, Contact, Export
from adapters.clb.pupil import open_case, pupil_segment
from adapters.contract import Part, PersonKey, ReadOptions, Segment, Translation
from adapters.dates import OPEN_END, is_adult, parse_date, parse_instant
from adapters.ledger import Ledger
from adapters.persons import check_insz
from adapters.reading.node import Field
from adapters.resources import numbered
from adapters.subjects import Subject, recognise

LAYOUT = "the kind of export; it says nothing about a child"
OCCASION = "school year and moment of the contacts follow from the day of each"
REMARK = "a free remark may speak of others; it stays in the encrypted original"
SAME_NUMBER = "the same number stands in another field"
REFUSED = "the contact is refused as a whole until it is corrected"
ONLY_YEAR = "only part of the birth date is known, and only that part is kept"

_PARTLY_KNOWN = re.compile(r"\?\?/(\?\?|[0-9]{1,2})/([0-9]{4})")
_WHOLE_DATE = len("2017-01-01")


def to_fhir(export: Export, options: ReadOptions) -> Translation:
    """Every usable contact becomes a part; a bad one is refused and the rest goes on."""
    ledger = Ledger(export.fields)
    ledger.minimised(LAYOUT, *export.layout)
    ledger.minimised(OCCASION, *export.occasion)
    claimed: set[str] = set()
    sent = _sent(export, ledger)
    parts = (
        _part(one, one.number, sent, ledger, claimed=claimed, options=options)
        for one in export.contacts
    )
    return Translation(
        parts=tuple(part for part in parts if part),
        rejections=ledger.rejections(),
        account=ledger.account(),
    )


def _part(
    one: Contact,
    part: str,
    sent: str | None,
    ledger: Ledger,
    *,
    claimed: set[str],
    options: ReadOptions,
) -> Part | None:
    day = _day(one, part, ledger)
    number = _number(one, part, options, ledger) if day else None
    subject = _subject(one, number)
    known = _id(one, part, ledger, claimed) if day else None
    key = recognise(subject, part, options, ledger) if known else None
    if key is None or day is None or known is None:
        ledger.withheld(REFUSED, *one.fields)
        return None
    return _made(one, part, sent, ledger, subject=subject, key=key, known=known, day=day)


def _made(
    one: Contact,
    part: str,
    sent: str | None,
    ledger: Ledger,
    *,
    subject: Subject,
    key: PersonKey,
    known: str,
    day: str,
) -> Part:
    adult = is_adult(key.born, day)
    case = open_case(key, part, ledger, adult=adult, kind="contact-pupil")
    ledger.minimised(REMARK, one.remark)
    if key.born and len(key.born) < _WHOLE_DATE:
        ledger.mapped(case.patient["birthDate"], one.pupil.born)
        ledger.remark(ONLY_YEAR, one.pupil.born)
    asserted, sequence = sent or day, _sequence(one, case)
    segments = _segments(one, subject, key, case, known=known, day=day)
    return Part(
        id=part,
        subject=key,
        related=(),
        segments=numbered(segments, sequence, f"contact/{known}"),
        asserted_at=asserted,
        version=f"{asserted}#{sequence}",
        adult=adult,
    )


def _segments(
    one: Contact, subject: Subject, key: PersonKey, case: Case, *, known: str, day: str
) -> tuple[Segment, ...]:
    of_contact = case.within(f"contact/{known}")
    return (
        pupil_segment(subject, key, case),
        *examinations(one, key, day, of_contact),
    )


def _day(one: Contact, part: str, ledger: Ledger) -> str | None:
    day = parse_date(one.day.text) if one.day else None
    if day is None or day == OPEN_END:
        name = CONTACT.places["day"][-1]
        message = "the contact does not say on which day it was; write a date that exists"
        ledger.refuse(one.place, name, "date-invalid", message, part=part)
        return None
    return day


def _id(one: Contact, part: str, ledger: Ledger, claimed: set[str]) -> str | None:
    """The contact's own number: what is corrected later is known by it."""
    if one.id is None or not one.id.text:
        name = CONTACT.places["id"][-1]
        message = "the contact has no id; send it with its id"
        ledger.refuse(one.place, name, "missing-field", message, part=part)
        return None
    if one.id.text in claimed:
        message = "the same contact stands twice; send it once"
        ledger.reject(one.id, "duplicate-record", message, part=part)
        return None
    claimed.add(one.id.text)
    return one.id.text


def _number(one: Contact, part: str, options: ReadOptions, ledger: Ledger) -> Field | None:
    """The first national number there is; another one beside it must be the same."""
    given = [field for field in one.pupil.numbers if field.text]
    for other in given[1:]:
        if check_insz(other, options) == check_insz(given[0], options):
            ledger.minimised(SAME_NUMBER, other)
        else:
            message = "two different national numbers stand in one record; correct one of them"
            ledger.reject(other, "number-conflict", message, part=part)
    return given[0] if given else None


def _subject(one: Contact, number: Field | None) -> Subject:
    return Subject(
        place=one.pupil.place,
        insz=number,
        family=one.pupil.family,
        given=one.pupil.given,
        born=_what_is_known(one.pupil.born),
        gender=one.pupil.gender,
        local=one.pupil.local,
    )


def _what_is_known(born: Field | None) -> Field | None:
    """A date of which parts are question marks, as the partial date it is."""
    found = _PARTLY_KNOWN.fullmatch(born.text) if born else None
    if born is None or found is None:
        return born
    month, year = found.groups()
    return born._replace(text=year if month == "??" else f"{year}-{month.zfill(2)}")


def _sent(export: Export, ledger: Ledger) -> str | None:
    field = export.sent
    if field is None or not field.text:
        return None
    instant = parse_instant(field.text)
    if instant is None:
        message = "this is no moment; write a date and a time of day"
        ledger.reject(field, "date-invalid", message)
    else:
        ledger.minimised("when the file was made tells which version is the newest", field)
    return instant


def _sequence(one: Contact, case: Case) -> str:
    field = one.sequence
    number = field.text if field else ""
    if field and number and not (number.isascii() and number.isdigit()):
        message = "the sequence is no number; write digits"
        case.reject(field, "number-invalid", message)
        return "0".zfill(9)
    case.ledger.minimised("it tells which version is the newest", field)
    return number.zfill(9)
