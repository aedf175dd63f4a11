"""The report on a young child in its own spelling, alone or inside a correction."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from adapters.contract import ReadOptions, Unreadable
from adapters.reading.mapping_file import mapping_file
from adapters.reading.node import Field, Node

REPORT: Final = mapping_file(
    "childcare/child_report",
    places={
        "type",
        "id",
        "version",
        "created",
        "author",
        "child",
        "child.local",
        "child.insz",
        "child.family",
        "child.given",
        "child.born",
        "child.gender",
        "child.multiple",
        "mother",
        "mother.family",
        "mother.given",
        "mother.insz",
        "gestation",
        "cmv",
        "hearing",
        "hearing.day",
        "hearing.ear",
        "hearing.result",
        "growth",
        "growth.day",
        "growth.weight",
        "growth.length",
        "growth.head",
        "conclusion",
        "needs",
    },
    words={"unnamed", "yes", "no", "not.known"},
)
_REQUIRED: Final = ("id", "child")


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """The child; `local` is the agency's own number, known before any other."""

    local: Field | None
    insz: Field | None
    family: Field | None
    given: Field | None
    born: Field | None
    gender: Field | None
    multiple: Field | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mother:
    """The mother, by whom a newborn is recognised."""

    family: Field | None
    given: Field | None
    insz: Field | None
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HearingTest:
    """One ear on one day."""

    day: Field | None
    ear: Field | None
    result: Field | None
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What was measured on one day, by our own names."""

    day: Field | None
    values: tuple[tuple[str, Field | None], ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One version of one report."""

    fields: tuple[Field, ...]
    place: str
    type: Field | None
    id: Field | None
    version: Field | None
    created: Field | None
    author: Field | None
    child: Child
    mother: Mother | None
    gestation: Field | None
    cmv: Field | None
    hearing: tuple[HearingTest, ...]
    growth: tuple[Growth, ...]
    conclusion: Field | None
    needs: tuple[Field, ...]


def is_report(root: Node) -> bool:
    """Whether the document has the number of a report."""
    return REPORT.node(root, "id") is not None


def read(root: Node, _: ReadOptions) -> Report | Unreadable:
    """Document to payload; one that is no report is refused by what it lacks."""
    missing = [REPORT.places[name][0] for name in _REQUIRED if REPORT.node(root, name) is None]
    if missing:
        return Unreadable(
            code="unexpected-document",
            where="$",
            message=f"the document is no child report (missing: {', '.join(missing)}); "
            "send the report itself",
            status=422,
        )
    return report_at(root)


def report_at(node: Node) -> Report:
    """The report that stands at a node."""
    return Report(
        fields=tuple(node.leaves()),
        place=node.path,
        type=REPORT.field(node, "type"),
        id=REPORT.field(node, "id"),
        version=REPORT.field(node, "version"),
        created=REPORT.field(node, "created"),
        author=REPORT.field(node, "author"),
        child=_child(node),
        mother=_mother(node),
        gestation=REPORT.field(node, "gestation"),
        cmv=REPORT.field(node, "cmv"),
        hearing=tuple(_hearing(node)),
        growth=tuple(_growth(node)),
        conclusion=REPORT.field(node, "conclusion"),
        needs=tuple(one.own for one in REPORT.nodes(node, "needs") if one.own),
    )


def _child(node: Node) -> Child:
    return Child(
        local=REPORT.field(node, "child.local"),
        insz=REPORT.field(node, "child.insz"),
        family=REPORT.field(node, "child.family"),
        given=REPORT.field(node, "child.given"),
        born=REPORT.field(node, "child.born"),
        gender=REPORT.field(node, "child.gender"),
        multiple=REPORT.field(node, "child.multiple"),
    )


def _mother(node: Node) -> Mother | None:
    here = REPORT.node(node, "mother")
    if here is None or not here.children:
        return None
    return Mother(
        family=REPORT.field(node, "mother.family"),
        given=REPORT.field(node, "mother.given"),
        insz=REPORT.field(node, "mother.insz"),
        fields=tuple(here.leaves()),
    )


def _hearing(node: Node) -> Iterator[HearingTest]:
    for one in REPORT.nodes(node, "hearing"):
        yield HearingTest(
            day=REPORT.field(one, "hearing.day"),
            ear=REPORT.field(one, "hearing.ear"),
            result=REPORT.field(one, "hearing.result"),
            fields=tuple(one.leaves()),
        )


def _growth(node: Node) -> Iterator[Growth]:
    for one in REPORT.nodes(node, "growth"):
        yield Growth(
            day=REPORT.field(one, "growth.day"),
            values=tuple(
                (name, REPORT.field(one, f"growth.{name}")) for name in ("weight", "length", "head")
            ),
            fields=tuple(one.leaves()),
        )
