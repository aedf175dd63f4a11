"""A CLB trajectory to labelled FHIR: one part per message, about one pupil."""

from itertools import chain

from adapters.case import Case
from adapters.clb.contacts import contacts
from adapters.clb.payload import Export
from adapters.clb.trajectory import trajectory
from adapters.contract import Part, PersonKey, ReadOptions, RelatedKey, Segment, Translation
from adapters.dates import is_adult, parse_instant
from adapters.ledger import Ledger
from adapters.organisations import Mention
from adapters.persons import REFUSED_WITH_PART
from adapters.resources import Target, identifier, provenance, reference, target
from adapters.subjects import Subject, patient, recognise
from adapters.systems import CBE, ESTABLISHMENT, LARS_MESSAGE, SCHOOL_NUMBER

LAYOUT = "the kind and version of the export; it says nothing about the child"
SCHOOL = "the school is no party to the trajectory; it joins the hub by itself"
PERMISSION = "consent is given to the hub by the family, never parsed from a record"

_SECRET = "beroepsgeheim"  # noqa: S105 - a level of confidentiality, no password
_PART = "1"


def to_fhir(export: Export, options: ReadOptions) -> Translation:
    """The message becomes one part when its pupil can be recognised."""
    ledger = Ledger(export.fields)
    ledger.minimised(LAYOUT, *export.layout)
    ledger.minimised(PERMISSION, *export.sharing)
    ledger.minimised(SCHOOL, *export.pupil.school)
    part = _part(export, ledger, options)
    if part is None:
        ledger.withheld(REFUSED_WITH_PART, *export.fields)
    return Translation(
        parts=(part,) if part else (),
        rejections=ledger.rejections(),
        account=ledger.account(),
    )


def _part(export: Export, ledger: Ledger, options: ReadOptions) -> Part | None:
    sent = _sent(export, ledger)
    subject = _subject(export)
    key = recognise(subject, _PART, options, ledger) if sent else None
    if key is None or sent is None:
        return None
    adult = is_adult(key.born, sent)
    case = _case(export, key, ledger, adult=adult)
    relatives, segments = _segments(export, subject, key, case, sent=sent, options=options)
    return Part(
        id=_PART,
        subject=key,
        related=relatives,
        segments=segments,
        asserted_at=sent,
        version=_version(export, sent, case),
        adult=adult,
    )


def _sent(export: Export, ledger: Ledger) -> str | None:
    field = export.sent
    instant = parse_instant(field.text) if field else None
    if instant is None:
        ledger.refuse(
            "/larsExport/bericht",
            "tijdstip",
            "date-invalid",
            "the message does not say when it was made; write a date and a time of day",
            part=_PART,
        )
    return instant


def _version(export: Export, sent: str, case: Case) -> str:
    number = export.sequence.text if export.sequence else ""
    if number and not (number.isascii() and number.isdigit()) and export.sequence:
        case.reject(export.sequence, "number-invalid", "the sequence is no number; write digits")
        number = ""
    elif export.sequence:
        made = _origin(case, export)
        case.ledger.mapped(made["entity.what"], export.sequence)
    return f"{sent}#{number.zfill(9)}"


def _subject(export: Export) -> Subject:
    pupil = export.pupil
    return Subject(
        place="/larsExport/leerling",
        insz=pupil.insz,
        family=pupil.family,
        given=pupil.given,
        born=pupil.born,
        gender=pupil.gender,
    )


def _case(export: Export, key: PersonKey, ledger: Ledger, *, adult: bool) -> Case:
    known_as = key.insz or f"{key.family}/{key.given}/{key.born}"
    return Case(
        source="clb",
        part=_PART,
        scope=f"pupil/{known_as}",
        ledger=ledger,
        claimed=set(),
        about=frozenset({"adult" if adult else "child"}),
        flags=_secrecy(export, ledger),
    )


def _segments(
    export: Export,
    subject: Subject,
    key: PersonKey,
    case: Case,
    *,
    sent: str,
    options: ReadOptions,
) -> tuple[tuple[RelatedKey, ...], tuple[Segment, ...]]:
    centre = _centre(export, case)
    keys, relatives = contacts(export.pupil.contacts, case, options)
    content = chain.from_iterable(trajectory(one, case, centre) for one in export.trajectories)
    made = (patient(subject, key, case), *relatives, *content)
    return keys, (*made, *case.organisations.segments(), _provenance(export, case, centre, sent))


def _centre(export: Export, case: Case) -> Target | None:
    centre = export.centre
    return case.organisations.note(
        Mention(
            kind="clb",
            kind_display="CLB",
            name=centre.name,
            numbers=(
                (SCHOOL_NUMBER, centre.school_number),
                (CBE, centre.enterprise),
                (ESTABLISHMENT, centre.establishment),
            ),
        )
    )


def _secrecy(export: Export, ledger: Ledger) -> frozenset[str]:
    level = export.secrecy
    if level is None or not level.text:
        return frozenset()
    if level.text != _SECRET:
        # An unknown level is treated as the strictest one that is known.
        message = "the level of confidentiality is not known here; it is treated as the strictest"
        ledger.reject(level, "unknown-code", message, part=_PART)
    return frozenset({"professional_secrecy"})


def _origin(case: Case, export: Export) -> Target:
    message = export.message.text if export.message else ""
    return target(case.source, "Provenance", f"{case.scope}/provenance/{message}")


def _provenance(export: Export, case: Case, centre: Target | None, sent: str) -> Segment:
    made = _origin(case, export)
    case.ledger.mapped(made["recorded"], export.sent)
    case.ledger.mapped(made["entity.what"], export.message)
    message = export.message.text if export.message else ""
    sequence = export.sequence.text if export.sequence else ""
    number = "#".join(part for part in (message, sequence) if part)
    case.ledger.mapped(made["meta.security"], export.secrecy)
    body = provenance(
        case.patient,
        recorded=sent,
        author=reference(centre, case.organisations.name_of(centre)),
        message=identifier(LARS_MESSAGE, number),
    )
    return case.segment(made, "logistics", body)
