"""A group sheet to labelled FHIR, split per child: no child's row says anything of another."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from adapters.case import Case
from adapters.childcare.known_by_name import (
    ABBREVIATED,
    completed,
    location_mention,
    name_digest,
)
from adapters.childcare.observations.payload import OBSERVATIONS, Group, Line
from adapters.childcare.observations.scores import observation
from adapters.contract import (
    ADULT,
    CHILD,
    Part,
    PersonKey,
    Question,
    ReadOptions,
    Segment,
    Translation,
)
from adapters.dates import OPEN_END, is_adult, parse_date, parse_instant
from adapters.ledger import Ledger
from adapters.reading.spreadsheet_values import CellKind
from adapters.resources import provenance, reference
from adapters.subjects import Subject, recognise

TITLE: Final = "a title, heading or tab of the sheet; it says nothing about a child"
LEGEND: Final = "the legend of the scale; it says nothing about a child"
TOTAL: Final = "a total over the group; it says nothing about one child"
REMARK: Final = (
    "a carer's free text may speak of other children of the group; it stays in the encrypted "
    "original"
)
INTERNAL: Final = "a number of the location itself; nothing tells for whom or how long it holds"
SAME_CHILD: Final = "said in another row of the same child"
NO_CHILD: Final = "the sheet has no usable row"
_REFUSED: Final = "the row is refused as a whole until it is corrected"
_NO_DAY: Final = "the day of the observation is no whole date; write it as d/m/yyyy, with the year"
_UNFORMATTED: Final = (
    "the cell holds a bare number; only a cell formatted as a date says which day is meant"
)
_REPLACES: Final = (
    "a remark says that this row replaces an earlier one; decide which statement no longer stands"
)
_DOUBT: Final = "a remark puts a question; read it in the sheet and decide whether the row stands"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A usable row: whom it is about, and on which day (yyyy-mm-dd) the child was observed."""

    line: Line
    key: PersonKey
    day: str


def to_fhir(group: Group, options: ReadOptions) -> Translation:
    """Every child becomes a part; a row that cannot be trusted is refused with its place."""
    ledger = Ledger(group.fields)
    ledger.minimised(TITLE, *group.tabs, *group.titles, *group.headings)
    ledger.minimised(LEGEND, *group.legend)
    ledger.minimised(TOTAL, *group.totals)
    children: dict[str, list[Seen]] = {}
    for line in group.lines:
        if seen := _seen(line, ledger, options):
            children.setdefault(_scope(group, seen.key), []).append(seen)
    parts = tuple(_part(scope, rows, group, ledger) for scope, rows in children.items())
    _saved(group, parts, ledger)
    return Translation(
        parts=parts,
        rejections=ledger.rejections(),
        account=ledger.account(),
        questions=tuple(
            one for rows in children.values() for seen in rows for one in _questions(seen)
        ),
    )


def _saved(group: Group, parts: tuple[Part, ...], ledger: Ledger) -> None:
    """One field is every part's moment; the account names the first that has it."""
    made = next((part.segments[-1].resource for part in parts), None)
    if group.modified and not parse_instant(group.modified.text):
        ledger.reject(group.modified, "date-invalid", "this is no instant; save the workbook again")
    elif group.modified and made:
        ledger.mapped(f"Provenance/{made['id']}.recorded", group.modified)
    else:
        ledger.minimised(NO_CHILD, group.modified)


def _scope(group: Group, key: PersonKey) -> str:
    place = group.location.text if group.location else ""
    return f"observations/{name_digest(place, key.given, key.family, key.born or '')}"


def _seen(line: Line, ledger: Ledger, options: ReadOptions) -> Seen | None:
    key = observed = None
    if line.fault:
        ledger.refuse(line.place, "row", line.fault.code, line.fault.message, part=line.number)
    elif not _unformatted(line, ledger):
        key = recognise(_subject(line), line.number, options, ledger)
        observed = _observed(line, ledger)
    if key is None or observed is None:
        ledger.withheld(_REFUSED, *line.fields)
        return None
    return Seen(line=line, key=completed(key, None), day=observed)


def _unformatted(line: Line, ledger: Ledger) -> bool:
    """Whether a date is a bare number: counted from 1900 or 1904, or no date, is a guess."""
    numbers = [
        cell
        for name in ("born", "observed")
        if (cell := line.cells.get(name)) and cell.kind is CellKind.NUMBER
    ]
    for cell in numbers:
        ledger.reject(cell.field, "date-unformatted", _UNFORMATTED, part=line.number)
    return bool(numbers)


def _observed(line: Line, ledger: Ledger) -> str | None:
    field = line.day("observed")
    if field is None or not field.text:
        ledger.refuse(line.place, "observed", "missing-field", _NO_DAY, part=line.number)
        return None
    found = parse_date(field.text)
    if found is None or found == OPEN_END or len(found) < len("2024-11-18"):
        ledger.reject(field, "date-invalid", _NO_DAY, part=line.number)
        return None
    return found


def _subject(line: Line) -> Subject:
    """The first word as given name: good enough to propose a match, which a person confirms."""
    name = line.field("name")
    given, _, family = name.text.partition(" ") if name else ("", "", "")
    return Subject(
        place=line.place,
        insz=None,
        family=name._replace(text=family.strip()) if name else None,
        given=name._replace(text=given) if name else None,
        born=line.day("born"),
        gender=None,
    )


def _part(scope: str, rows: list[Seen], group: Group, ledger: Ledger) -> Part:
    first = rows[0]
    saved = parse_instant(group.modified.text) if group.modified else None
    told = saved or max(row.day for row in rows)
    adult = is_adult(first.key.born, told)
    case = Case(
        source="childcare",
        part=first.line.number,
        scope=scope,
        ledger=ledger,
        claimed=set(),
        about=ADULT if adult else CHILD,
    )
    return Part(
        id=case.part,
        subject=first.key,
        related=(),
        segments=tuple(_segments(rows, group, case, saved)),
        asserted_at=told,
        version=told,
        adult=adult,
    )


def _segments(rows: list[Seen], group: Group, case: Case, saved: str | None) -> Iterator[Segment]:
    location = case.organisations.note(location_mention(group.location))
    author = reference(location, case.organisations.name_of(location))
    yield _patient(rows[0], case)
    for row in rows:
        _left_out(row.line, case)
        yield from observation(row.line, row.day, author, case)
    yield from case.organisations.segments()
    if saved:
        made = case.target("Provenance", "provenance")
        body = provenance(case.patient, recorded=saved, author=author, message=[])
        yield case.segment(made, "logistics", body)


def _patient(row: Seen, case: Case) -> Segment:
    """The name stays one text: where the family name begins is not said."""
    made, name, born = case.patient, row.line.field("name"), row.line.field("born")
    case.ledger.mapped(made["name"], name)
    case.ledger.mapped(made["birthDate"], born)
    body = {"name": [{"text": name.text}] if name else [], "birthDate": row.key.born}
    damage = ("damaged_name",) if row.key.damaged else ()
    return case.segment(made, "identity", body, flags=damage)


def _left_out(line: Line, case: Case) -> None:
    case.ledger.minimised(SAME_CHILD, line.field("name"), line.field("born"))
    case.ledger.minimised(INTERNAL, line.field("internal"))
    case.ledger.minimised(REMARK, *line.said())


def _questions(seen: Seen) -> Iterator[Question]:
    line, words = seen.line, OBSERVATIONS.words
    asked = []
    if seen.key.abbreviated:
        asked.append((line.field("name"), "name-abbreviated", ABBREVIATED))
    for told in line.said():
        if any(word in told.text for word in words["replaces"]):
            asked.append((told, "replacement-in-free-text", _REPLACES))
        elif any(word in told.text for word in words["doubt"]):
            asked.append((told, "doubt-in-free-text", _DOUBT))
    for field, code, message in asked:
        name = field.name if field else "name"
        yield Question(where=line.place, field=name, code=code, message=message, part=line.number)
