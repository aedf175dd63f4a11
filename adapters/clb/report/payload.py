"""The content of a CLB report in its own spelling."""

from dataclasses import dataclass

from adapters.clb.message import Message, read_message, unreadable
from adapters.clb.wishes import Wish
from adapters.contract import ReadOptions, Unreadable
from adapters.reading.mapping_file import mapping_file
from adapters.reading.node import Field, Node

REPORT = mapping_file(
    "clb/report",
    places={
        "reports",
        "type",
        "id",
        "drawn_up",
        "starts",
        "ends",
        "education.type",
        "education.form",
        "diagnoses",
        "undone",
        "undone.sequence",
        "code",
        "classification",
        "origin",
        "day",
        "signatures",
        "by",
        "capacity.able",
        "capacity.reason",
        "wishes",
        "wish.purpose",
        "wish.answer",
    },
    words={"yes", "no", "icd_10", "dsm_5"},
)
"""Where a report keeps its content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """A diagnosis a report names or takes back; `origin` is whose it is, `sequence` in which."""

    place: str
    classification: Field | None
    code: Field | None
    origin: Field | None
    day: Field | None
    sequence: Field | None
    text: Field | None
    fields: tuple[Field, ...]

    @property
    def system(self) -> str | None:
        """Which classification the code is from, in our own word."""
        return REPORT.meaning(self.classification)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signed, and when."""

    by: Field | None
    day: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """Whether the source thinks that the pupil can decide; `answer` is yes, no or None."""

    able: Field | None
    reason: Field | None

    @property
    def is_presumed(self) -> bool:
        """Whether nothing out of the ordinary is said."""
        return self.able is None or not self.able.text or REPORT.says(self.able, "yes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report."""

    place: str
    type: Field | None
    id: Field | None
    drawn_up: Field | None
    starts: Field | None
    ends: Field | None
    education_type: Field | None
    education_form: Field | None
    diagnoses: tuple[Diagnosis, ...]
    undone: tuple[Diagnosis, ...]
    signatures: tuple[Signature, ...]
    capacity: Capacity
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One message with the reports of one pupil and what was wished about sharing them."""

    message: Message
    reports: tuple[Report, ...]
    wishes: tuple[Wish, ...]


def read(root: Node, _: ReadOptions) -> Export | Unreadable:
    """Document to payload."""
    return unreadable(root) or Export(
        message=read_message(root),
        reports=tuple(map(_report, REPORT.nodes(root, "reports"))),
        wishes=tuple(map(_wish, REPORT.nodes(root, "wishes"))),
    )


def _report(node: Node) -> Report:
    return Report(
        place=node.path,
        type=REPORT.field(node, "type"),
        id=REPORT.field(node, "id"),
        drawn_up=REPORT.field(node, "drawn_up"),
        starts=REPORT.field(node, "starts"),
        ends=REPORT.field(node, "ends"),
        education_type=REPORT.field(node, "education.type"),
        education_form=REPORT.field(node, "education.form"),
        diagnoses=tuple(map(_diagnosis, REPORT.nodes(node, "diagnoses"))),
        undone=tuple(map(_diagnosis, REPORT.nodes(node, "undone"))),
        signatures=tuple(map(_signature, REPORT.nodes(node, "signatures"))),
        capacity=Capacity(
            able=REPORT.field(node, "capacity.able"), reason=REPORT.field(node, "capacity.reason")
        ),
        fields=tuple(node.leaves()),
    )


def _diagnosis(node: Node) -> Diagnosis:
    return Diagnosis(
        place=node.path,
        classification=REPORT.field(node, "classification"),
        code=REPORT.field(node, "code"),
        origin=REPORT.field(node, "origin"),
        day=REPORT.field(node, "day"),
        sequence=REPORT.field(node, "undone.sequence"),
        text=node.own,
        fields=tuple(node.leaves()),
    )


def _signature(node: Node) -> Signature:
    return Signature(by=REPORT.field(node, "by"), day=REPORT.field(node, "day"))


def _wish(node: Node) -> Wish:
    answer = REPORT.field(node, "wish.answer")
    return Wish(
        place=node.path,
        purpose=REPORT.field(node, "wish.purpose"),
        by=REPORT.field(node, "by"),
        answer=answer,
        says=REPORT.meaning(answer),
        day=REPORT.field(node, "day"),
        text=node.own,
        fields=tuple(node.leaves()),
    )
