"""The content of an HGD trajectory in its own spelling."""

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.clb.message import Message, leaves, read_message, unreadable
from adapters.contract import ReadOptions, Unreadable
from adapters.reading.mapping_file import mapping_file
from adapters.reading.node import Field, Node

TRAJECTORY = mapping_file(
    "clb/trajectory",
    places={
        "trajectories",
        "id",
        "activity",
        "phases",
        "phase.code",
        "phase.day",
        "domains",
        "code",
        "classification",
        "hypotheses",
        "hypothesis.status",
        "needs",
        "need.qualifier",
        "conclusion",
        "asker",
        "school_year",
        "care_phase",
    },
    words={"first", "research", "icd_10", "dsm_5", "icf"},
)
"""Where a trajectory keeps its content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A coded statement of the trajectory: a hypothesis or a need."""

    place: str
    classification: Field | None
    code: Field | None
    nuance: Field | None
    text: Field | None
    fields: tuple[Field, ...]

    @property
    def system(self) -> str | None:
        """Which classification the code is from, in our own word."""
        return TRAJECTORY.meaning(self.classification)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A phase of the trajectory and its day."""

    code: Field | None
    day: Field | None

    @property
    def meaning(self) -> str | None:
        """Which phase it is, in our own word."""
        return TRAJECTORY.meaning(self.code)


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
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One message with the trajectories of one pupil."""

    message: Message
    trajectories: tuple[Trajectory, ...]


def read(root: Node, _: ReadOptions) -> Export | Unreadable:
    """Document to payload."""
    return unreadable(root) or Export(
        message=read_message(root),
        trajectories=tuple(map(_trajectory, TRAJECTORY.nodes(root, "trajectories"))),
    )


def _trajectory(node: Node) -> Trajectory:
    return Trajectory(
        place=node.path,
        id=TRAJECTORY.field(node, "id"),
        activity=TRAJECTORY.field(node, "activity"),
        phases=tuple(map(_phase, TRAJECTORY.nodes(node, "phases"))),
        domains=tuple(
            (TRAJECTORY.field(domain, "code"), domain.own)
            for domain in TRAJECTORY.nodes(node, "domains")
        ),
        hypotheses=tuple(_statements(node, "hypotheses", "hypothesis.status")),
        needs=tuple(_statements(node, "needs", "need.qualifier")),
        conclusion=TRAJECTORY.field(node, "conclusion"),
        asker=leaves(TRAJECTORY, node, "asker"),
        school_care=leaves(TRAJECTORY, node, "school_year", "care_phase"),
        fields=tuple(node.leaves()),
    )


def _phase(node: Node) -> Phase:
    return Phase(code=TRAJECTORY.field(node, "phase.code"), day=TRAJECTORY.field(node, "phase.day"))


def _statements(node: Node, name: str, nuance: str) -> Iterator[Statement]:
    for one in TRAJECTORY.nodes(node, name):
        yield Statement(
            place=one.path,
            classification=TRAJECTORY.field(one, "classification"),
            code=TRAJECTORY.field(one, "code"),
            nuance=TRAJECTORY.field(one, nuance),
            text=one.own,
            fields=tuple(one.leaves()),
        )
