"""The monthly feed to labelled FHIR: one part for each child, which says only that it attends."""

import calendar
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from adapters.case import Case
from adapters.childcare.attendance import attends
from adapters.childcare.feed.payload import Day, Feed, day_of
from adapters.childcare.known_by_name import (
    ABBREVIATED,
    completed,
    location_mention,
    location_number,
    name_digest,
)
from adapters.contract import (
    ADULT,
    CHILD,
    Part,
    PersonKey,
    Question,
    ReadOptions,
    Rejection,
    Segment,
    Translation,
)
from adapters.dates import OPEN_END, is_adult, parse_date
from adapters.ledger import Ledger
from adapters.organisations import Mention
from adapters.reading.csv_table import Row, fields_of
from adapters.subjects import Subject, patient, recognise

OTHER_DAY: Final = "the first day of the month says since when the child attends; days are not kept"
HOURS: Final = "hours are for the subsidy; that the child attends is all that is shared"
BENEFICIARY: Final = "address and phone of who receives the benefit are not needed here"
SCHOOL: Final = "compared with the days of care only; the expected start of school is not shared"
SAME_CHILD: Final = "said in an earlier row of the same child"
_REFUSED: Final = "the row is refused as a whole until it is corrected"
_PAST_SCHOOL: Final = (
    "the child should have started school before this day of care; ask the location which is right"
)
MIXED: Final = Rejection(
    where="the whole file",
    field="day",
    code="mixed-delivery",
    message="the rows are not of one month and one location, so nothing that was said before is "
    "replaced; send one file for each",
)


def to_fhir(feed: Feed, options: ReadOptions) -> Translation:
    """Every child becomes a part; only a delivery without a refused row replaces an earlier one."""
    ledger = Ledger(fields_of(feed.rows))
    days = list(_days(feed, ledger, options))
    scope = _scope(days, whole=len(days) == len(feed.rows), ledger=ledger)
    made = [
        _part(known_as, child, ledger, complete=scope is not None)
        for known_as, child in _by_child(days).items()
    ]
    return Translation(
        parts=tuple(part for part, _ in made),
        rejections=ledger.rejections(),
        account=ledger.account(),
        scope=scope,
        questions=tuple(one for _, asked in made for one in asked),
    )


def _days(feed: Feed, ledger: Ledger, options: ReadOptions) -> Iterator[tuple[Day, PersonKey]]:
    for row in feed.rows:
        usable = None if row.fault else _usable(day_of(row), ledger, options)
        if row.fault:
            _faulty(row, ledger)
        if usable:
            yield usable
        else:
            ledger.withheld(_REFUSED, *row.fields)


def _faulty(row: Row, ledger: Ledger) -> None:
    if row.fault:
        place = f"line {row.line}"
        ledger.refuse(place, "row", row.fault.code, row.fault.message, part=str(row.number))


def _usable(day: Day, ledger: Ledger, options: ReadOptions) -> tuple[Day, PersonKey] | None:
    key = recognise(_subject(day), day.number, options, ledger)
    if not day.date:
        message = "the day of care is no date that exists; write it as d/m/yyyy"
        ledger.refuse(day.place, "day", "date-invalid", message, part=day.number)
    if not day.location_number:
        message = "the row does not say which location; add its file number"
        ledger.refuse(day.place, "location", "missing-field", message, part=day.number)
    if key is None or not day.date or not day.location_number:
        return None
    return day, completed(key, day.gender)


def _by_child(days: list[tuple[Day, PersonKey]]) -> dict[str, list[tuple[Day, PersonKey]]]:
    """Rows of one child under its scope, as in the file; another month is another statement."""
    children: dict[str, list[tuple[Day, PersonKey]]] = {}
    for day, key in days:
        children.setdefault(_scope_of(day, key), []).append((day, key))
    return children


def _scope_of(day: Day, key: PersonKey) -> str:
    digest = name_digest(key.family, key.given, key.born or "")
    return f"{_month_of(day)}/{digest}"


def _month_of(day: Day) -> str:
    return f"feed/{day.location_number}/{day.date[:7]}"


def _scope(days: list[tuple[Day, PersonKey]], *, whole: bool, ledger: Ledger) -> str | None:
    """What the delivery is complete for; a refused row may have been about a child said before."""
    scopes = {_month_of(day) for day, _ in days}
    if len(scopes) > 1:
        ledger.refuse(MIXED.where, MIXED.field, MIXED.code, MIXED.message)
    return scopes.pop() if whole and len(scopes) == 1 else None


def scope_of(part: Part) -> str:
    """The location and the month of a part."""
    attendance = part.segments[0].key
    return attendance.rsplit("/", 2)[0]


def _part(
    scope: str, days: list[tuple[Day, PersonKey]], ledger: Ledger, *, complete: bool
) -> tuple[Part, list[Question]]:
    (first, key), *others = days
    told = month_end(first.date[:7])
    adult = is_adult(key.born, told)
    case = Case(
        source="childcare",
        part=first.number,
        scope=scope,
        ledger=ledger,
        claimed=set(),
        about=ADULT if adult else CHILD,
    )
    rows = [first, *(day for day, _ in others)]
    questions = list(_questions(rows, key, case))
    made = Part(
        id=first.number,
        subject=key,
        related=(),
        segments=tuple(_segments(rows, key, case)),
        asserted_at=told,
        version=told,
        adult=adult,
        within=None if complete else _month_of(first),
    )
    return made, questions


@lru_cache(maxsize=1024)
def month_end(month: str) -> str:
    """The last day of a month: what a feed says, it says of the whole month."""
    year, number = int(month[:4]), int(month[5:])
    return f"{month}-{calendar.monthrange(year, number)[1]:02d}"


def _questions(rows: list[Day], key: PersonKey, case: Case) -> Iterator[Question]:
    if key.abbreviated:
        yield Question(
            where=rows[0].place,
            field="name",
            code="name-abbreviated",
            message=ABBREVIATED,
            part=case.part,
        )
    starts = [(row, _school_start(row, case)) for row in rows]
    late = [row for row, start in starts if start and start < row.date[: len(start)]]
    if late:
        yield Question(
            where=late[0].place,
            field="school.start",
            code="school-start-past",
            message=_PAST_SCHOOL,
            part=case.part,
        )


def _school_start(row: Day, case: Case) -> str | None:
    field = row.school_start
    if field is None or not field.text:
        return None
    start = parse_date(field.text)
    if start is None or start == OPEN_END:
        case.reject(field, "date-invalid", "this is no date; write it as d/m/yyyy")
        return None
    case.ledger.minimised(SCHOOL, field)
    return start


def _segments(rows: list[Day], key: PersonKey, case: Case) -> Iterator[Segment]:
    earliest = min(rows, key=lambda row: row.date)
    # Every row names the location; it is the same one, since it is part of the scope.
    locations = [case.organisations.note(_location(row)) for row in rows]
    for row in rows:
        case.ledger.minimised(HOURS, row.hours)
        case.ledger.minimised(BENEFICIARY, row.address, row.phone)
        if row is not earliest:
            case.ledger.minimised(OTHER_DAY, row.day)
        if row is not rows[0]:
            case.ledger.minimised(SAME_CHILD, row.family, row.given, row.born, row.gender)
    yield patient(_subject(rows[0]), key, case)
    yield attends(locations[0], case, since=earliest.day)
    yield from case.organisations.segments()


def _subject(day: Day) -> Subject:
    return Subject(
        place=day.place,
        insz=None,
        family=day.family,
        given=day.given,
        born=day.born,
        gender=day.gender,
    )


def _location(day: Day) -> Mention:
    return location_mention(day.location_name, location_number(day.location))
