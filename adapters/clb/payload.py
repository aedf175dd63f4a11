"""The `larsExport` of an HGD trajectory in its own spelling."""

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.contract import ReadOptions, Unreadable
from adapters.reading.node import Field, Node

_ROOT = "larsExport"
_KIND = "HGD_TRAJECT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A contact person of the pupil."""

    role: Field | None
    family: Field | None
    given: Field | None
    insz: Field | None
    authority: Field | None
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pupil:
    """The child as the CLB knows it."""

    insz: Field | None
    family: Field | None
    given: Field | None
    gender: Field | None
    born: Field | None
    contacts: tuple[Contact, ...]
    school: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """The CLB itself."""

    name: Field | None
    school_number: Field | None
    enterprise: Field | None
    establishment: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A coded statement of the trajectory: a hypothesis or a need."""

    classification: Field | None
    code: Field | None
    nuance: Field | None
    text: Field | None
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A phase of the trajectory and its day."""

    code: Field | None
    day: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectory:
    """One trajectory of needs-based diagnostics (HGD)."""

    place: str
    id: Field | None
    activity: Field | None
    phases: tuple[Phase, ...]
    domains: tuple[tuple[Field | None, Field | None], ...]
    hypotheses: tuple[Statement, ...]
    needs: tuple[Statement, ...]
    conclusion: Field | None
    asker: tuple[Field, ...]
    school_care: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One message about one pupil."""

    fields: tuple[Field, ...]
    message: Field | None
    sequence: Field | None
    sent: Field | None
    layout: tuple[Field, ...]
    centre: Centre
    pupil: Pupil
    trajectories: tuple[Trajectory, ...]
    secrecy: Field | None
    sharing: tuple[Field, ...]


def is_trajectory(root: Node) -> bool:
    """Whether the document says it is an export of a trajectory."""
    kind = root.field("@soort")
    return root.name == _ROOT and kind is not None and kind.text == _KIND


def read(root: Node, _: ReadOptions) -> Export | Unreadable:
    """Document to payload; other kinds of LARS export are refused by name of the attribute."""
    if root.name != _ROOT:
        return _unexpected("/", "the document is no LARS export; send a `larsExport`")
    version, kind = root.field("@versie"), root.field("@soort")
    if version is None or not version.text.startswith("2."):
        return _unexpected(f"{root.path}/@versie", "this version is not read; export in 2.4")
    if kind is None or kind.text != _KIND or not root.node("leerling"):
        return _unexpected(
            f"{root.path}/@soort", f"only exports of kind {_KIND} with a pupil are read here"
        )
    return _export(root)


def _unexpected(where: str, message: str) -> Unreadable:
    return Unreadable(code="unexpected-document", where=where, message=message, status=422)


def _export(root: Node) -> Export:
    return Export(
        fields=tuple(root.leaves()),
        message=root.field("bericht", "id"),
        sequence=root.field("bericht", "volgnummer"),
        sent=root.field("bericht", "tijdstip"),
        layout=(*root.fields("@versie"), *root.fields("@soort")),
        centre=_centre(root),
        pupil=_pupil(root),
        trajectories=tuple(map(_trajectory, root.nodes("traject"))),
        secrecy=root.field("vertrouwelijkheid", "@niveau"),
        sharing=root.fields("vertrouwelijkheid", "@delen"),
    )


def _centre(root: Node) -> Centre:
    return Centre(
        name=root.field("centrum", "naam"),
        school_number=root.field("centrum", "instellingsnummer"),
        enterprise=root.field("centrum", "ondernemingsnummer"),
        establishment=root.field("centrum", "vestigingsnummer"),
    )


def _pupil(root: Node) -> Pupil:
    pupil = root.node("leerling")
    return Pupil(
        insz=root.field("leerling", "rijksregisternummer"),
        family=root.field("leerling", "naam"),
        given=root.field("leerling", "voornaam"),
        gender=root.field("leerling", "geslacht"),
        born=root.field("leerling", "geboortedatum"),
        contacts=tuple(map(_contact, pupil.nodes("contactpersoon"))) if pupil else (),
        school=(*root.fields("leerling", "school"), *root.fields("leerling", "klas")),
    )


def _contact(node: Node) -> Contact:
    return Contact(
        role=node.field("@rol"),
        family=node.field("naam"),
        given=node.field("voornaam"),
        insz=node.field("rijksregisternummer"),
        authority=node.field("ouderlijkGezag"),
        fields=tuple(node.leaves()),
    )


def _trajectory(node: Node) -> Trajectory:
    return Trajectory(
        place=node.path,
        id=node.field("@id"),
        activity=node.field("@kernactiviteit"),
        phases=tuple(
            Phase(code=phase.field("@code"), day=phase.field("datum"))
            for phase in node.nodes("fase")
        ),
        domains=tuple(
            (domain.field("@code"), domain.own) for domain in node.nodes("begeleidingsdomein")
        ),
        hypotheses=tuple(_statements(node, "hypothese", "@status")),
        needs=tuple(_statements(node, "behoefte", "@qualifier")),
        conclusion=node.field("conclusie"),
        asker=node.fields("vraagsteller"),
        school_care=(*node.fields("schooljaar"), *node.fields("zorgfase")),
    )


def _statements(node: Node, name: str, nuance: str) -> Iterator[Statement]:
    for one in node.nodes(name):
        yield Statement(
            classification=one.field("@classificatie"),
            code=one.field("@code"),
            nuance=one.field(nuance),
            text=one.own,
            fields=tuple(one.leaves()),
        )
