"""A LARS-like message to a translation: the envelope is the same, whatever the content."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from adapters.case import Case
from adapters.clb.contacts import contacts, people
from adapters.clb.message import MESSAGE, Deleted, Message
from adapters.clb.pupil import open_case, pupil_segment
from adapters.contract import (
    Ending,
    Part,
    PersonKey,
    Question,
    ReadOptions,
    Resource,
    Retraction,
    Segment,
    Translation,
)
from adapters.dates import is_adult, parse_instant
from adapters.ledger import Ledger
from adapters.organisations import Mention
from adapters.persons import REFUSED_WITH_PART
from adapters.reading.node import Field
from adapters.resources import (
    EVERY_VERSION,
    Target,
    identifier,
    numbered,
    provenance,
    reference,
    target,
)
from adapters.subjects import Subject, recognise
from adapters.systems import CBE, ESTABLISHMENT, LARS_MESSAGE, SCHOOL_NUMBER
from adapters.telling import People, related_in

LAYOUT = "the kind and version of the export; it says nothing about the child"
SCHOOL = "the school is no party to this; it joins the hub by itself"
PERMISSION = "consent is given to the hub by the family, never parsed from a record"
SIBLINGS = "a brother or sister has no role in this pupil's file and is known only in their own"
REASON = "why a message was corrected or deleted changes nothing about what stands"

_PART = "1"
# What LARS numbers: of these the message's sequence tells which version is the newest.
_NUMBERED = ("message", "report", "traject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the content of a message is mapped with: its case, its centre and the relatives."""

    case: Case
    centre: Target | None
    relatives: tuple[Segment, ...]
    sent: str
    message: Message
    version: str = ""

    def centre_reference(self) -> Resource | None:
        """The centre with its name."""
        return reference(self.centre, self.centre_name())

    def centre_name(self) -> str | None:
        """What the centre is called."""
        return self.case.organisations.name_of(self.centre)

    def related_in(self, roles: frozenset[str]) -> frozenset[str]:
        """The relatives in these roles, as data subjects; empty when one of them is not known."""
        return related_in(self.relatives, roles, self.case.about)

    def people(self) -> People:
        """Who else has a name in this file."""
        return people(self.message.pupil)

    def question(self, where: str, field: str, code: str, message: str) -> Question:
        """Something only a person may decide."""
        return Question(where=where, field=field, code=code, message=message, part=_PART)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A statement, by its business key, that no longer stands in this version nor an older one."""

    key: str
    ending: Ending
    where: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What the content of a message became."""

    segments: tuple[Segment, ...]
    ended: tuple[Ended, ...] = ()
    questions: tuple[Question, ...] = ()


def translate_message(
    message: Message, ledger: Ledger, options: ReadOptions, content: Callable[[Told], Content]
) -> Translation:
    """The message becomes one part when its pupil can be recognised."""
    _left_out(message, ledger)
    sent = _sent(message, ledger)
    subject = _subject(message)
    key = recognise(subject, _PART, options, ledger) if sent else None
    if key is None or sent is None:
        ledger.withheld(REFUSED_WITH_PART, *message.fields)
        return Translation(parts=(), rejections=ledger.rejections(), account=ledger.account())
    return _translation(message, ledger, options, content, subject=subject, key=key, sent=sent)


def _translation(
    message: Message,
    ledger: Ledger,
    options: ReadOptions,
    content: Callable[[Told], Content],
    *,
    subject: Subject,
    key: PersonKey,
    sent: str,
) -> Translation:
    adult = is_adult(key.born, sent)
    flags = _secrecy(message, ledger)
    case = open_case(key, _PART, ledger, adult=adult, flags=flags)
    pupil = pupil_segment(subject, key, case)
    related, relatives = contacts(message.pupil.contacts, case, options)
    told = Told(
        case=case, centre=_centre(message, case), relatives=relatives, sent=sent, message=message
    )
    version = _version(told)
    made = content(replace(told, version=version))
    origin = _provenance(told)
    ended = (*made.ended, *_deleted(message, case))
    segments = (pupil, *relatives, *made.segments, *case.organisations.segments(), origin)
    part = Part(
        id=_PART,
        subject=key,
        related=related,
        segments=numbered(segments, version, *_NUMBERED),
        asserted_at=sent,
        version=f"{sent}#{version}",
        adult=adult,
    )
    return Translation(
        parts=(part,),
        rejections=ledger.rejections(),
        account=ledger.account(),
        retractions=tuple(_retraction(one, part) for one in ended),
        questions=made.questions,
    )


def _left_out(message: Message, ledger: Ledger) -> None:
    ledger.minimised(LAYOUT, *message.layout)
    ledger.minimised(PERMISSION, message.sharing)
    ledger.minimised(SCHOOL, *message.pupil.school)
    ledger.minimised(SIBLINGS, *message.pupil.relatives)
    ledger.minimised(REASON, message.reason, *(one.reason for one in message.deleted))


def _sent(message: Message, ledger: Ledger) -> str | None:
    instant = parse_instant(message.sent.text) if message.sent else None
    if instant is None:
        ledger.refuse(
            message.place,
            MESSAGE.places["message.sent"][-1],
            "date-invalid",
            "the message does not say when it was made; write a date and a time of day",
            part=_PART,
        )
    return instant


def _subject(message: Message) -> Subject:
    pupil = message.pupil
    return Subject(
        place=pupil.place,
        insz=pupil.insz,
        family=pupil.family,
        given=pupil.given,
        born=pupil.born,
        gender=pupil.gender,
        local=pupil.local,
    )


def _version(told: Told) -> str:
    field = told.message.sequence
    number = field.text if field else ""
    if field and number and not (number.isascii() and number.isdigit()):
        message = "the sequence is no number; write digits"
        told.case.reject(field, "number-invalid", message)
        number = ""
    told.case.ledger.mapped(_origin(told)["entity.what"], field)
    return number.zfill(9)


def _centre(message: Message, case: Case) -> Target | None:
    centre = message.centre
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


def _secrecy(message: Message, ledger: Ledger) -> frozenset[str]:
    level = message.secrecy
    if level is None or not level.text:
        return frozenset()
    if not message.is_secret:
        # An unknown level is treated as the strictest one that is known.
        problem = "the level of confidentiality is not known here; it is treated as the strictest"
        ledger.reject(level, "unknown-code", problem, part=_PART)
    return frozenset({"professional_secrecy"})


def message_key(number: str) -> str:
    """The key of a message's provenance: what a source deletes, it names by this number."""
    return f"message/{number}"


def _origin(told: Told) -> Target:
    number = told.message.id
    return target(told.case.source, "Provenance", message_key(number.text if number else ""))


def _provenance(told: Told) -> Segment:
    made, message, ledger = _origin(told), told.message, told.case.ledger
    ledger.mapped(made["recorded"], message.sent)
    ledger.mapped(made["entity.what"], message.id)
    ledger.mapped(made["meta.security"], message.secrecy)
    body = provenance(
        told.case.patient,
        recorded=told.sent,
        author=told.centre_reference(),
        message=identifier(LARS_MESSAGE, _number(message.id, message.sequence)),
    )
    earlier = list(_earlier(message, made, ledger))
    return told.case.segment(made, "logistics", {**body, "entity": [*body["entity"], *earlier]})


def _earlier(message: Message, made: Target, ledger: Ledger) -> Iterator[Resource]:
    """The messages that this one corrects or removes."""
    if replaced := replaced_number(message):
        ledger.mapped(made["entity.what"], message.replaced_id, message.replaced_sequence)
        yield {"role": "revision", "what": _message(replaced)}
    for one in message.deleted:
        if one.id and one.id.text:
            ledger.mapped(made["entity.what"], one.id)
            yield {"role": "removal", "what": _message(one.id.text)}


def replaced_number(message: Message) -> str:
    """The number of the message this one replaces, with its sequence; empty when none."""
    return _number(message.replaced_id, message.replaced_sequence)


def _number(message: Field | None, sequence: Field | None) -> str:
    return "#".join(field.text for field in (message, sequence) if field and field.text)


def _message(number: str) -> Resource:
    return {"identifier": identifier(LARS_MESSAGE, number)[0]}


def _deleted(message: Message, case: Case) -> Iterator[Ended]:
    for one in message.deleted:
        if one.id and one.id.text:
            yield _ended(one, one.id)
        else:
            problem = "what was deleted is not named; send the id of the message"
            case.ledger.refuse(
                one.place, MESSAGE.places["deleted.id"][-1], "missing-field", problem, part=_PART
            )


def _ended(one: Deleted, number: Field) -> Ended:
    return Ended(
        key=message_key(number.text), ending=Ending.DELETED, where=one.place, version=EVERY_VERSION
    )


def _retraction(one: Ended, part: Part) -> Retraction:
    return Retraction(
        key=one.key,
        ending=one.ending,
        asserted_at=one.version,
        version=part.asserted_at,
        where=one.where,
        subject=part.subject,
    )
