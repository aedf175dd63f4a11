"""The content of a CLB transfer in its own spelling."""

from dataclasses import dataclass

from adapters.clb.message import Message, leaves, read_message, unreadable
from adapters.contract import ReadOptions, Unreadable
from adapters.reading.mapping_file import mapping_file
from adapters.reading.node import Field, Node

TRANSFER = mapping_file(
    "clb/transfer",
    places={
        "transfer",
        "to",
        "enrolled",
        "objections",
        "objection.made",
        "by",
        "day",
        "compulsory",
        "contacts",
        "contact.id",
        "attendance",
        "withheld",
    },
    words={"yes", "no"},
)
"""Where a transfer keeps its content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """An objection to the transfer; `answer` is yes, no or None for a word nobody knows."""

    place: str
    made: Field | None
    answer: str | None
    by: Field | None
    day: Field | None
    fields: tuple[Field, ...]

    @property
    def stands(self) -> bool:
        """Whether there is one, or may be one: only a clear no is none."""
        return self.answer != "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One transfer: the compulsory part, and where it goes."""

    to: Field | None
    enrolled: Field | None
    objections: tuple[Objection, ...]
    contacts: tuple[Field, ...]
    attendance: Field | None
    attends: str | None
    compulsory: tuple[Field, ...]
    withheld: tuple[Field, ...]
    fields: tuple[Field, ...]

    @property
    def is_objected(self) -> bool:
        """Whether only the compulsory part may pass."""
        return any(one.stands for one in self.objections)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One message with the transfers of one pupil's file."""

    message: Message
    transfers: tuple[Transfer, ...]


def read(root: Node, _: ReadOptions) -> Export | Unreadable:
    """Document to payload."""
    return unreadable(root) or Export(
        message=read_message(root),
        transfers=tuple(map(_transfer, TRANSFER.nodes(root, "transfer"))),
    )


def _transfer(node: Node) -> Transfer:
    attendance = TRANSFER.field(node, "attendance")
    contacts = (TRANSFER.field(one, "contact.id") for one in TRANSFER.nodes(node, "contacts"))
    return Transfer(
        to=TRANSFER.field(node, "to"),
        enrolled=TRANSFER.field(node, "enrolled"),
        objections=tuple(map(_objection, TRANSFER.nodes(node, "objections"))),
        contacts=tuple(one for one in contacts if one),
        attendance=attendance,
        attends=TRANSFER.meaning(attendance),
        compulsory=leaves(TRANSFER, node, "compulsory"),
        withheld=leaves(TRANSFER, node, "withheld"),
        fields=tuple(node.leaves()),
    )


def _objection(node: Node) -> Objection:
    made = TRANSFER.field(node, "objection.made")
    return Objection(
        place=node.path,
        made=made,
        answer=TRANSFER.meaning(made),
        by=TRANSFER.field(node, "by"),
        day=TRANSFER.field(node, "day"),
        fields=tuple(node.leaves()),
    )
