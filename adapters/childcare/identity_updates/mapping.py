"""Numbers that are given or replaced, reports that are corrected or withdrawn."""

from dataclasses import replace
from typing import Final

from adapters.case import Case
from adapters.childcare.child_report.mapping import Told, numbers, report_key, report_part
from adapters.childcare.identity_updates.payload import UPDATES, Message, Updates
from adapters.childcare.known_by_name import name_digest
from adapters.contract import (
    ADULT,
    CHILD,
    Ending,
    IdentityChange,
    NumberChange,
    Part,
    PersonKey,
    ReadOptions,
    Retraction,
    Segment,
    Translation,
)
from adapters.dates import is_adult, parse_date, parse_instant
from adapters.ledger import Ledger
from adapters.persons import number_flag, relative_insz, ssin
from adapters.resources import EVERY_VERSION, filled, identifier, period, provenance
from adapters.subjects import Subject, recognise
from adapters.systems import AGENCY_CHILD, AGENCY_MESSAGE, CHILD_REPORT, SSIN

KIND: Final = "it says which sort of message this is, and was obeyed"
ENDED: Final = "it says which report is withdrawn; nothing of that report is kept by it"
REASON: Final = "why a report was withdrawn is the family's own affair"
_REFUSED: Final = "the message is refused as a whole until it is corrected"
_DAY: Final = len("2025-01-08")
_CHANGES: Final = {
    "assigned": NumberChange.ASSIGNED,
    "replaced": NumberChange.REPLACED,
    "cancelled": NumberChange.CANCELLED,
}
_NEEDED: Final = {
    NumberChange.ASSIGNED: (False, True),
    NumberChange.REPLACED: (True, True),
    NumberChange.CANCELLED: (True, False),
}
"""Whether the old and the new number must be there."""


def to_fhir(updates: Updates, options: ReadOptions) -> Translation:
    """Each message by itself: a part, or the end of a report that may never have arrived."""
    ledger = Ledger(updates.fields)
    parts: list[Part] = []
    retractions: list[Retraction] = []
    for message in updates.messages:
        made = _obeyed(message, message.number, ledger, options)
        if isinstance(made, Part):
            parts.append(made)
        elif made:
            retractions.append(made)
        else:
            ledger.withheld(_REFUSED, *message.fields)
    return Translation(
        parts=tuple(parts),
        rejections=ledger.rejections(),
        account=ledger.account(),
        retractions=tuple(retractions),
    )


def _obeyed(
    message: Message, number: str, ledger: Ledger, options: ReadOptions
) -> Part | Retraction | None:
    at = parse_instant(message.moment.text) if message.moment else None
    if at is None:
        missing = "the message does not say when; write a date and a time"
        ledger.refuse(message.place, "moment", "date-invalid", missing, part=number)
        return None
    meaning = UPDATES.meaning(message.kind)
    told = Told(part=number, at=at, place=message.moment)
    if meaning == "corrected":
        made: Part | Retraction | None = _corrected(message, told, ledger, options)
    elif meaning == "withdrawn":
        made = _withdrawn(message, told, ledger)
    elif meaning in _CHANGES:
        made = _changed(message, told, _CHANGES[meaning], ledger, options)
    else:
        made = None
        _unknown(message, number, ledger)
    if made:
        ledger.minimised(KIND, message.kind)
    return made


def _unknown(message: Message, number: str, ledger: Ledger) -> None:
    unknown = "the sort of message is in no table of this adapter; have the table extended"
    if message.kind and message.kind.text:
        ledger.reject(message.kind, "unknown-code", unknown, part=number)
    else:
        ledger.refuse(message.place, "kind", "missing-field", unknown, part=number)


def _corrected(message: Message, told: Told, ledger: Ledger, options: ReadOptions) -> Part | None:
    """The next version of the same report; what it omits still stands."""
    report = message.report
    if report is None or not _same_report(message, told, ledger):
        missing = "the message holds no report; send it with the correction"
        if report is None:
            ledger.refuse(message.place, "report", "missing-field", missing, part=told.part)
        return None
    revised = numbers(CHILD_REPORT, message.replaces_id, message.replaces_version)
    named = numbers(AGENCY_MESSAGE, message.id)
    made = report_part(
        report, replace(told, message=tuple(named), revised=tuple(revised)), ledger, options
    )
    if made:
        to = next(
            f"Provenance/{one.resource['id']}.entity.what"
            for one in made.segments
            if one.resource["resourceType"] == "Provenance"
        )
        ledger.mapped(to, message.id, message.replaces_id, message.replaces_version)
    return made


def _same_report(message: Message, told: Told, ledger: Ledger) -> bool:
    replaced, report = message.replaces_id, message.report
    own = report.id.text if report and report.id else ""
    if replaced and replaced.text and own and replaced.text != own:
        other = "a report may only replace an earlier version of itself; send it as a new report"
        ledger.reject(replaced, "replaces-another", other, part=told.part)
        return False
    return True


def _withdrawn(message: Message, told: Told, ledger: Ledger) -> Retraction | None:
    """The family took back its permission: the report ends, also one that comes later."""
    if message.withdrawn is None or not message.withdrawn.text:
        missing = "the message does not say which report is withdrawn; add its number"
        ledger.refuse(message.place, "withdrawn.id", "missing-field", missing, part=told.part)
        return None
    ledger.minimised(ENDED, message.id, message.moment, message.local, message.withdrawn)
    ledger.minimised(REASON, message.reason)
    local = message.local.text if message.local else ""
    return Retraction(
        key=report_key(message.withdrawn),
        ending=Ending.WITHDRAWN,
        asserted_at=EVERY_VERSION,
        version=told.at,
        where=message.place,
        subject=PersonKey(insz=None, family="", given="", born=None, local=local or None),
    )


def _changed(
    message: Message, told: Told, kind: NumberChange, ledger: Ledger, options: ReadOptions
) -> Part | None:
    """A number was given, replaced or cancelled: the child stays who it was."""
    change = _change(message, told, kind, ledger, options)
    subject = _subject(message, kind)
    key = recognise(subject, told.part, options, ledger) if change else None
    # A number of another birth date was rejected: it is given to nobody.
    if change is None or key is None or key.insz != change.new:
        return None
    local = message.local.text if message.local else ""
    adult = is_adult(key.born, told.at)
    case = Case(
        source="childcare",
        part=told.part,
        scope=f"child/{local or name_digest(change.old or change.new or '')}",
        ledger=ledger,
        claimed=set(),
        about=ADULT if adult else CHILD,
    )
    return Part(
        id=told.part,
        subject=replace(key, local=local or None),
        related=(),
        segments=(_patient(message, key, change, case), _origin(message, told, case)),
        asserted_at=told.at,
        version=told.at,
        adult=adult,
        identity=change,
    )


def _change(
    message: Message, told: Told, kind: NumberChange, ledger: Ledger, options: ReadOptions
) -> IdentityChange | None:
    old = relative_insz(message.old, options, ledger, told.part)
    new = relative_insz(message.new, options, ledger, told.part)
    for needed, number, name in zip(_NEEDED[kind], (old, new), ("old", "new"), strict=True):
        if needed and number is None:
            missing = "the message lacks a valid number that it is about; correct it"
            ledger.refuse(message.place, name, "missing-field", missing, part=told.part)
            return None
    with_old, with_new = _NEEDED[kind]
    return IdentityChange(
        kind=kind,
        old=old if with_old else None,
        new=new if with_new else None,
        since=told.at[:_DAY],
    )


def _subject(message: Message, kind: NumberChange) -> Subject:
    return Subject(
        place=message.place,
        insz=None if kind is NumberChange.CANCELLED else message.new,
        family=message.family,
        given=message.given,
        born=message.born,
        gender=None,
    )


def _patient(message: Message, key: PersonKey, change: IdentityChange, case: Case) -> Segment:
    """Both numbers stay: an older record is found by the old one, which ended on that day."""
    made, local = case.patient, message.local
    before = [
        {**number, "period": period(None, change.since)}
        for number in identifier(SSIN, change.old, "old")
    ]
    case.ledger.mapped(made["identifier"], local, message.new if change.new else None)
    case.ledger.mapped(made["identifier"], message.old if change.old else None)
    case.ledger.mapped(made["name"], message.family, message.given)
    case.ledger.mapped(made["birthDate"], message.born)
    own = identifier(AGENCY_CHILD, local.text if local else None)
    name = {"family": key.family, "given": [key.given] if key.given else []}
    body = {
        "identifier": [*ssin(change.new), *before, *own],
        "name": [{"use": "official", **filled(name)}] if key.family or key.given else [],
        "birthDate": parse_date(message.born.text) if message.born else None,
    }
    damage = ("damaged_name",) if key.damaged else ()
    numbers = number_flag(change.new or change.old)
    return case.segment(made, "identity", body, flags=(*numbers, *damage))


def _origin(message: Message, told: Told, case: Case) -> Segment:
    made = case.target("Provenance", "provenance")
    case.ledger.mapped(made["recorded"], message.moment)
    case.ledger.mapped(made["entity.what"], message.id)
    number = numbers(AGENCY_MESSAGE, message.id)
    body = provenance(case.patient, recorded=told.at, author=None, message=number)
    return case.segment(made, "logistics", body)
