"""Decisions about the care allowance in a payer's own words."""

from dataclasses import dataclass
from typing import Final

from adapters.contract import ReadOptions, Unreadable
from adapters.reading.mapping_file import mapping_file
from adapters.reading.node import Field, Node

_CHILD: Final = ("child.insz", "child.family", "child.given", "child.born", "child.gender")
_DECISION: Final = (
    *("number", "version", "action", "requested", "start", "end"),
    *("amount", "points", "paid.to", "remark"),
)
_MESSAGE: Final = ("kind", "layout", "message", "sent", "payer.name", "payer.enterprise")

# What stands where is data: a real layout changes the file, and no code.
PLACES = mapping_file(
    "groeipakket/care-allowance",
    places={*_MESSAGE, "decisions", *_DECISION, *_CHILD},
    words={"care allowance", "granted", "refused", "withdrawn"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision on one request, at one version; `left_out` is never shared."""

    place: str
    position: str
    number: Field | None
    version: Field | None
    action: Field | None
    insz: Field | None
    family: Field | None
    given: Field | None
    born: Field | None
    gender: Field | None
    start: Field | None
    end: Field | None
    left_out: tuple[Field, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a payer."""

    fields: tuple[Field, ...]
    kind: Field | None
    layout: Field | None
    id: Field | None
    sent: Field | None
    payer: Field | None
    enterprise: Field | None
    decisions: tuple[Decision, ...]


def is_message(root: Node) -> bool:
    """Whether the document says it is about the care allowance."""
    return PLACES.says(PLACES.field(root, "kind"), "care allowance")


def read(root: Node, _: ReadOptions) -> Message | Unreadable:
    """Document to payload; another message of the payer is refused by what it says it is."""
    if not is_message(root):
        return Unreadable(
            code="unexpected-document",
            where=root.path,
            message="this is no message about the care allowance; send such a message",
            status=422,
        )
    return Message(
        fields=tuple(root.leaves()),
        kind=PLACES.field(root, "kind"),
        layout=PLACES.field(root, "layout"),
        id=PLACES.field(root, "message"),
        sent=PLACES.field(root, "sent"),
        payer=PLACES.field(root, "payer.name"),
        enterprise=PLACES.field(root, "payer.enterprise"),
        decisions=tuple(map(_decision, PLACES.nodes(root, "decisions"))),
    )


def _decision(node: Node) -> Decision:
    left_out = ("requested", "amount", "points", "paid.to", "remark")
    return Decision(
        place=node.path,
        position=node.number,
        number=PLACES.field(node, "number"),
        version=PLACES.field(node, "version"),
        action=PLACES.field(node, "action"),
        insz=PLACES.field(node, "child.insz"),
        family=PLACES.field(node, "child.family"),
        given=PLACES.field(node, "child.given"),
        born=PLACES.field(node, "child.born"),
        gender=PLACES.field(node, "child.gender"),
        start=PLACES.field(node, "start"),
        end=PLACES.field(node, "end"),
        left_out=tuple(
            leaf
            for name in left_out
            if (found := PLACES.node(node, name))
            for leaf in found.leaves()
        ),
        fields=tuple(node.leaves()),
    )
