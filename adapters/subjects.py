"""A subject known by name and birth date, with or without a national number."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from adapters.case import Case
from adapters.contract import PersonKey, ReadOptions, Resource, Segment
from adapters.dates import OPEN_END, parse_date
from adapters.insz import Insz, InszProblem
from adapters.ledger import Ledger
from adapters.persons import check_insz, number_flag, ssin
from adapters.reading.node import Field
from adapters.resources import filled
from schemas import code_table

# A question mark inside a word is what a code page leaves of a letter it does not know.
_LOST_LETTER = re.compile(r"\w\?\w|\ufffd|^\?\w|\w\?$")

_RECOGNISED_BY = frozenset({"male", "female"})
_WHOLE_DATE = len("2024-11-28")
_BIRTH_CONFLICT = (
    "the national number belongs to another birth date than the one beside it, so it may be "
    "somebody else's and leads to nobody; correct the number or the date at the source"
)


class Subject(NamedTuple):
    """Where a source says who the record is about; `local` is its own number for the child."""

    place: str
    insz: Field | None
    family: Field | None
    given: Field | None
    born: Field | None
    gender: Field | None
    nickname: Field | None = None
    local: Field | None = None


def recognise(
    subject: Subject, part: str, options: ReadOptions, ledger: Ledger
) -> PersonKey | None:
    """The key to recognise the subject by; None (and a rejection) when there is none.

    A number of another birth date than the one beside it may be a parent's or a sibling's: it is
    rejected by itself, and the record waits for a person as one without a number.
    """
    insz: Insz | None = None
    if subject.insz and subject.insz.text:
        checked = check_insz(subject.insz, options)
        if isinstance(checked, InszProblem):
            ledger.reject(subject.insz, checked.code, checked.message, part=part)
            return None
        insz = checked
    if not _born_readable(subject, part, ledger):
        return None
    born = parse_date(subject.born.text) if subject.born else None
    if insz and born and _is_of_another(insz, born):
        _reject_number(subject, part, ledger)
        insz = None
    family, given = _text(subject.family), _text(subject.given)
    if insz is None and not (born and family and given):
        _incomplete(subject, part, ledger)
        return None
    return PersonKey(
        insz=insz.digits if insz else None,
        family=family,
        given=given,
        born=born or (insz.born if insz else None),
        damaged=is_damaged(family) or is_damaged(given),
        gender=_recognisable(subject.gender),
        local=_text(subject.local) or None,
    )


def _is_of_another(insz: Insz, born: str) -> bool:
    """Whether number and birth date both name a whole day, and not the same one."""
    return len(insz.born) == len(born) == _WHOLE_DATE and insz.born != born


def _reject_number(subject: Subject, part: str, ledger: Ledger) -> None:
    if subject.insz:
        ledger.reject(subject.insz, "number-birth-conflict", _BIRTH_CONFLICT, part=part)


def is_damaged(name: str) -> bool:
    """Whether a name lost letters on its way; such a name may never replace a better one."""
    # Hardly any name holds one of the two signs, and looking for a sign is much faster.
    return ("?" in name or "\ufffd" in name) and bool(_LOST_LETTER.search(name))


def patient(
    subject: Subject, key: PersonKey, case: Case, numbers: list[Resource] | None = None
) -> Segment:
    """The subject as a patient, named as received."""
    made = case.patient
    case.ledger.mapped(made["identifier"], subject.insz if key.insz else None)
    case.ledger.mapped(made["name"], subject.family, subject.given, subject.nickname)
    case.ledger.mapped(made["birthDate"], subject.born)
    body = {
        "identifier": [*ssin(key.insz), *(numbers or [])],
        "name": list(_names(subject)),
        "gender": _gender(subject.gender, case),
        "birthDate": parse_date(subject.born.text) if subject.born else None,
    }
    damage = ("damaged_name",) if key.damaged else ()
    return case.segment(made, "identity", body, flags=(*number_flag(key.insz), *damage))


def _born_readable(subject: Subject, part: str, ledger: Ledger) -> bool:
    born = subject.born
    if born and born.text and parse_date(born.text) in (None, OPEN_END):
        message = "the birth date is no date that exists; correct it at the source"
        ledger.reject(born, "date-invalid", message, part=part)
        return False
    return True


def _incomplete(subject: Subject, part: str, ledger: Ledger) -> None:
    ledger.refuse(
        subject.place,
        "person",
        "subject-incomplete",
        "without a national number the name and birth date are both needed; complete the record",
        part=part,
    )


def _text(field: Field | None) -> str:
    return field.text if field else ""


def _names(subject: Subject) -> Iterator[Resource]:
    given = [subject.given.text] if subject.given and subject.given.text else []
    name = filled({"use": "official", "family": _text(subject.family), "given": given})
    if name != {"use": "official"}:
        yield name
    if subject.nickname and subject.nickname.text:
        yield {"use": "nickname", "given": [subject.nickname.text]}


def _recognisable(gender: Field | None) -> str | None:
    row = code_table("gender").get(_text(gender).lower(), {})
    return row["gender"] if row.get("gender") in _RECOGNISED_BY else None


def _gender(field: Field | None, case: Case) -> str | None:
    if field is None or not field.text:
        return None
    row = code_table("gender").get(field.text.lower())
    if row is None:
        case.unknown_code(field)
        return None
    case.ledger.mapped(case.patient["gender"], field)
    return row["gender"]
