"""The answer of the KSZ about a recognition, in the element names of its public XSD (HandiV2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from adapters.contract import ReadOptions, Unreadable
from adapters.reading.node import Field, Node

ROOTS: Final = ("consultFilesByDateResponse", "consultFilesByPeriodResponse")
PILLARS: Final = ("pillar1", "pillar2", "pillar3")
_ENVELOPE: Final = (
    "informationCustomer",
    "legalContext",
    "criteria",
    "dataFilters",
    "status",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """One decision: its dates, its points and whether it stands."""

    fields: tuple[Field, ...]
    decided: Field | None
    start: Field | None
    end: Field | None
    state: Field | None
    pillars: tuple[tuple[str, Field | None], ...]
    total: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is known of one person; `course` tells how a request went, `appeal` if it is fought."""

    fields: tuple[Field, ...]
    ssin: Field | None
    cancelled: Field | None
    replaced_by: Field | None
    answered: Field | None
    envelope: tuple[Field, ...]
    course: tuple[Field, ...]
    appeals: tuple[Field, ...]
    recognitions: tuple[Recognition, ...]


def is_answer(root: Node) -> bool:
    """Whether the document is an answer about files, seen from its root."""
    return root.name in ROOTS


def read(root: Node, _: ReadOptions) -> Answer | Unreadable:
    """Document to payload."""
    if not is_answer(root):
        return Unreadable(
            code="unexpected-document",
            where="/",
            message=f"the document is no answer of HandiService; its root must be {ROOTS[0]}",
            status=422,
        )
    results = list(_results(root))
    return Answer(
        fields=tuple(root.leaves()),
        ssin=root.field("ssin"),
        cancelled=root.field("ssin", "@canceled"),
        replaced_by=root.field("ssin", "@replacedBy"),
        answered=root.field("informationCBSS", "timestampReply"),
        envelope=tuple(_below([root], *_ENVELOPE)) + tuple(_below(results, "status")),
        course=tuple(_below(_files(results), "evolutionOfRequest")),
        appeals=tuple(_appeals(results)),
        recognitions=tuple(
            _recognition(one)
            for file in _files(results)
            for every in file.nodes("handicapRecognitions")
            for one in every.nodes("handicapRecognition")
        ),
    )


def _results(root: Node) -> Iterator[Node]:
    for results in root.nodes("results"):
        yield from results.nodes("kindEnGezinResult")


def _files(results: list[Node]) -> list[Node]:
    return [file for result in results for file in result.nodes("file")]


def _below(nodes: list[Node], *names: str) -> Iterator[Field]:
    for node in nodes:
        for name in names:
            for found in node.nodes(name):
                yield from found.leaves()


def _appeals(results: list[Node]) -> Iterator[Field]:
    for file in _files(results):
        for request in file.nodes("evolutionOfRequest"):
            if appeal := request.field("appeal"):
                yield appeal


def _recognition(node: Node) -> Recognition:
    points = ("resultRecognitionChild", "pillars")
    return Recognition(
        fields=tuple(node.leaves()),
        decided=node.field("recognitionStatus", "dateOfDecision"),
        start=node.field("recognitionStatus", "startDateRecognition"),
        end=node.field("recognitionStatus", "endDateRecognition"),
        state=node.field("decisionStatus"),
        pillars=tuple((name, node.field(*points, name)) for name in PILLARS),
        total=node.field(*points, "pillarsTotal"),
    )
