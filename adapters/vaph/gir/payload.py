"""A delivery of GIR: agreements and day registrations, each added, changed or deleted by id."""

from dataclasses import dataclass

from adapters.contract import ReadOptions, Unreadable
from adapters.reading.mapping_file import mapping_file
from adapters.reading.node import Field, Node

PLACES = mapping_file(
    "vaph/gir",
    places={
        *("agreement.action", "agreement.childcare", "agreement.end", "agreement.form"),
        *("agreement.id", "agreement.insz", "agreement.reason", "agreement.start", "agreements"),
        *("created", "layout", "version"),
        *("provider.enterprise", "provider.name", "provider.recognition"),
        *("registration.action", "registration.agreement", "registration.amount"),
        *("registration.day", "registration.function", "registration.id"),
        *("registration.minutes", "registration.points", "registration.reason"),
        *("registration.unit", "registrations"),
    },
    words={"adds", "changes", "deletes", "this layout", "this version"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """That a provider helps a person, since and until when; the only place with a person."""

    place: str
    number: str
    fields: tuple[Field, ...]
    id: Field | None
    action: Field | None
    insz: Field | None
    start: Field | None
    end: Field | None
    form: Field | None
    childcare: Field | None
    reason: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One day of help under an agreement."""

    place: str
    number: str
    fields: tuple[Field, ...]
    id: Field | None
    action: Field | None
    agreement: Field | None
    day: Field | None
    function: Field | None
    amount: Field | None
    unit: Field | None
    minutes: Field | None
    points: Field | None
    reason: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The whole file."""

    fields: tuple[Field, ...]
    created: Field | None
    provider_name: Field | None
    recognition: Field | None
    enterprise: Field | None
    envelope: tuple[Field | None, ...]
    agreements: tuple[Agreement, ...]
    registrations: tuple[Registration, ...]


def is_gir(root: Node) -> bool:
    """Whether the document names GIR as what wrote it."""
    return PLACES.says(PLACES.field(root, "layout"), "this layout")


def read(root: Node, _: ReadOptions) -> Delivery | Unreadable:
    """Document to payload; one that GIR did not write, or in another version, is refused."""
    if not is_gir(root):
        return _unexpected("$", "the document is no delivery of GIR; send that delivery")
    version = PLACES.field(root, "version")
    if not PLACES.says(version, "this version"):
        return _unexpected(
            version.path if version else "$", "this version is not read; export it in version 1"
        )
    return Delivery(
        fields=tuple(root.leaves()),
        created=PLACES.field(root, "created"),
        provider_name=PLACES.field(root, "provider.name"),
        recognition=PLACES.field(root, "provider.recognition"),
        enterprise=PLACES.field(root, "provider.enterprise"),
        envelope=(PLACES.field(root, "layout"), version),
        agreements=tuple(map(_agreement, _records(root, "agreements"))),
        registrations=tuple(map(_registration, _records(root, "registrations"))),
    )


def _unexpected(where: str, message: str) -> Unreadable:
    return Unreadable(code="unexpected-document", where=where, message=message, status=422)


def _records(root: Node, name: str) -> list[Node]:
    """An empty list is a leaf, and holds no record."""
    return [node for node in PLACES.nodes(root, name) if node.children]


def _agreement(node: Node) -> Agreement:
    def at(name: str) -> Field | None:
        return PLACES.field(node, f"agreement.{name}")

    return Agreement(
        place=node.path,
        number=node.number,
        fields=tuple(node.leaves()),
        id=at("id"),
        action=at("action"),
        insz=at("insz"),
        start=at("start"),
        end=at("end"),
        form=at("form"),
        childcare=at("childcare"),
        reason=at("reason"),
    )


def _registration(node: Node) -> Registration:
    def at(name: str) -> Field | None:
        return PLACES.field(node, f"registration.{name}")

    return Registration(
        place=node.path,
        number=node.number,
        fields=tuple(node.leaves()),
        id=at("id"),
        action=at("action"),
        agreement=at("agreement"),
        day=at("day"),
        function=at("function"),
        amount=at("amount"),
        unit=at("unit"),
        minutes=at("minutes"),
        points=at("points"),
        reason=at("reason"),
    )
