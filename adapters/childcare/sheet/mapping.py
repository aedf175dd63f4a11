"""An information sheet to labelled FHIR: one part, recognised by name and birth date."""

from collections.abc import Iterator, Mapping
from itertools import chain

from adapters.case import Case
from adapters.childcare.attendance import attends
from adapters.childcare.known_by_name import completed, location_mention, location_number
from adapters.childcare.sheet.family import Family
from adapters.childcare.sheet.health import allergies, care_need, doubts, medication, remarks
from adapters.childcare.sheet.payload import SHEET, Parent, Sheet
from adapters.contract import (
    ADULT,
    CHILD,
    Part,
    PersonKey,
    Question,
    ReadOptions,
    RelatedKey,
    Segment,
    Translation,
)
from adapters.dates import is_adult, parse_instant
from adapters.ledger import Ledger
from adapters.persons import REFUSED_WITH_PART
from adapters.relatives import UNSAID, Relative, relatives
from adapters.resources import (
    Target,
    identifier,
    provenance,
    reference,
)
from adapters.subjects import Subject, patient, recognise
from adapters.systems import (
    CBE,
    CHILDCARE_SHEET,
    ESTABLISHMENT,
)
from adapters.telling import People, named
from schemas import code_table

THIRD_PERSONS = "people without a role in the care did not agree to be known here"
PERMISSION = "consent is given to the hub by the family, never parsed"
CONTACT = "phone numbers and work of parents are not needed for care coordination"
LEFT_OUT = "not needed for care coordination; it stays in the encrypted original"

_PART = "1"
_WISH = (
    "the family told the location what it thinks about passing on information; ask the family to "
    "say it to the hub, which never reads a permission out of a sheet"
)


def to_fhir(sheet: Sheet, options: ReadOptions) -> Translation:
    """The sheet becomes one part when its child can be recognised."""
    ledger = Ledger(sheet.fields)
    part = _part(sheet, ledger, options)
    if part is None:
        ledger.withheld(REFUSED_WITH_PART, *sheet.fields)
    return Translation(
        parts=(part,) if part else (),
        rejections=ledger.rejections(),
        account=ledger.account(),
        questions=(*_wishes(sheet), *(doubts(sheet.medical, _PART) if part else ())),
    )


def _wishes(sheet: Sheet) -> Iterator[Question]:
    """A permission that is no plain yes: a condition or a no that a person must know of."""
    for told in sheet.permissions:
        if told.text and not SHEET.says(told, "yes"):
            yield Question(
                where=told.place,
                field=told.name,
                code="wish-about-sharing",
                message=_WISH,
                part=_PART,
            )


def _part(sheet: Sheet, ledger: Ledger, options: ReadOptions) -> Part | None:
    updated = _updated(sheet, ledger)
    version = _version(sheet, ledger)
    subject = _subject(sheet)
    key = recognise(subject, _PART, options, ledger)
    if key is None or updated is None or version is None:
        return None
    adult = is_adult(key.born, updated)
    case = Case(
        source="childcare",
        part=_PART,
        scope=f"sheet/{sheet.id.text if sheet.id else ''}",
        ledger=ledger,
        claimed=set(),
        about=ADULT if adult else CHILD,
    )
    related, segments = _segments(sheet, subject, key, case, updated=updated, options=options)
    return Part(
        id=_PART,
        subject=completed(key, sheet.child.gender),
        related=related,
        segments=segments,
        asserted_at=updated,
        version=version,
        adult=adult,
    )


def _updated(sheet: Sheet, ledger: Ledger) -> str | None:
    field = sheet.updated
    instant = parse_instant(field.text) if field else None
    if instant is None:
        message = "the sheet does not say when it was last changed; write a date and a time"
        ledger.refuse("$", "laatstBijgewerkt", "date-invalid", message, part=_PART)
    return instant


def _version(sheet: Sheet, ledger: Ledger) -> str | None:
    text = sheet.version.text if sheet.version else ""
    if not (text.isascii() and text.isdigit()) or sheet.id is None or not sheet.id.text:
        message = "the sheet needs an id and a version number; send both"
        ledger.refuse("$", "versie", "missing-field", message, part=_PART)
        return None
    return text.zfill(9)


def _subject(sheet: Sheet) -> Subject:
    child = sheet.child
    return Subject(
        place="$.kind",
        insz=None,
        family=child.family,
        given=child.given,
        born=child.born,
        gender=child.gender,
        nickname=child.nickname,
    )


def _segments(
    sheet: Sheet,
    subject: Subject,
    key: PersonKey,
    case: Case,
    *,
    updated: str,
    options: ReadOptions,
) -> tuple[tuple[RelatedKey, ...], tuple[Segment, ...]]:
    _left_out(sheet, case.ledger)
    location = _location(sheet, case)
    keys, parents = relatives([_relative(one) for one in sheet.parents], case, options)
    family = Family(people=_people(sheet), relatives=parents)
    content = chain(
        allergies(sheet.medical, case),
        medication(sheet.medical, case),
        remarks(sheet.medical, family, case),
        care_need(sheet.care_need, family, case),
    )
    made = (patient(subject, key, case), *parents, attends(location, case), *content)
    origin = _provenance(sheet, case, location, updated)
    return keys, (*made, *case.organisations.segments(), origin)


def _left_out(sheet: Sheet, ledger: Ledger) -> None:
    ledger.minimised(THIRD_PERSONS, *sheet.third_persons)
    ledger.minimised(PERMISSION, *sheet.permissions)
    ledger.minimised(LEFT_OUT, *sheet.child.left_out)
    for parent in sheet.parents:
        ledger.minimised(CONTACT, *parent.contact)


def _relative(parent: Parent) -> Relative:
    name = parent.name.text if parent.name else ""
    return Relative(
        role=parent.role,
        row=_role(parent),
        authority=UNSAID,
        authority_field=None,
        insz=parent.insz,
        name={"text": name} if name else {},
        name_fields=(parent.name,),
        fields=parent.fields,
    )


def _people(sheet: Sheet) -> People:
    """Everybody else with a name on the sheet, to see of whom a remark tells."""
    parents = ((_role(one), (one.name,)) for one in sheet.parents)
    others = ((None, (field,)) for field in sheet.third_persons)
    child = sheet.child
    return named([*parents, *others], (child.family, child.given, child.nickname))


def _role(parent: Parent) -> Mapping[str, str] | None:
    return code_table("childcare-parent-role").get(parent.role.text.lower() if parent.role else "")


def _location(sheet: Sheet, case: Case) -> Target | None:
    location = sheet.location
    return case.organisations.note(
        location_mention(
            location.name,
            location_number(location.file_number),
            (ESTABLISHMENT, location.establishment),
            (CBE, location.enterprise),
        )
    )


def _provenance(sheet: Sheet, case: Case, location: Target | None, updated: str) -> Segment:
    made = case.target("Provenance", "provenance")
    case.ledger.mapped(made["recorded"], sheet.updated)
    case.ledger.mapped(made["entity.what"], sheet.id, sheet.version)
    number = f"{sheet.id.text if sheet.id else ''}#{sheet.version.text if sheet.version else ''}"
    body = provenance(
        case.patient,
        recorded=updated,
        author=reference(location, case.organisations.name_of(location)),
        message=identifier(CHILDCARE_SHEET, number),
    )
    return case.segment(made, "logistics", body)
