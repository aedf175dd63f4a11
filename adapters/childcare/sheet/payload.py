"""The information sheet of a childcare location in its own spelling."""

from dataclasses import dataclass
from typing import Final

from adapters.contract import ReadOptions, Unreadable
from adapters.reading.mapping_file import mapping_file
from adapters.reading.node import Field, Node

SHEET: Final = mapping_file(
    "childcare/sheet",
    places={
        "id",
        "version",
        "updated",
        "child",
        "location.name",
        "location.file",
        "location.establishment",
        "location.enterprise",
        "child.given",
        "child.family",
        "child.nickname",
        "child.born",
        "child.gender",
        "child.fee",
        "child.languages",
        "parents",
        "parent.role",
        "parent.name",
        "parent.insz",
        "parent.phone",
        "parent.work",
        "pick.up",
        "no.pick.up",
        "doctor",
        "allergies",
        "medication",
        "remarks",
        "need.present",
        "need.attested",
        "need.described",
        "permissions",
    },
    words={"yes", "no"},
)
_REQUIRED: Final = ("id", "child")


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """The childcare location."""

    name: Field | None
    file_number: Field | None
    establishment: Field | None
    enterprise: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """The child as the location knows it; there is no national number by law."""

    given: Field | None
    family: Field | None
    nickname: Field | None
    born: Field | None
    gender: Field | None
    left_out: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """A parent: the name is one text, family name first or not."""

    role: Field | None
    name: Field | None
    insz: Field | None
    contact: tuple[Field, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Medical:
    """What the parents told about health."""

    allergies: tuple[Field, ...]
    medication: tuple[Field, ...]
    remarks: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CareNeed:
    """Whether the child needs specific care, and what that is in practice."""

    present: Field | None
    attested: Field | None
    description: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One version of one sheet."""

    fields: tuple[Field, ...]
    id: Field | None
    version: Field | None
    updated: Field | None
    location: Location
    child: Child
    parents: tuple[Parent, ...]
    medical: Medical
    care_need: CareNeed
    third_persons: tuple[Field, ...]
    permissions: tuple[Field, ...]


def is_sheet(root: Node) -> bool:
    """Whether the document has the number of a sheet."""
    return SHEET.node(root, "id") is not None


def read(root: Node, _: ReadOptions) -> Sheet | Unreadable:
    """Document to payload; a JSON document that is no sheet is refused by what it lacks."""
    missing = [SHEET.places[name][0] for name in _REQUIRED if SHEET.node(root, name) is None]
    if missing:
        return Unreadable(
            code="unexpected-document",
            where="$",
            message=f"the document is no information sheet (missing: {', '.join(missing)}); "
            "send the sheet itself",
            status=422,
        )
    return _sheet(root)


def _sheet(root: Node) -> Sheet:
    return Sheet(
        fields=tuple(root.leaves()),
        id=SHEET.field(root, "id"),
        version=SHEET.field(root, "version"),
        updated=SHEET.field(root, "updated"),
        location=_location(root),
        child=_child(root),
        parents=tuple(map(_parent, SHEET.nodes(root, "parents"))),
        medical=Medical(
            allergies=_every(root, "allergies"),
            medication=_every(root, "medication"),
            remarks=_every(root, "remarks"),
        ),
        care_need=CareNeed(
            present=SHEET.field(root, "need.present"),
            attested=SHEET.field(root, "need.attested"),
            description=SHEET.field(root, "need.described"),
        ),
        third_persons=_below(root, "pick.up", "no.pick.up", "doctor"),
        permissions=_below(root, "permissions"),
    )


def _location(root: Node) -> Location:
    return Location(
        name=SHEET.field(root, "location.name"),
        file_number=SHEET.field(root, "location.file"),
        establishment=SHEET.field(root, "location.establishment"),
        enterprise=SHEET.field(root, "location.enterprise"),
    )


def _child(root: Node) -> Child:
    return Child(
        given=SHEET.field(root, "child.given"),
        family=SHEET.field(root, "child.family"),
        nickname=SHEET.field(root, "child.nickname"),
        born=SHEET.field(root, "child.born"),
        gender=SHEET.field(root, "child.gender"),
        left_out=_below(root, "child.fee", "child.languages"),
    )


def _parent(node: Node) -> Parent:
    return Parent(
        role=SHEET.field(node, "parent.role"),
        name=SHEET.field(node, "parent.name"),
        insz=SHEET.field(node, "parent.insz"),
        contact=_below(node, "parent.phone", "parent.work"),
        fields=tuple(node.leaves()),
    )


def _every(root: Node, name: str) -> tuple[Field, ...]:
    return tuple(node.own for node in SHEET.nodes(root, name) if node.own)


def _below(root: Node, *names: str) -> tuple[Field, ...]:
    return tuple(
        leaf for name in names for node in SHEET.nodes(root, name) for leaf in node.leaves()
    )
