"""The information sheet of a childcare location in its own spelling."""

from dataclasses import dataclass

from adapters.contract import ReadOptions, Unreadable
from adapters.reading.node import Field, Node

_REQUIRED = ("ficheId", "kind")


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
    return root.node("ficheId") is not None


def read(root: Node, _: ReadOptions) -> Sheet | Unreadable:
    """Document to payload; a JSON document that is no sheet is refused by what it lacks."""
    missing = [name for name in _REQUIRED if root.node(name) is None]
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
        id=root.field("ficheId"),
        version=root.field("versie"),
        updated=root.field("laatstBijgewerkt"),
        location=_location(root),
        child=_child(root),
        parents=tuple(map(_parent, root.nodes("ouders"))),
        medical=_medical(root),
        care_need=CareNeed(
            present=root.field("specifiekeZorgbehoefte", "aanwezig"),
            attested=root.field("specifiekeZorgbehoefte", "attestDatum"),
            description=root.field("specifiekeZorgbehoefte", "omschrijving"),
        ),
        third_persons=tuple(
            leaf
            for name in ("magAfhalen", "magNIETAfhalen", "huisarts")
            for node in root.nodes(name)
            for leaf in node.leaves()
        ),
        permissions=root.fields("toestemming"),
    )


def _location(root: Node) -> Location:
    return Location(
        name=root.field("locatie", "naam"),
        file_number=root.field("locatie", "dossiernummer"),
        establishment=root.field("locatie", "vestigingsnummer"),
        enterprise=root.field("locatie", "ondernemingsnummer"),
    )


def _child(root: Node) -> Child:
    child = root.node("kind")
    named = ("kindcode", "thuistaal")
    return Child(
        given=root.field("kind", "voornaam"),
        family=root.field("kind", "naam"),
        nickname=root.field("kind", "roepnaam"),
        born=root.field("kind", "geboortedatum"),
        gender=root.field("kind", "geslacht"),
        left_out=tuple(
            leaf
            for name in named
            for node in (child.nodes(name) if child else ())
            for leaf in node.leaves()
        ),
    )


def _parent(node: Node) -> Parent:
    return Parent(
        role=node.field("rol"),
        name=node.field("naam"),
        insz=node.field("insz"),
        contact=(*node.fields("gsm"), *node.fields("werk")),
        fields=tuple(node.leaves()),
    )


def _medical(root: Node) -> Medical:
    medical = root.node("medisch")

    def every(name: str) -> tuple[Field, ...]:
        nodes = medical.nodes(name) if medical else ()
        return tuple(leaf for node in nodes if (leaf := node.own))

    return Medical(
        allergies=every("allergieën"),
        medication=every("medicatie"),
        remarks=every("bijzonderheden"),
    )
