"""A report on a young child to labelled FHIR; a newborn is known by the agency's own number."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from adapters.case import Case
from adapters.childcare.child_report.findings import birth, growth, hearing
from adapters.childcare.child_report.payload import REPORT, Mother, Report
from adapters.childcare.known_by_name import completed
from adapters.contract import (
    ADULT,
    CHILD,
    Part,
    PersonKey,
    ReadOptions,
    RelatedKey,
    Resource,
    Segment,
    Translation,
)
from adapters.dates import is_adult, parse_instant
from adapters.ledger import Ledger
from adapters.organisations import Mention
from adapters.persons import REFUSED_WITH_PART
from adapters.reading.node import Field
from adapters.relatives import UNSAID, Relative, relatives
from adapters.resources import (
    category,
    coding,
    concept,
    filled,
    finding,
    identifier,
    numbered,
    provenance,
    reference,
    segment,
    target,
)
from adapters.subjects import Subject, patient, recognise
from adapters.systems import AGENCY_CHILD, CHILD_REPORT, NEED_DOMAIN
from adapters.telling import People, named, passages, related_in, told_apart
from schemas import code_table

TYPE: Final = "it names the kind of document, which the layout already says"
_PART: Final = "1"
_MOTHER: Final = "moeder"
_NO_MOMENT: Final = "the report does not say when it was made; write a date and a time"
_NO_NUMBER: Final = "the report needs a number and a version number; send both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Which part a report is, when it was told (an instant), by which message, instead of which."""

    part: str
    at: str
    place: Field | None
    message: tuple[Resource, ...] = ()
    revised: tuple[Resource, ...] = ()


def to_fhir(report: Report, options: ReadOptions) -> Translation:
    """The report becomes one part when its child can be recognised."""
    ledger = Ledger(report.fields)
    told = _told(report, ledger)
    part = report_part(report, told, ledger, options) if told else None
    if part is None:
        ledger.withheld(REFUSED_WITH_PART, *report.fields)
    return Translation(
        parts=(part,) if part else (),
        rejections=ledger.rejections(),
        account=ledger.account(),
    )


def _told(report: Report, ledger: Ledger) -> Told | None:
    instant = parse_instant(report.created.text) if report.created else None
    if instant is None:
        ledger.refuse(report.place, "created", "date-invalid", _NO_MOMENT, part=_PART)
        return None
    return Told(part=_PART, at=instant, place=report.created)


def report_key(number: Field) -> str:
    """What every statement of a report begins with, in each version of it."""
    return f"report/{number.text}"


def report_part(report: Report, told: Told, ledger: Ledger, options: ReadOptions) -> Part | None:
    """One version of one report; None (and a rejection) when nobody can tell of whom."""
    version = _version(report, told, ledger)
    key = _person(report, told, ledger, options)
    if key is None or version is None or report.id is None:
        return None
    adult = is_adult(key.born, told.at)
    case = Case(
        source="childcare",
        part=told.part,
        scope=report_key(report.id),
        ledger=ledger,
        claimed=set(),
        about=ADULT if adult else CHILD,
        insz=key.insz,
    )
    related, segments = _segments(report, key, told, case, options)
    return Part(
        id=told.part,
        subject=key,
        related=related,
        segments=numbered(segments, version, report_key(report.id)),
        asserted_at=told.at,
        version=version,
        adult=adult,
    )


def _version(report: Report, told: Told, ledger: Ledger) -> str | None:
    text = report.version.text if report.version else ""
    if not (text.isascii() and text.isdigit()) or report.id is None or not report.id.text:
        ledger.refuse(report.place, "version", "missing-field", _NO_NUMBER, part=told.part)
        return None
    return text.zfill(9)


def _person(report: Report, told: Told, ledger: Ledger, options: ReadOptions) -> PersonKey | None:
    key = recognise(_subject(report), told.part, options, ledger)
    if key is None:
        return None
    # What stands for a name that is not there yet recognises nobody: twins would share it.
    given = "" if REPORT.says(report.child.given, "unnamed") else key.given
    local = report.child.local.text if report.child.local else ""
    return replace(completed(key, report.child.gender), given=given, local=local or None)


def _subject(report: Report) -> Subject:
    child = report.child
    return Subject(
        place=report.place,
        insz=child.insz,
        family=child.family,
        given=child.given,
        born=child.born,
        gender=child.gender,
    )


def _segments(
    report: Report, key: PersonKey, told: Told, case: Case, options: ReadOptions
) -> tuple[tuple[RelatedKey, ...], tuple[Segment, ...]]:
    case.ledger.minimised(TYPE, report.type)
    team = case.organisations.note(_team(report))
    author = reference(team, case.organisations.name_of(team))
    mothers = [_relative(report.mother)] if report.mother else []
    related, parents = relatives(mothers, case, options)
    content = chain(
        birth(report, author, case),
        hearing(report, author, case),
        growth(report, author, case),
        _conclusion(report, author, parents, case),
        _needs(report, case, about=bool(related)),
    )
    made = (_patient(report, key, case), *parents, *content)
    return related, (*made, *case.organisations.segments(), _origin(report, told, author, case))


def _team(report: Report) -> Mention:
    return Mention(
        kind="preventive_care",
        kind_display="Preventive care for young children",
        name=report.author,
        numbers=(),
    )


def _relative(mother: Mother) -> Relative:
    family, given = mother.family, mother.given
    name = filled(
        {
            "family": family.text if family else "",
            "given": [given.text] if given and given.text else [],
        }
    )
    return Relative(
        role=None,
        row=code_table("childcare-parent-role")[_MOTHER],
        authority=UNSAID,
        authority_field=None,
        insz=mother.insz,
        name=name,
        name_fields=(family, given),
        fields=mother.fields,
    )


def _patient(report: Report, key: PersonKey, case: Case) -> Segment:
    local, multiple = report.child.local, report.child.multiple
    numbers = identifier(AGENCY_CHILD, local.text if local else None)
    case.ledger.mapped(case.patient["identifier"], local)
    made = patient(_subject(report), key, case, numbers)
    if REPORT.says(report.child.given, "unnamed"):
        made.resource["name"][0]["use"] = "temp"
    if multiple and multiple.text and REPORT.says(multiple, "yes", "no"):
        case.ledger.mapped(case.patient["multipleBirthBoolean"], multiple)
        made.resource["multipleBirthBoolean"] = REPORT.says(multiple, "yes")
    elif multiple and multiple.text:
        case.unknown_code(multiple)
    return made


def _conclusion(
    report: Report, author: Resource | None, parents: tuple[Segment, ...], case: Case
) -> Iterator[Segment]:
    """What was concluded about the child; each sentence about another is held apart."""
    field = report.conclusion
    if field is None:
        return
    for told in passages(field.text, _people(report)):
        if not told.data_class:
            yield _own_conclusion(told.text, field, author, case)
            continue
        made = case.target("Observation", f"conclusion/{told.data_class}")
        who = related_in(parents, told.roles, case.about)
        yield told_apart(told, made, field, case, who, performer=[author] if author else [])


def _people(report: Report) -> People:
    mother = report.mother
    row = code_table("childcare-parent-role")[_MOTHER]
    others = [(row, (mother.family, mother.given))] if mother else []
    return named(others, (report.child.family, report.child.given))


def _own_conclusion(text: str, told: Field, author: Resource | None, case: Case) -> Segment:
    made = case.target("DiagnosticReport", "conclusion")
    case.ledger.mapped(made["conclusion"], told)
    body = {
        "status": "final",
        "code": finding("child-report", "Report on a young child"),
        "subject": reference(case.patient),
        "performer": [author] if author else [],
        "conclusion": text,
    }
    return case.segment(made, "medical", body, flags=("free_text",))


def _needs(report: Report, case: Case, *, about: bool) -> Iterator[Segment]:
    """Money, or an interpreter, is a need of the parents: their data inside a child's record."""
    table = code_table("child-report-need")
    for told in report.needs:
        # What stands between brackets adds words to the code; it may tell where a family is from.
        row = table.get(told.text.partition("(")[0].strip().casefold())
        if row is None and told.text:
            case.unknown_code(told)
        made = case.claim("Observation", f"need/{row['code']}", told) if row else None
        if row is None or made is None:
            continue
        case.ledger.mapped(made["valueCodeableConcept"], told)
        body = {
            "status": "final",
            "category": category("social-history"),
            "code": finding("family-support-need", "Support that the family could use"),
            "subject": reference(case.patient),
            "valueCodeableConcept": concept(
                coding(NEED_DOMAIN, row["code"], row["display"]), text=told.text
            ),
        }
        subjects = case.about | ({"related-1"} if about else set())
        yield segment(made, "parent_data", body, about=subjects, flags={"free_text"})


def _origin(report: Report, told: Told, author: Resource | None, case: Case) -> Segment:
    """Its key is that of the whole report: what withdraws the report names this one."""
    made = target(case.source, "Provenance", case.scope)
    case.ledger.mapped(made["recorded"], told.place)
    case.ledger.mapped(made["entity.what"], report.id, report.version)
    body = provenance(
        case.patient,
        recorded=told.at,
        author=author,
        message=[*numbers(CHILD_REPORT, report.id, report.version), *told.message],
    )
    revised = [{"role": "revision", "what": {"identifier": one}} for one in told.revised]
    body["entity"] = [*body["entity"], *revised]
    return case.segment(made, "logistics", body)


def numbers(system: str, *fields: Field | None) -> list[Resource]:
    """One identifier out of a number and what follows it, such as a version."""
    return identifier(system, "#".join(field.text for field in fields if field and field.text))
