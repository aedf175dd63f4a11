"""Parents and other relatives a source names, with the authority it says they have."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import NamedTuple

from adapters.case import Case
from adapters.contract import ReadOptions, RelatedKey, Resource, Segment
from adapters.persons import number_flag, number_of_relative, ssin
from adapters.reading.node import Field
from adapters.resources import (
    Target,
    authority_extension,
    reference,
    relationship,
    segment,
)
from adapters.subjects import is_damaged

UNSAID = "unknown"
"""The authority of a relative of whom the source does not say: it opens nothing."""


class Relative(NamedTuple):
    """One relative; `row` is the role's row of a code table, None for an unknown role."""

    role: Field | None
    row: Mapping[str, str] | None
    authority: str
    authority_field: Field | None
    insz: Field | None
    name: Resource
    name_fields: tuple[Field | None, ...]
    fields: tuple[Field, ...]


def relatives(
    named: Iterable[Relative], case: Case, options: ReadOptions
) -> tuple[tuple[RelatedKey, ...], tuple[Segment, ...]]:
    """The keys to recognise relatives by, and their segments, in the same order."""
    keys: list[RelatedKey] = []
    segments: list[Segment] = []
    for position, one in enumerate(named, start=1):
        insz = number_of_relative(one.insz, options, case)
        if one.row is None:
            _reject(one, case)
            continue
        key = f"related/{one.row['role']}/{_known_as(one, insz) or position}"
        if made := case.claim("RelatedPerson", key, *one.fields):
            relation = one.row["relation"]
            keys.append(RelatedKey(insz=insz, relation=relation, authority=one.authority))
            segments.append(_segment(one, one.row, insz, made, number=len(keys), case=case))
    return tuple(keys), tuple(segments)


def _known_as(one: Relative, insz: str | None) -> str:
    """What tells a relative from another of the same role, also one who is named later.

    Neither the role alone nor the place in the list does; the digest gives no number or name away.
    """
    said = insz or "\n".join(
        [
            " ".join(field.text.split()).casefold()
            for field in one.name_fields
            if field and field.text
        ]
    )
    return sha256(said.encode()).hexdigest()[:32] if said else ""


def _reject(one: Relative, case: Case) -> None:
    if one.role and one.role.text:
        case.unknown_code(one.role)
    elif one.fields:
        first = one.fields[0]
        case.ledger.refuse(
            first.place,
            "role",
            "missing-field",
            "the contact has no role; say who this is to the child",
            part=case.part,
        )
    case.ledger.withheld("it belongs to a contact whose role is not known", *one.fields)


def _segment(
    one: Relative,
    row: Mapping[str, str],
    insz: str | None,
    made: Target,
    *,
    number: int,
    case: Case,
) -> Segment:
    case.ledger.mapped(made["relationship"], one.role)
    case.ledger.mapped(made["extension"], one.authority_field)
    case.ledger.mapped(made["identifier"], one.insz if insz else None)
    case.ledger.mapped(made["name"], *(one.name_fields if one.name else ()))
    body = {
        "extension": authority_extension(one.authority),
        "identifier": ssin(insz),
        "patient": reference(case.patient),
        "relationship": relationship(row["role"]),
        "name": [one.name] if one.name else [],
    }
    damaged = any(is_damaged(field.text) for field in one.name_fields if field)
    flags = case.flags.union(number_flag(insz), ("damaged_name",) if damaged else ())
    about = case.about | {f"related-{number}"}
    return segment(made, "identity", body, about=about, flags=flags)
