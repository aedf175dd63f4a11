"""Reads a scenario file, strictly, into the engine's shapes, and compares what it expects."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from consent.model import (
    Actor,
    CareRelation,
    Child,
    Consent,
    Decision,
    Facts,
    Ground,
    Moment,
    Person,
    Protocol,
    Recipient,
    Record,
    Request,
    Segment,
    Service,
    ToActor,
    ToPerson,
    ToService,
)
from consent.vocabulary import (
    AUTHORITIES,
    CAPACITIES,
    CONSENT_EFFECTS,
    DATA_CLASSES,
    FLAGS,
    GROUNDS,
    KINDS,
    PURPOSES,
    RELATIONS,
    REQUEST_KINDS,
    ROLES,
    SECRECIES,
)

FOLDER = Path(__file__).parent / "scenario_files"
Node: TypeAlias = Mapping[str, Any]


class ScenarioError(Exception):
    """A scenario file says something the format does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a scenario expects; what it leaves out is not compared."""

    outcome: str
    segments: Mapping[str, str] = field(default_factory=dict[str, str])
    rules: Mapping[str, str] = field(default_factory=dict[str, str])
    obligations: frozenset[str] = frozenset()
    silent: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One situation a lawyer can read and check."""

    name: str
    title: str
    at: datetime
    facts: Facts
    request: Request
    expect: Expectation


def differences(expect: Expectation, decision: Decision) -> list[str]:
    """Everything a decision does otherwise than the scenario expects."""
    found = []
    if decision.outcome != expect.outcome:
        found.append(f"outcome is {decision.outcome}, not {expect.outcome}")
    for name, effect in expect.segments.items():
        if decision.segments[name].effect != effect:
            found.append(f"{name} is {decision.segments[name].effect}, not {effect}")
    for name, rule in expect.rules.items():
        if decision.segments[name].rule != rule:
            found.append(f"{name} fell to {decision.segments[name].rule}, not {rule}")
    if missing := expect.obligations - decision.obligations:
        found.append(f"obligations {sorted(missing)} are missing")
    if expect.silent is not None and decision.silent is not expect.silent:
        found.append(f"silent is {decision.silent}")
    return found


def load_folder(folder: Path = FOLDER) -> list[Scenario]:
    """Every scenario of a folder, by name."""
    return [load_scenario(path) for path in sorted(folder.glob("*.yaml"))]


def load_scenario(path: Path) -> Scenario:
    """Read one scenario file; an unknown key or word is an error that names file and place."""
    try:
        return _scenario(yaml.load(path.read_text("utf-8"), _Strict), path)
    except (ValueError, TypeError, yaml.YAMLError) as problem:
        raise ScenarioError(f"{path.name}: {problem}") from problem


class _Strict(yaml.SafeLoader):
    """A repeated key would silently drop the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise ValueError(f"key `{key}` stands twice, line {node.start_mark.line + 1}")
        return super().construct_mapping(node, deep)


def _keys(node: Any, place: str, required: str, optional: str = "") -> Node:
    if not isinstance(node, Mapping):
        raise TypeError(f"`{place}` must hold keys and values")
    known = {*required.split(), *optional.split()}
    for key in node:
        if key not in known:
            raise ValueError(f"unknown key `{key}` in `{place}`")
    for key in required.split():
        if key not in node:
            raise ValueError(f"key `{key}` is missing in `{place}`")
    return node


def _word(node: Node, key: str, words: Any, place: str, default: str = "") -> str:
    value = node.get(key, default)
    if value not in words:
        raise ValueError(f"unknown word `{value}` for `{key}` in `{place}`")
    return str(value)


def _moment(value: Any, place: str) -> Moment | None:
    if value is None or isinstance(value, date):
        return value
    return _instant(value, place)


def _instant(value: Any, place: str) -> datetime:
    instant = datetime.fromisoformat(str(value))
    if instant.tzinfo is None:
        raise ValueError(f"`{place}` needs a time zone")
    return instant


def _any(value: Any) -> frozenset[str] | None:
    """A list, one word, or any (also when left out)."""
    if value is None or value == "any":
        return None
    return frozenset([value] if isinstance(value, str) else value)


def _named(node: Any, place: str, build: Callable[[Any, str], Any]) -> dict[str, Any]:
    return {str(name): build(value, f"{place}.{name}") for name, value in (node or {}).items()}


def _listed(node: Any, place: str, build: Callable[[Any, str], Any]) -> tuple[Any, ...]:
    return tuple(build(value, f"{place}[{index}]") for index, value in enumerate(node or ()))


def _scenario(document: Any, path: Path) -> Scenario:
    root = _keys(
        document,
        "scenario",
        "scenario title at child record request expect",
        "people services actors relations protocols consents",
    )
    if root["scenario"] != path.stem:
        raise ValueError(f"`scenario` must equal the file's name, not `{root['scenario']}`")
    return Scenario(
        name=root["scenario"],
        title=root["title"],
        at=_instant(root["at"], "at"),
        facts=_facts(root),
        request=_request(root["request"], "request"),
        expect=_expectation(root["expect"], "expect"),
    )


def _facts(root: Node) -> Facts:
    covered = root.get("protocols", "covered") == "covered"
    return Facts(
        child=_child(root["child"], "child"),
        people=_named(root.get("people"), "people", _person),
        services=_named(root.get("services"), "services", _service),
        actors=_named(root.get("actors"), "actors", _actor),
        relations=_listed(root.get("relations"), "relations", _relation),
        protocols=None if covered else _listed(root["protocols"], "protocols", _protocol),
        consents=_listed(root.get("consents"), "consents", _consent),
        record=_record(root["record"], "record"),
    )


def _child(value: Any, place: str) -> Child:
    node = _keys(value, place, "born", "capacity capacity_motivated capacity_contested flags")
    flags = frozenset(node.get("flags", ()))
    if flags - FLAGS:
        raise ValueError(f"unknown word in `{place}.flags`")
    return Child(
        born=node["born"],
        capacity=_word(node, "capacity", CAPACITIES, place, "presumed"),
        capacity_motivated=node.get("capacity_motivated", True),
        capacity_contested=node.get("capacity_contested", False),
        flags=flags,
    )


def _person(value: Any, place: str) -> Person:
    node = _keys(value, place, "relation", "authority disagrees")
    return Person(
        relation=_word(node, "relation", RELATIONS, place),
        authority=_word(node, "authority", AUTHORITIES, place, "none"),
        disagrees=node.get("disagrees", False),
    )


def _service(value: Any, place: str) -> Service:
    node = _keys(value, place, "kind", "secrecy youth_help status national_number")
    status, merged_into = node.get("status", "active"), None
    if isinstance(status, Mapping):
        status, merged_into = "merged", _keys(status, place, "merged_into")["merged_into"]
    elif status not in {"active", "suspended", "closed"}:
        raise ValueError(f"unknown word `{status}` for `status` in `{place}`")
    return Service(
        kind=_word(node, "kind", KINDS, place),
        secrecy=_word(node, "secrecy", SECRECIES, place) if "secrecy" in node else None,
        youth_help=node.get("youth_help"),
        status=status,
        merged_into=merged_into,
        national_number=node.get("national_number"),
    )


def _actor(value: Any, place: str) -> Actor:
    node = _keys(value, place, "service role", "identity")
    return Actor(
        service=node["service"],
        role=_word(node, "role", ROLES, place),
        identity=_word(node, "identity", {"strong", "weak"}, place, "strong"),
    )


def _relation(value: Any, place: str) -> CareRelation:
    node = _keys(value, place, "service", "from until team actors")
    return CareRelation(
        service=node["service"],
        since=_moment(node.get("from"), place),
        until=_moment(node.get("until"), place),
        team=node.get("team"),
        actors=frozenset(node["actors"]) if "actors" in node else None,
    )


def _protocol(value: Any, place: str) -> Protocol:
    node = _keys(value, place, "from to", "until")
    until = _moment(node.get("until"), place)
    return Protocol(from_service=node["from"], to_service=node["to"], until=until)


def _consent(value: Any, place: str) -> Consent:
    node = _keys(
        value,
        place,
        "by effect",
        "classes purpose from_services to to_person to_person_at since until withdrawn"
        " text_changed",
    )
    if "to" in node and "to_person" in node:
        raise ValueError(f"`to` and `to_person` exclude each other in `{place}`")
    classes = _any(node.get("classes"))
    if classes and classes - DATA_CLASSES:
        raise ValueError(f"unknown word in `{place}.classes`")
    purpose = _word(node, "purpose", PURPOSES | {"any"}, place, "any")
    withdrawn = node.get("withdrawn")
    return Consent(
        id=place,
        by=node["by"],
        effect=_word(node, "effect", CONSENT_EFFECTS, place),
        classes=classes,
        purpose=None if purpose == "any" else purpose,
        from_services=_any(node.get("from_services")),
        to=_any(node.get("to")),
        to_person=node.get("to_person"),
        to_person_at=node.get("to_person_at"),
        since=_moment(node.get("since"), place),
        until=_moment(node.get("until"), place),
        withdrawn=None if withdrawn is None else _instant(withdrawn, place),
        text_changed=node.get("text_changed", False),
    )


def _record(value: Any, place: str) -> Record:
    node = _keys(value, place, "source segments", "unsplittable source_veto")
    return Record(
        source=node["source"],
        segments=_listed(node["segments"], f"{place}.segments", _segment),
        unsplittable=node.get("unsplittable", False),
        source_veto=node.get("source_veto", False),
    )


def _segment(value: Any, place: str) -> Segment:
    node = _keys(value, place, "id class", "about given_by reporter reveals_place compulsory")
    return Segment(
        id=node["id"],
        data_class=_word(node, "class", DATA_CLASSES, place),
        about=frozenset(node.get("about", ["child"])),
        given_by=node.get("given_by"),
        reporter=node.get("reporter", False),
        reveals_place=node.get("reveals_place", False),
        compulsory=node.get("compulsory", False),
    )


def _request(value: Any, place: str) -> Request:
    node = _keys(value, place, "to purpose", "kind classes ground")
    classes = node.get("classes")
    return Request(
        to=_recipient(node["to"], f"{place}.to"),
        purpose=_word(node, "purpose", PURPOSES, place),
        kind=_word(node, "kind", REQUEST_KINDS, place, "routed"),
        classes=None if classes is None else frozenset(classes),
        ground=_ground(node["ground"], f"{place}.ground") if "ground" in node else None,
    )


def _recipient(value: Any, place: str) -> Recipient:
    match _keys(value, place, "", "actor service person"):
        case {"actor": actor}:
            return ToActor(actor)
        case {"service": service}:
            return ToService(service)
        case {"person": person}:
            return ToPerson(person)
        case _:
            raise ValueError(f"`{place}` names nobody")


_GROUND_KEYS = {
    "team": "team",
    "statutory": "validated classes",
    "court_order": "validated classes",
    "clb_transfer": "notified_on waived due_from",
    "necessity": "invoked_by record",
    "concern_report": "invoked_by record",
    "case_conference": "valid participants",
    "unanswered": "invoked_by record attempts answer",
    "vital_emergency": "record",
    "article_458bis": "",
}


def _ground(value: Any, place: str) -> Ground:
    kind = _word(value, "kind", GROUNDS, place)
    node = _keys(value, place, "kind", _GROUND_KEYS[kind])
    return Ground(
        kind=kind,
        team=node.get("team"),
        validated=node.get("validated", False),
        classes=frozenset(node.get("classes", ())),
        notified_on=_moment(node.get("notified_on"), place),
        waived=node.get("waived", False),
        due_from=_moment(node.get("due_from"), place),
        invoked_by=node.get("invoked_by"),
        record=_word(node, "record", {"complete", "incomplete"}, place, "incomplete"),
        valid=node.get("valid", False),
        participants=frozenset(node.get("participants", ())),
        attempts=tuple(node.get("attempts", ())),
        answer=_word(node, "answer", {"none", "refused"}, place, "none"),
    )


def _expectation(value: Any, place: str) -> Expectation:
    node = _keys(value, place, "outcome", "segments rules obligations silent")
    return Expectation(
        outcome=node["outcome"],
        segments=node.get("segments", {}),
        rules=node.get("rules", {}),
        obligations=frozenset(node.get("obligations", ())),
        silent=node.get("silent"),
    )
