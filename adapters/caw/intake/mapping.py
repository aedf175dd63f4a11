"""A CAW intake export to labelled FHIR: one part for each row that names a person."""

from collections.abc import Iterator

from adapters.case import Case
from adapters.caw.intake.content import domains, episode
from adapters.caw.intake.payload import PLACES, Client, Intake, client
from adapters.caw.rows import (
    ACTION,
    ANONYMOUS_HELP,
    FREE_TEXT,
    HOUSEHOLD,
    NO_FLAGS,
    REFUSED,
    is_named,
    scope,
    usable,
)
from adapters.contract import ADULT, CHILD, Part, PersonKey, ReadOptions, Segment, Translation
from adapters.dates import OPEN_END, is_adult, parse_date
from adapters.ledger import Ledger
from adapters.reading.csv_table import fields_of
from adapters.reading.node import Field
from adapters.resources import identifier
from adapters.subjects import Subject, patient, recognise
from adapters.systems import CAW_CLIENT

NO_PERMISSION = "the person gave no permission to use the national number"
PERMISSION = "it is obeyed here; consent to share is given to the hub by the family"
REFERRER = "who referred the person says something about another person"
MONEY = "income is never shared"
BACKGROUND = "not needed for care coordination; it stays in the encrypted original"
NICKNAME = "anonymous help: nothing that could recognise the person is kept"


def to_fhir(intake: Intake, options: ReadOptions) -> Translation:
    """Every usable row becomes a part; a bad row is refused with its line and the rest goes on."""
    ledger = Ledger(fields_of(intake.rows))
    parts = tuple(_parts(intake, ledger, options))
    return Translation(parts=parts, rejections=ledger.rejections(), account=ledger.account())


def _parts(intake: Intake, ledger: Ledger, options: ReadOptions) -> Iterator[Part]:
    claimed: set[str] = set()
    for number, row in usable(intake.rows, ledger):
        if part := _client_part(client(row), number, ledger, claimed, options):
            yield part
        else:
            ledger.withheld(REFUSED, *row.fields)


def _client_part(
    one: Client, number: str, ledger: Ledger, claimed: set[str], options: ReadOptions
) -> Part | None:
    readable = _is_new(one, number, ledger) and _dates_exist(one, number, ledger)
    key = _person(one, number, ledger, options) if readable else None
    if key is None:
        return None
    since = _day(one.received) or _day(one.applied)
    adult = is_adult(key.born, since)
    case = _case(one, number, ledger, claimed, adult=adult)
    if not case.is_first(case.patient, one.number):
        return None
    _left_out(one, ledger)
    return Part(
        id=number,
        subject=key,
        related=(),
        segments=tuple(_segments(one, key, case)),
        asserted_at=since or "",
        version=since or "",
        linkable=not one.is_anonymous,
        adult=adult,
    )


def _is_new(one: Client, number: str, ledger: Ledger) -> bool:
    if not PLACES.says(one.action, "adds"):
        message = "only rows that add a client are read in this layout; send N rows"
        place, column = f"line {one.line}", PLACES.column("action")
        ledger.refuse(place, column, "unsupported-action", message, part=number)
        return False
    ledger.minimised(ACTION, one.action)
    return is_named(one.number, one.line, PLACES.column("number"), number, ledger)


def _dates_exist(one: Client, number: str, ledger: Ledger) -> bool:
    bad = [
        field
        for field in (one.applied, one.received, one.born)
        if field and field.text and parse_date(field.text) in (None, OPEN_END)
    ]
    for field in bad:
        message = "this is no date that exists; write it as d/m/yyyy"
        ledger.reject(field, "date-invalid", message, part=number)
    return not bad


def _person(one: Client, number: str, ledger: Ledger, options: ReadOptions) -> PersonKey | None:
    if one.is_anonymous:
        return PersonKey(insz=None, family="", given="", born=None)
    return recognise(_subject(one), number, options, ledger)


def _subject(one: Client) -> Subject:
    return Subject(
        place=f"line {one.line}",
        insz=one.insz if one.may_use_insz else None,
        family=one.family,
        given=one.given,
        born=one.born,
        gender=one.gender,
        local=one.number,
    )


def _case(one: Client, number: str, ledger: Ledger, claimed: set[str], *, adult: bool) -> Case:
    return Case(
        source="caw",
        part=number,
        scope=scope(one.number.text if one.number else ""),
        ledger=ledger,
        claimed=claimed,
        about=ADULT if adult else CHILD,
        flags=ANONYMOUS_HELP if one.is_anonymous else NO_FLAGS,
    )


def _left_out(one: Client, ledger: Ledger) -> None:
    ledger.minimised(PERMISSION, one.insz_permission)
    ledger.minimised(HOUSEHOLD, one.household)
    ledger.minimised(FREE_TEXT, one.question, one.remarks)
    ledger.minimised(REFERRER, one.referrer)
    ledger.minimised(MONEY, one.income)
    ledger.minimised(BACKGROUND, one.nationality, one.postcode, one.town)
    if not one.may_use_insz:
        ledger.minimised(NO_PERMISSION, one.insz)
    if one.is_anonymous:
        ledger.minimised(NICKNAME, one.family, one.given, one.born, one.gender, one.insz)


def _segments(one: Client, key: PersonKey, case: Case) -> Iterator[Segment]:
    yield _patient(one, key, case)
    yield from episode(one, case)
    yield from domains(one, case)


def _patient(one: Client, key: PersonKey, case: Case) -> Segment:
    case.ledger.mapped(case.patient["identifier"], one.number)
    numbers = identifier(CAW_CLIENT, one.number.text if one.number else None)
    if one.is_anonymous:
        return case.segment(case.patient, "identity", {"identifier": numbers})
    return patient(_subject(one), key, case, numbers)


def _day(field: Field | None) -> str | None:
    return parse_date(field.text) if field and field.text else None
