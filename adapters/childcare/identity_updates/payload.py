"""Messages of the agency about numbers and reports, each of one sort, in one document."""

from dataclasses import dataclass
from typing import Final

from adapters.childcare.child_report.payload import Report, report_at
from adapters.contract import ReadOptions, Unreadable
from adapters.reading.mapping_file import mapping_file
from adapters.reading.node import Field, Node

UPDATES: Final = mapping_file(
    "childcare/identity_updates",
    places={
        "messages",
        "id",
        "kind",
        "moment",
        "local",
        "old",
        "new",
        "family",
        "given",
        "born",
        "replaces.id",
        "replaces.version",
        "report",
        "withdrawn.id",
        "withdrawn.reason",
    },
    words={"assigned", "replaced", "cancelled", "corrected", "withdrawn"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message; which fields are filled depends on its sort."""

    fields: tuple[Field, ...]
    place: str
    number: str
    id: Field | None
    kind: Field | None
    moment: Field | None
    local: Field | None
    old: Field | None
    new: Field | None
    family: Field | None
    given: Field | None
    born: Field | None
    replaces_id: Field | None
    replaces_version: Field | None
    report: Report | None
    withdrawn: Field | None
    reason: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Updates:
    """All messages, in the order of the document."""

    fields: tuple[Field, ...]
    messages: tuple[Message, ...]


def is_updates(root: Node) -> bool:
    """Whether the document is a list of messages."""
    return UPDATES.node(root, "messages") is not None


def read(root: Node, _: ReadOptions) -> Updates | Unreadable:
    """Document to payload."""
    return Updates(
        fields=tuple(root.leaves()),
        messages=tuple(_message(node) for node in UPDATES.nodes(root, "messages")),
    )


def _message(node: Node) -> Message:
    inside = UPDATES.node(node, "report")
    return Message(
        fields=tuple(node.leaves()),
        place=node.path,
        number=node.number,
        id=UPDATES.field(node, "id"),
        kind=UPDATES.field(node, "kind"),
        moment=UPDATES.field(node, "moment"),
        local=UPDATES.field(node, "local"),
        old=UPDATES.field(node, "old"),
        new=UPDATES.field(node, "new"),
        family=UPDATES.field(node, "family"),
        given=UPDATES.field(node, "given"),
        born=UPDATES.field(node, "born"),
        replaces_id=UPDATES.field(node, "replaces.id"),
        replaces_version=UPDATES.field(node, "replaces.version"),
        report=report_at(inside) if inside else None,
        withdrawn=UPDATES.field(node, "withdrawn.id"),
        reason=UPDATES.field(node, "withdrawn.reason"),
    )
