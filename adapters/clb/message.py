"""What every `larsExport` says before its content: the message, the centre and the pupil."""

from collections.abc import Callable
from dataclasses import dataclass

from adapters.contract import Unreadable
from adapters.reading.mapping_file import MappingFile, mapping_file
from adapters.reading.node import Field, Node

MESSAGE = mapping_file(
    "clb/message",
    places={
        "version",
        "kind",
        "message",
        "message.id",
        "message.sequence",
        "message.sent",
        "message.reason",
        "replaced.id",
        "replaced.sequence",
        "centre.name",
        "centre.school_number",
        "centre.enterprise",
        "centre.establishment",
        "pupil",
        "pupil.local",
        "pupil.insz",
        "pupil.family",
        "pupil.given",
        "pupil.gender",
        "pupil.born",
        "pupil.school",
        "pupil.class",
        "pupil.relatives",
        "contacts",
        "contact.role",
        "contact.family",
        "contact.given",
        "contact.insz",
        "contact.authority",
        "deleted",
        "deleted.id",
        "deleted.reason",
        "secrecy",
        "sharing",
    },
    words={
        "root",
        "readable",
        "trajectory",
        "report",
        "transfer",
        "secret",
        "nameless",
    },
)
"""Where a LARS-like message keeps its envelope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A contact person of the pupil."""

    role: Field | None
    family: Field | None
    given: Field | None
    insz: Field | None
    authority: Field | None
    fields: tuple[Field, ...]

    @property
    def is_nameless(self) -> bool:
        """Whether the source says that it does not know the name."""
        return MESSAGE.says(self.family, "nameless")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pupil:
    """The child as the CLB knows it; `local` is LARS's own number for it."""

    place: str
    local: Field | None
    insz: Field | None
    family: Field | None
    given: Field | None
    gender: Field | None
    born: Field | None
    contacts: tuple[Contact, ...]
    relatives: tuple[Field, ...]
    school: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """The CLB itself."""

    name: Field | None
    school_number: Field | None
    enterprise: Field | None
    establishment: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """An earlier message that the source deleted."""

    place: str
    id: Field | None
    reason: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The envelope of one message about one pupil."""

    place: str
    fields: tuple[Field, ...]
    layout: tuple[Field, ...]
    id: Field | None
    sequence: Field | None
    sent: Field | None
    reason: Field | None
    replaced_id: Field | None
    replaced_sequence: Field | None
    centre: Centre
    pupil: Pupil
    deleted: tuple[Deleted, ...]
    secrecy: Field | None
    sharing: Field | None

    @property
    def is_secret(self) -> bool:
        """Whether its level of confidentiality is professional secrecy."""
        return MESSAGE.says(self.secrecy, "secret")


def is_message(kind: str) -> Callable[[Node], bool]:
    """A test of whether a document says it is a message of that kind."""

    def recognises(root: Node) -> bool:
        is_root = root.name in MESSAGE.words["root"]
        return is_root and MESSAGE.says(MESSAGE.field(root, "kind"), kind)

    return recognises


def unreadable(root: Node) -> Unreadable | None:
    """Why a recognised message cannot be read, or None."""
    version = MESSAGE.field(root, "version")
    if not version or not version.text.startswith(tuple(MESSAGE.words["readable"])):
        return _unexpected(f"{root.path}/@versie", "this version is not read; export in 2.4")
    if MESSAGE.node(root, "pupil") is None:
        return _unexpected(root.path, "the message is about no pupil; send one with its pupil")
    return None


def _unexpected(where: str, message: str) -> Unreadable:
    return Unreadable(code="unexpected-document", where=where, message=message, status=422)


def leaves(mapping: MappingFile, node: Node | None, *names: str) -> tuple[Field, ...]:
    """Every leaf at or below these places, seen from a node."""
    found = [place for name in names for place in mapping.nodes(node, name)]
    return tuple(leaf for place in found for leaf in place.leaves())


def read_message(root: Node) -> Message:
    """The envelope of a message in the source's own words."""
    head = MESSAGE.node(root, "message")
    return Message(
        place=head.path if head else root.path,
        fields=tuple(root.leaves()),
        layout=leaves(MESSAGE, root, "version", "kind"),
        id=MESSAGE.field(root, "message.id"),
        sequence=MESSAGE.field(root, "message.sequence"),
        sent=MESSAGE.field(root, "message.sent"),
        reason=MESSAGE.field(root, "message.reason"),
        replaced_id=MESSAGE.field(root, "replaced.id"),
        replaced_sequence=MESSAGE.field(root, "replaced.sequence"),
        centre=_centre(root),
        pupil=_pupil(root),
        deleted=tuple(map(_deleted, MESSAGE.nodes(root, "deleted"))),
        secrecy=MESSAGE.field(root, "secrecy"),
        sharing=MESSAGE.field(root, "sharing"),
    )


def _centre(root: Node) -> Centre:
    return Centre(
        name=MESSAGE.field(root, "centre.name"),
        school_number=MESSAGE.field(root, "centre.school_number"),
        enterprise=MESSAGE.field(root, "centre.enterprise"),
        establishment=MESSAGE.field(root, "centre.establishment"),
    )


def _pupil(root: Node) -> Pupil:
    found = MESSAGE.node(root, "pupil")
    return Pupil(
        place=found.path if found else root.path,
        local=MESSAGE.field(root, "pupil.local"),
        insz=MESSAGE.field(root, "pupil.insz"),
        family=MESSAGE.field(root, "pupil.family"),
        given=MESSAGE.field(root, "pupil.given"),
        gender=MESSAGE.field(root, "pupil.gender"),
        born=MESSAGE.field(root, "pupil.born"),
        contacts=tuple(map(_contact, MESSAGE.nodes(root, "contacts"))),
        relatives=leaves(MESSAGE, root, "pupil.relatives"),
        school=leaves(MESSAGE, root, "pupil.school", "pupil.class"),
    )


def _contact(node: Node) -> Contact:
    return Contact(
        role=MESSAGE.field(node, "contact.role"),
        family=MESSAGE.field(node, "contact.family"),
        given=MESSAGE.field(node, "contact.given"),
        insz=MESSAGE.field(node, "contact.insz"),
        authority=MESSAGE.field(node, "contact.authority"),
        fields=tuple(node.leaves()),
    )


def _deleted(node: Node) -> Deleted:
    return Deleted(
        place=node.path,
        id=MESSAGE.field(node, "deleted.id"),
        reason=MESSAGE.field(node, "deleted.reason"),
    )
