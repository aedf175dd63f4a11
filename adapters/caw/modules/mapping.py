"""A CAW module export to labelled FHIR: one part for each module of a client."""

import re
from collections.abc import Iterator, Mapping

from adapters.case import Case
from adapters.caw.modules.content import Known, end_is_told, help_given, hours, key_of, need
from adapters.caw.modules.payload import PLACES, Module, Modules, module
from adapters.caw.rows import (
    ACTION,
    ANONYMOUS_HELP,
    HOUSEHOLD,
    NO_FLAGS,
    REFUSED,
    is_anonymous,
    is_named,
    scope,
    usable,
)
from adapters.contract import (
    Ending,
    Part,
    PersonKey,
    ReadOptions,
    Retraction,
    Segment,
    Translation,
)
from adapters.dates import OPEN_END, parse_date
from adapters.ledger import Ledger
from adapters.reading.csv_table import fields_of
from adapters.reading.node import Field
from adapters.resources import Target
from schemas import code_table

PROFESSIONAL = "which professional helps is not needed outside the centre"
DELETED = "the module it belongs to is deleted"

# The export says of no row when it was written: a later sort of row has the last word. The start
# and the end of a module are its content, and order nothing.
_STATED, _CHANGED, _ENDED = "1/stated", "2/changed", "3/deleted"
_NOBODY_KNOWN: frozenset[str] = frozenset()

_SHORT_YEAR = re.compile(r"([0-9]{1,2}[/.-][0-9]{1,2}[/.-])([0-9]{2})")


def to_fhir(modules: Modules, _: ReadOptions) -> Translation:
    """Every usable row becomes a part or a retraction; the rest is refused with its line."""
    ledger = Ledger(fields_of(modules.rows))
    claimed: set[str] = set()
    parts: list[Part] = []
    retractions: list[Retraction] = []
    for number, row in usable(modules.rows, ledger):
        known = _known(_with_century(module(row)), number, ledger)
        if known is None:
            ledger.withheld(REFUSED, *row.fields)
        elif PLACES.says(known.one.action, "deletes"):
            retractions.append(_deleted(known, ledger))
        elif part := _part(known, number, ledger, claimed):
            parts.append(part)
    return Translation(
        parts=tuple(parts),
        rejections=ledger.rejections(),
        account=ledger.account(),
        retractions=tuple(retractions),
    )


def _with_century(one: Module) -> Module:
    """Years may be written with two digits: help that is registered now is of this century."""
    return one._replace(start=_four_digits(one.start), end=_four_digits(one.end))


def _four_digits(field: Field | None) -> Field | None:
    found = _SHORT_YEAR.fullmatch(field.text) if field else None
    return field._replace(text=f"{found[1]}20{found[2]}") if field and found else field


def _known(one: Module, number: str, ledger: Ledger) -> Known | None:
    named = is_named(one.number, one.line, PLACES.column("number"), number, ledger)
    row = _module_row(one, number, ledger)
    start = _start(one, number, ledger)
    readable = _action_is_known(one, number, ledger)
    told = _end(one, number, ledger)
    if not (named and readable and told) or one.number is None or row is None or start is None:
        return None
    return Known(one, one.number, row, start, key_of(row, start))


def _action_is_known(one: Module, number: str, ledger: Ledger) -> bool:
    if PLACES.meaning(one.action) is None:
        place, column = f"line {one.line}", PLACES.column("action")
        message = "the action is none that is known; send N, W or V"
        ledger.refuse(place, column, "unsupported-action", message, part=number)
        return False
    return True


def _module_row(one: Module, number: str, ledger: Ledger) -> Mapping[str, str] | None:
    row = code_table("caw-module").get(one.module.text if one.module else "")
    if row is None and one.module:
        message = "this type of module is in no table of this adapter; have the table extended"
        ledger.reject(one.module, "unknown-code", message, part=number)
    return row


def _start(one: Module, number: str, ledger: Ledger) -> str | None:
    start = parse_date(one.start.text) if one.start else None
    if one.start and start in (None, OPEN_END):
        message = "a module has a start that exists; write it as d/m/yyyy"
        ledger.reject(one.start, "date-invalid", message, part=number)
        return None
    return start


def _end(one: Module, number: str, ledger: Ledger) -> bool:
    told = end_is_told(one)
    if one.end and not told:
        message = "nobody can tell whether this module ended; write its end as d/m/yyyy"
        ledger.reject(one.end, "date-invalid", message, part=number)
    return told


def _deleted(known: Known, ledger: Ledger) -> Retraction:
    one = known.one
    ledger.mapped("Retraction.key", one.number, one.module, one.start)
    ledger.minimised(ACTION, one.action)
    ledger.minimised(HOUSEHOLD, one.household)
    ledger.minimised(DELETED, *one.fields)
    return Retraction(
        key=f"{scope(known.client.text)}/{known.key}",
        ending=Ending.DELETED,
        asserted_at="",
        version=_ENDED,
        where=f"line {one.line}",
    )


def _part(known: Known, number: str, ledger: Ledger, claimed: set[str]) -> Part | None:
    one = known.one
    anonymous = is_anonymous(one.household)
    case = _case(known, number, ledger, claimed, anonymous=anonymous)
    episode = case.claim("EpisodeOfCare", f"{known.key}/episode", *one.fields)
    if episode is None:
        return None
    ledger.minimised(ACTION, one.action)
    ledger.minimised(HOUSEHOLD, one.household)
    ledger.minimised(PROFESSIONAL, one.professional)
    hours(one.hours, case)
    return Part(
        id=number,
        subject=_subject(known, anonymous=anonymous),
        related=(),
        segments=tuple(_segments(known, episode, case)),
        asserted_at="",
        version=_CHANGED if PLACES.says(one.action, "changes") else _STATED,
        linkable=not anonymous,
    )


def _subject(known: Known, *, anonymous: bool) -> PersonKey:
    local = None if anonymous else known.client.text
    return PersonKey(insz=None, family="", given="", born=None, local=local)


def _case(known: Known, number: str, ledger: Ledger, claimed: set[str], *, anonymous: bool) -> Case:
    """A row says no age, so what it says is not labelled as a child's: it may be a parent's."""
    return Case(
        source="caw",
        part=number,
        scope=scope(known.client.text),
        ledger=ledger,
        claimed=claimed,
        about=_NOBODY_KNOWN,
        flags=ANONYMOUS_HELP if anonymous else NO_FLAGS,
    )


def _segments(known: Known, episode: Target, case: Case) -> Iterator[Segment]:
    yield from help_given(known, episode, case)
    yield from need(known, case)
