"""Builders for situations in one sentence: what a test does not say is as usual."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from consent.decide import decide
from consent.model import (
    CareRelation,
    Child,
    Consent,
    Decision,
    Facts,
    Person,
    Recipient,
    Record,
    Request,
    Segment,
    SegmentDecision,
    Service,
    ToService,
)
from consent.moments import BRUSSELS

AT = datetime(2026, 3, 2, 10, tzinfo=BRUSSELS)
UNDER_TWELVE = date(2017, 2, 1)
FOURTEEN = date(2011, 6, 1)
PARENTS: dict[str, Person] = {
    "mother": Person(relation="parent", authority="exercised"),
    "father": Person(relation="parent", authority="exercised"),
}
SERVICES: dict[str, Service] = {
    "clb-1": Service(kind="clb"),
    "vaph-1": Service(kind="vaph_facility"),
}
DX = Segment(id="dx", data_class="diagnosis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A question, the facts it is asked in and the instant."""

    request: Request
    facts: Facts
    at: datetime = AT


def a_child(**known: Any) -> Child:
    usual: dict[str, Any] = {"born": UNDER_TWELVE}
    return Child(**usual | known)


def facts(*consents: Consent, **known: Any) -> Facts:
    """Two parents, a diagnosis at a CLB and a VAPH facility that cares for the child."""
    usual: dict[str, Any] = {
        "child": a_child(),
        "people": PARENTS,
        "services": SERVICES,
        "relations": (CareRelation(service="vaph-1"),),
        "record": a_record(DX),
    }
    return Facts(**usual | known, consents=consents)


def a_record(*segments: Segment, **known: Any) -> Record:
    usual: dict[str, Any] = {"source": "clb-1"}
    return Record(**usual | known, segments=segments)


def a_segment(data_class: str, **known: Any) -> Segment:
    usual: dict[str, Any] = {"id": data_class}
    return Segment(**usual | known, data_class=data_class)


def grant(by: str = "mother", *classes: str, **known: Any) -> Consent:
    """A grant of the diagnosis to the VAPH facility for care, this year."""
    usual: dict[str, Any] = {
        "id": f"grant-{by}",
        "effect": "grant",
        "classes": frozenset(classes or ("diagnosis",)),
        "purpose": "care",
        "to": None if "to_person" in known else frozenset({"vaph-1"}),
        "since": date(2026, 1, 1),
        "until": date(2026, 12, 31),
    }
    return Consent(**usual | known, by=by)


def granted_by_both(*classes: str, **known: Any) -> tuple[Consent, Consent]:
    return grant("mother", *classes, **known), grant("father", *classes, **known)


def refusal(by: str = "mother", **known: Any) -> Consent:
    """A refusal of everything to everybody, from the tenth of January."""
    usual: dict[str, Any] = {"id": f"no-{by}", "effect": "refuse", "since": date(2026, 1, 10)}
    return Consent(**usual | known, by=by)


def ask(to: Recipient | None = None, **known: Any) -> Request:
    usual: dict[str, Any] = {"purpose": "care"}
    return Request(**usual | known, to=to or ToService("vaph-1"))


def decided(known: Facts, request: Request | None = None, at: datetime = AT) -> Decision:
    return decide(request or ask(), known, at=at)


def the_segment(
    known: Facts, request: Request | None = None, at: datetime = AT, name: str = "dx"
) -> SegmentDecision:
    return decided(known, request, at).segments[name]


def rule_for(
    known: Facts, request: Request | None = None, at: datetime = AT, name: str = "dx"
) -> str:
    return the_segment(known, request, at, name).rule


REACH = {"withhold": 0, "hold": 0, "extract": 1, "permit": 2}


def reach(situation: Situation) -> dict[str, int]:
    """How far each segment goes: nowhere, as an extract, whole."""
    decision = decide(situation.request, situation.facts, at=situation.at)
    return {name: REACH[part.effect] for name, part in decision.segments.items()}


def goes(situation: Situation) -> frozenset[str]:
    """The segments of which anything goes."""
    return frozenset(name for name, how_far in reach(situation).items() if how_far)
