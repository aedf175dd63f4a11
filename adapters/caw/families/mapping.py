"""Families of a CAW to labelled FHIR: a part for each child, with the parent as its relative."""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from adapters.case import Case
from adapters.caw.families.payload import PLACES, Child, Families, Family, family
from adapters.caw.rows import ACTION, HOUSEHOLD, REFUSED, is_named, scope, usable
from adapters.contract import Part, PersonKey, ReadOptions, Translation
from adapters.ledger import Ledger
from adapters.persons import relative_insz
from adapters.reading.csv_table import fields_of
from adapters.reading.node import Field
from adapters.relatives import UNSAID, Relative, relatives
from adapters.resources import filled, fingerprint
from adapters.subjects import Subject, patient, recognise

BACKGROUND = "how parents live together is not needed for care coordination"
STAYS = "where a child stays says something about both parents, and settles no authority"
BORN = "a parent's birth date is not needed to reach that parent"
CLIENT = "the client number is the parent's; it would tie the children to each other"
NO_CHILD = "the row holds no usable child; the parent's own file is in the intake export"
CHILD_REFUSED = "this child is refused until it is corrected; the others in the row go on"

_PARENT = {"relation": "parent", "role": "PRN"}


def to_fhir(families: Families, options: ReadOptions) -> Translation:
    """Every usable child becomes a part of its own; the rest is refused with its line."""
    ledger = Ledger(fields_of(families.rows))
    claimed: set[str] = set()
    parts = tuple(
        part
        for number, row in usable(families.rows, ledger)
        for part in _parts(family(row), number, ledger, claimed, options)
    )
    return Translation(parts=parts, rejections=ledger.rejections(), account=ledger.account())


def _parts(
    one: Family, number: str, ledger: Ledger, claimed: set[str], options: ReadOptions
) -> Iterator[Part]:
    if not _is_new(one, number, ledger):
        ledger.withheld(REFUSED, *one.fields)
        return
    insz = relative_insz(one.insz, options, ledger, number)
    parent = _parent(one, one.insz if insz else None)
    for child in one.children:
        if part := _part(
            one, child, number, parent, ledger=ledger, claimed=claimed, options=options
        ):
            yield part
        else:
            ledger.withheld(CHILD_REFUSED, *child.fields)
    ledger.minimised(ACTION, one.action)
    ledger.minimised(HOUSEHOLD, one.household)
    ledger.minimised(BACKGROUND, one.civil_status, one.kind)
    ledger.minimised(BORN, one.born)
    ledger.minimised(CLIENT, one.number)
    ledger.minimised(NO_CHILD, one.family, one.given, one.insz)


def _is_new(one: Family, number: str, ledger: Ledger) -> bool:
    if not PLACES.says(one.action, "adds"):
        message = "only rows that add a family are read in this layout; send N rows"
        place, column = f"line {one.line}", PLACES.column("action")
        ledger.refuse(place, column, "unsupported-action", message, part=number)
        return False
    return is_named(one.number, one.line, PLACES.column("number"), number, ledger)


def _part(
    one: Family,
    child: Child,
    number: str,
    parent: Relative,
    *,
    ledger: Ledger,
    claimed: set[str],
    options: ReadOptions,
) -> Part | None:
    subject = _subject(one, child)
    number = f"{number}/{child.position}"
    key = recognise(subject, number, options, ledger)
    if key is None:
        return None
    # The centre has no number for the child: its parent's, and what tells it from its siblings.
    known_as = f"{one.number.text if one.number else ''}/child/{_fingerprint(key)}"
    case = Case(
        source="caw",
        part=number,
        scope=scope(known_as),
        ledger=ledger,
        claimed=claimed,
        insz=key.insz,
    )
    if not case.is_first(case.patient, *child.fields):
        return None
    ledger.minimised(STAYS, child.stays)
    related, segments = relatives([parent], case, options)
    return Part(
        id=number,
        subject=replace(key, local=known_as),
        related=related,
        segments=(patient(subject, key, case), *segments),
        asserted_at="",
        version="",
    )


def _subject(one: Family, child: Child) -> Subject:
    return Subject(
        place=f"line {one.line}",
        insz=child.insz,
        family=child.family,
        given=child.given,
        born=child.born,
        gender=None,
    )


def _fingerprint(key: PersonKey) -> str:
    """What tells a child from its siblings in every delivery, without being readable.

    Not the position in the row, which changes when a child is added or leaves, and not the
    number, which may come later. Accents come and go between two exports of one name.
    """
    letters = key.given.casefold()
    if not letters.isascii():
        decomposed = unicodedata.normalize("NFKD", letters)
        letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    known_by = f"{key.born}|{letters}" if letters else f"{key.insz}"
    return fingerprint(known_by)


def _parent(one: Family, insz: Field | None) -> Relative:
    """A list of children settles no authority; a wrong number was rejected with the row."""
    given = [one.given.text] if one.given and one.given.text else []
    name = filled({"family": one.family.text if one.family else None, "given": given})
    return Relative(
        role=None,
        row=_PARENT,
        authority=UNSAID,
        authority_field=None,
        insz=insz,
        name={"use": "official", **name} if name else {},
        name_fields=(one.family, one.given),
        fields=tuple(field for field in (one.family, one.given) if field),
    )
