"""The message that a dossier is struck, in its own words."""

from dataclasses import dataclass

from adapters.contract import ReadOptions, Unreadable
from adapters.reading.mapping_file import mapping_file
from adapters.reading.node import Field, Node

PLACES = mapping_file(
    "vaph/strike_off",
    places={
        *("dossier", "effect", "insz", "kind", "message", "reason", "reason code", "sent"),
        *("since", "version"),
    },
    words={"a strike-off", "the root", "this version"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StrikeOff:
    """Whose dossier is struck, and when that was said."""

    place: str
    fields: tuple[Field, ...]
    insz: Field | None
    dossier: Field | None
    sent: Field | None
    since: Field | None
    message: Field | None
    kind: tuple[Field | None, ...]
    reason_code: Field | None
    words: tuple[Field | None, ...]


def is_strike_off(root: Node) -> bool:
    """Whether the document is a message of this kind."""
    return root.name in PLACES.words["the root"]


def read(root: Node, _: ReadOptions) -> StrikeOff | Unreadable:
    """Document to payload; a message of another kind or version is refused."""

    def at(name: str) -> Field | None:
        return PLACES.field(root, name)

    if not is_strike_off(root) or not PLACES.says(at("kind"), "a strike-off"):
        return _unexpected("the message strikes no dossier; send the message that does")
    if not PLACES.says(at("version"), "this version"):
        return _unexpected("this version of the message is not read; send version 0.1")
    return StrikeOff(
        place=root.path,
        fields=tuple(root.leaves()),
        insz=at("insz"),
        dossier=at("dossier"),
        sent=at("sent"),
        since=at("since"),
        message=at("message"),
        kind=(at("kind"), at("version")),
        reason_code=at("reason code"),
        words=(at("reason"), at("effect")),
    )


def _unexpected(message: str) -> Unreadable:
    return Unreadable(code="unexpected-document", where="/", message=message, status=422)
