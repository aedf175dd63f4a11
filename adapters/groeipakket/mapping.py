"""Decisions about the care allowance to labelled FHIR: one part for each child of a granted one."""

from dataclasses import dataclass

from adapters.case import Case
from adapters.contract import (
    ADULT,
    CHILD,
    Ending,
    Part,
    PersonKey,
    ReadOptions,
    Retraction,
    Segment,
    Translation,
)
from adapters.dates import is_adult, parse_instant
from adapters.groeipakket.payload import PLACES, Decision, Message
from adapters.ledger import Ledger
from adapters.organisations import Mention
from adapters.persons import REFUSED_WITH_PART
from adapters.resources import (
    coded,
    identifier,
    nth,
    numbered,
    provenance,
    reference,
)
from adapters.subjects import Subject, patient, recognise
from adapters.systems import CARE_ALLOWANCE_DECISION, CBE, DECISION, GROEIPAKKET_MESSAGE

CODE = "care-allowance"
ENVELOPE = "the envelope of the message; it says nothing about the child"
NOT_NEEDED = "amounts, scores, who is paid and remarks are not needed for care coordination"
REFUSAL = "a refusal gives no right, and telling it on would only label the child"
ENDED = "it names the decision that no longer stands"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What all decisions of one message share while it is mapped."""

    message: Message
    sent: str
    ledger: Ledger
    claimed: set[str]
    options: ReadOptions


def to_fhir(message: Message, options: ReadOptions) -> Translation:
    """What was granted becomes coverage; what was withdrawn or refused on review ends."""
    ledger = Ledger(message.fields)
    ledger.minimised(ENVELOPE, message.kind, message.layout)
    sent = parse_instant(message.sent.text) if message.sent else None
    if sent is None:
        problem = "the message does not say when it was sent; write a date and a time"
        ledger.refuse("$", "sent", "date-invalid", problem)
        ledger.withheld(REFUSED_WITH_PART, *message.fields)
        return Translation(parts=(), rejections=ledger.rejections(), account=ledger.account())
    return _translated(
        _Reading(message=message, sent=sent, ledger=ledger, claimed=set(), options=options)
    )


def _translated(reading: _Reading) -> Translation:
    message, ledger = reading.message, reading.ledger
    found = [_decided(one, one.position, reading) for one in message.decisions]
    # Where every decision ended or was refused, the message itself is in no resource.
    ledger.minimised(ENVELOPE, message.id, message.sent, message.payer, message.enterprise)
    return Translation(
        parts=tuple(one for one in found if isinstance(one, Part)),
        rejections=ledger.rejections(),
        account=ledger.account(),
        retractions=tuple(one for one in found if isinstance(one, Retraction)),
    )


def _decided(one: Decision, part: str, reading: _Reading) -> Part | Retraction | None:
    ledger = reading.ledger
    meaning, version = _action(one, part, ledger), _version(one, part, ledger)
    key = None
    if meaning and version:
        key = recognise(_subject(one), part, reading.options, ledger)
    if meaning is None or version is None or key is None:
        ledger.withheld(REFUSED_WITH_PART, *one.fields)
        return None
    ledger.minimised(NOT_NEEDED, *one.left_out)
    if meaning == "granted":
        return _granted(one, key, version, part, reading)
    ledger.minimised(REFUSAL if meaning == "refused" else ENDED, *one.fields)
    # A first refusal ends nothing; one on review ends what was granted under its number.
    if meaning == "refused" and int(version) == 1:
        return None
    return Retraction(
        key=f"{_scope(one)}/{CODE}",
        ending=Ending.WITHDRAWN,
        asserted_at=nth(version),
        version=reading.sent,
        where=one.place,
        subject=key,
    )


def _action(one: Decision, part: str, ledger: Ledger) -> str | None:
    meaning = PLACES.meaning(one.action)
    if meaning is None and one.action and one.action.text:
        problem = "the action is in no table of this adapter; correct it, or have it added"
        ledger.reject(one.action, "unknown-code", problem, part=part)
    elif meaning is None:
        problem = "the decision does not say what was decided; add it"
        ledger.refuse(one.place, "action", "missing-field", problem, part=part)
    return meaning


def _version(one: Decision, part: str, ledger: Ledger) -> str | None:
    text = one.version.text if one.version else ""
    if not (text.isascii() and text.isdigit()) or one.number is None or not one.number.text:
        problem = "the decision needs a number and a version; send both"
        ledger.refuse(one.place, "version", "missing-field", problem, part=part)
        return None
    return text.zfill(9)


def _subject(one: Decision) -> Subject:
    return Subject(
        place=one.place,
        insz=one.insz,
        family=one.family,
        given=one.given,
        born=one.born,
        gender=one.gender,
    )


def _scope(one: Decision) -> str:
    return f"decision/{one.number.text if one.number else ''}"


def _granted(
    one: Decision, key: PersonKey, version: str, part: str, reading: _Reading
) -> Part | None:
    adult = is_adult(key.born, reading.sent)
    case = Case(
        source="groeipakket",
        part=part,
        scope=_scope(one),
        ledger=reading.ledger,
        claimed=reading.claimed,
        about=ADULT if adult else CHILD,
    )
    if case.claim("Patient", "patient", one.number) is None:
        reading.ledger.withheld(REFUSED_WITH_PART, *one.fields)
        return None
    return Part(
        id=part,
        subject=key,
        related=(),
        segments=numbered(_segments(one, key, case, reading), version, _scope(one)),
        asserted_at=reading.sent,
        version=version,
        adult=adult,
    )


def _segments(one: Decision, key: PersonKey, case: Case, reading: _Reading) -> tuple[Segment, ...]:
    message = reading.message
    numbers = ((CBE, message.enterprise),)
    payer = case.organisations.note(
        Mention(
            kind="groeipakket",
            kind_display="Payer of the Groeipakket",
            name=message.payer,
            numbers=numbers,
        )
    )
    named = reference(payer, case.organisations.name_of(payer))
    made = case.target("Coverage", CODE)
    case.ledger.mapped(made["identifier"], one.number)
    case.ledger.mapped(made["status"], one.action)
    coverage = {
        "identifier": identifier(CARE_ALLOWANCE_DECISION, one.number.text if one.number else None),
        "status": "active",
        "type": coded(DECISION, CODE, "Care allowance (zorgtoeslag)"),
        "beneficiary": reference(case.patient),
        "period": case.period(one.start, one.end, made["period"]),
        "payor": [named or {"display": "the payer"}],
    }
    return (
        patient(_subject(one), key, case),
        # That there is an allowance tells that there is a need: no mere logistics.
        case.segment(made, "functional", coverage),
        *case.organisations.segments(),
        _origin(one, case, reading),
    )


def _origin(one: Decision, case: Case, reading: _Reading) -> Segment:
    message = reading.message
    made = case.target("Provenance", "provenance")
    case.ledger.mapped(made["recorded"], message.sent)
    case.ledger.mapped(made["entity.what"], message.id, one.version)
    version = one.version.text if one.version else ""
    number = f"{message.id.text}#{version}" if message.id and message.id.text else None
    body = provenance(
        case.patient,
        recorded=reading.sent,
        author=None,
        message=identifier(GROEIPAKKET_MESSAGE, number),
    )
    return case.segment(made, "logistics", body)
