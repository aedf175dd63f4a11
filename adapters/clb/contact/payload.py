"""Systematic contacts in their own spelling."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.contract import ReadOptions, Unreadable
from adapters.reading.mapping_file import mapping_file
from adapters.reading.node import Field, Node
from schemas import code_table

MEASURED = tuple(code_table("clb-measurement"))
"""What is measured; a measurement more is a row of that table and a place in the mapping file."""
FOUND = ("colour-vision", "oral-health")
"""What is found and written as a letter."""

CONTACT = mapping_file(
    "clb/contact",
    places={
        "export",
        "kind",
        "school_year",
        "moment",
        "sent",
        "records",
        "id",
        "sequence",
        "day",
        "pupil",
        "pupil.local",
        "pupil.insz",
        "pupil.bis",
        "pupil.family",
        "pupil.given",
        "pupil.born",
        "pupil.gender",
        "doctor.name",
        "doctor.riziv",
        "hearing.method",
        "remark",
        *MEASURED,
        *FOUND,
    },
    words={"lars", "contact", "not_measured"},
)
"""Where a file of contacts keeps its content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pupil:
    """The child; `numbers` are the places where a national number may stand, best first."""

    place: str
    local: Field | None
    numbers: tuple[Field, ...]
    family: Field | None
    given: Field | None
    born: Field | None
    gender: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One contact with one pupil; `number` is which record of the file it is."""

    place: str
    number: str
    id: Field | None
    sequence: Field | None
    day: Field | None
    pupil: Pupil
    doctor: Field | None
    riziv: Field | None
    measured: Mapping[str, Field | None]
    found: Mapping[str, Field | None]
    methods: Mapping[str, Field | None]
    remark: Field | None
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file of contacts; `sent` is when it was made, where it says so."""

    fields: tuple[Field, ...]
    layout: tuple[Field, ...]
    occasion: tuple[Field, ...]
    sent: Field | None
    contacts: tuple[Contact, ...]


def is_contact(root: Node) -> bool:
    """Whether the document says it holds systematic contacts from LARS."""
    export, kind = CONTACT.field(root, "export"), CONTACT.field(root, "kind")
    return CONTACT.says(export, "lars") and CONTACT.says(kind, "contact")


def is_not_measured(field: Field) -> bool:
    """Whether the source says in a word that there is no value."""
    return CONTACT.says(field, "not_measured")


def read(root: Node, _: ReadOptions) -> Export | Unreadable:
    """Document to payload."""
    if not is_contact(root):
        return Unreadable(
            code="unexpected-document",
            where=root.path,
            message="these are no systematic contacts from LARS; export those",
            status=422,
        )
    return Export(
        fields=tuple(root.leaves()),
        layout=_fields(root, "export", "kind"),
        occasion=_fields(root, "school_year", "moment"),
        sent=CONTACT.field(root, "sent"),
        contacts=tuple(_contact(node) for node in CONTACT.nodes(root, "records") if node.children),
    )


def _contact(node: Node) -> Contact:
    return Contact(
        place=node.path,
        number=node.number,
        id=CONTACT.field(node, "id"),
        sequence=CONTACT.field(node, "sequence"),
        day=CONTACT.field(node, "day"),
        pupil=_pupil(node),
        doctor=CONTACT.field(node, "doctor.name"),
        riziv=CONTACT.field(node, "doctor.riziv"),
        measured={name: CONTACT.field(node, name) for name in MEASURED},
        found={name: CONTACT.field(node, name) for name in FOUND},
        methods={"hearing": CONTACT.field(node, "hearing.method")},
        remark=CONTACT.field(node, "remark"),
        fields=tuple(node.leaves()),
    )


def _pupil(node: Node) -> Pupil:
    found = CONTACT.node(node, "pupil")
    return Pupil(
        place=found.path if found else node.path,
        local=CONTACT.field(node, "pupil.local"),
        numbers=_fields(node, "pupil.insz", "pupil.bis"),
        family=CONTACT.field(node, "pupil.family"),
        given=CONTACT.field(node, "pupil.given"),
        born=CONTACT.field(node, "pupil.born"),
        gender=CONTACT.field(node, "pupil.gender"),
    )


def _fields(node: Node, *names: str) -> tuple[Field, ...]:
    found = (CONTACT.field(node, name) for name in names)
    return tuple(field for field in found if field)
