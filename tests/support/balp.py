"""What the IHE BALP profiles (1.1.4, R4) ask of an AuditEvent, written down by hand as a table.

Read from the profiles at https://profiles.ihe.net/ITI/BALP; slices are told apart by their type.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

DCM = "http://dicom.nema.org/resources/ontology/DCM"
REST = "http://hl7.org/fhir/restful-interaction"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
OBJECT_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
PROFILES = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/"

Code = tuple[str, str]
_REST = ("http://terminology.hl7.org/CodeSystem/audit-event-type", "rest")
_SOURCE, _DESTINATION = (DCM, "110153"), (DCM, "110152")


@dataclass(frozen=True, kw_only=True)
class Slice:
    """One slice of agents or entities."""

    types: frozenset[Code]
    least: int = 0
    most: int = 99
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    asks: bool | None = None
    what: str | None = None
    observer: bool = False
    """Whether it is who recorded the event (val-audit-source)."""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One profile."""

    type: Code
    subtypes: frozenset[Code]
    several_subtypes: bool = False
    action: str
    outcomes: frozenset[str] = frozenset({"0"})
    modifiers: bool = True
    agents: dict[str, Slice]
    entities: dict[str, Slice]
    least: dict[str, int] = field(default_factory=lambda: {"agent": 2, "entity": 1})


def _one(code: Code) -> frozenset[Code]:
    return frozenset({code})


def _agents(client: Code, server: Code, *users: str) -> dict[str, Slice]:
    system = {"least": 1, "most": 1, "has": ("who", "network"), "lacks": ("media",)}
    return {
        "client": Slice(types=_one(client), **system),  # type: ignore[arg-type]
        "server": Slice(types=_one(server), **system),  # type: ignore[arg-type]
        "user": Slice(
            types=frozenset((PARTICIPATION, one) for one in users),
            most=1, has=("who",), lacks=("media", "network"), asks=True,
        ),
    }  # fmt: skip


_PATIENT = Slice(
    types=_one((ENTITY, "1")), least=1, most=1, has=("what", "role"),
    roles=frozenset({"1"}), what="Patient",
)  # fmt: skip
_DATA = Slice(
    types=_one((ENTITY, "2")), least=1, most=1, has=("what", "role"),
    roles=frozenset({"4", "3", "20"}),
)  # fmt: skip
_QUERY = Slice(
    types=_one((ENTITY, "2")), least=1, most=1, has=("query", "role"),
    lacks=("what", "lifecycle", "detail"), roles=frozenset({"24"}),
)  # fmt: skip
_TRANSACTION = Slice(
    types=_one(("https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType",
                "XrequestId")), most=1, has=("what",),
)  # fmt: skip
_TWO = {"agent": 2, "entity": 2}

PROFILE: dict[str, Profile] = {
    "IHE.BasicAudit.PatientRead": Profile(
        type=_REST, action="R", subtypes=frozenset({(REST, "read"), (REST, "vread")}),
        agents=_agents(_DESTINATION, _SOURCE, "IRCP"), least=_TWO,
        entities={"patient": _PATIENT, "data": _DATA, "transaction": _TRANSACTION},
    ),
    "IHE.BasicAudit.PatientQuery": Profile(
        type=_REST, action="E",
        subtypes=frozenset((REST, one) for one in ("search", "search-type", "search-system")),
        agents=_agents(_SOURCE, _DESTINATION, "IRCP"),
        entities={"patient": _PATIENT, "query": _QUERY, "transaction": _TRANSACTION},
    ),
    "IHE.BasicAudit.PatientCreate": Profile(
        type=_REST, action="C", subtypes=_one((REST, "create")),
        agents=_agents(_SOURCE, _DESTINATION, "AUT", "INF", "CST"), least=_TWO,
        entities={"patient": _PATIENT, "data": _DATA, "transaction": _TRANSACTION},
    ),
    "IHE.BasicAudit.PatientUpdate": Profile(
        type=_REST, action="U", subtypes=frozenset({(REST, "update"), (REST, "patch")}),
        agents=_agents(_SOURCE, _DESTINATION, "AUT", "INF", "CST"), least=_TWO,
        entities={"patient": _PATIENT, "data": _DATA, "transaction": _TRANSACTION},
    ),
    "IHE.BasicAudit.PrivacyDisclosure.Source": Profile(
        type=(DCM, "110106"), action="R", outcomes=frozenset({"0", "4", "8", "12"}),
        subtypes=_one(("http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", "disclose")),
        several_subtypes=True, modifiers=False, least=_TWO,
        agents={
            "source": Slice(types=_one(_SOURCE), least=1, most=1, has=("who", "network"),
                            observer=True),
            "recipient": Slice(types=_one(_DESTINATION), least=1, most=1, has=("who", "network")),
        },
        entities={"patient": _PATIENT},
    ),
}  # fmt: skip


def claimed(event: dict[str, Any]) -> list[str]:
    """Return the names of the profiles that an AuditEvent claims."""
    return [one.removeprefix(PROFILES) for one in event.get("meta", {}).get("profile", [])]


def broken(event: dict[str, Any], name: str) -> Iterator[str]:
    """Yield each place where an AuditEvent does not conform to a profile."""
    profile = PROFILE[name]
    subtypes = [one for one in event.get("subtype", []) if _code(one) in profile.subtypes]
    wrong = {
        "type": _code(event.get("type", {})) != profile.type,
        "subtype": not subtypes or (len(subtypes) > 1 and not profile.several_subtypes),
        "action": event.get("action") != profile.action,
        "recorded": not event.get("recorded"),
        "outcome": event.get("outcome") not in profile.outcomes,
        "modifierExtension": not profile.modifiers and "modifierExtension" in event,
    }
    yield from (place for place, found in wrong.items() if found)
    for place, slices in (("agent", profile.agents), ("entity", profile.entities)):
        parts = event.get(place, [])
        if len(parts) < profile.least[place]:
            yield place
        for label, one in slices.items():
            yield from (f"{place}:{label}{what}" for what in _in_slice(event, parts, one))


def _in_slice(event: dict[str, Any], parts: list[dict[str, Any]], one: Slice) -> Iterator[str]:
    found = [part for part in parts if one.types & set(_types(part))]
    if not one.least <= len(found) <= one.most:
        yield ""
    for part in found:
        present = {name.removeprefix("_") for name in part}
        yield from (f".{name}" for name in one.has if name not in present)
        yield from (f".{name}" for name in one.lacks if name in present)
        role = part.get("role", {})
        if one.roles and (role.get("system") != OBJECT_ROLE or role.get("code") not in one.roles):
            yield ".role"
        if one.asks is not None and part.get("requestor") is not one.asks:
            yield ".requestor"
        if one.what and not part.get("what", {}).get("reference", "").startswith(f"{one.what}/"):
            yield ".what"
        if one.observer and part.get("who") != event["source"]["observer"]:
            yield ".who"


def _types(part: dict[str, Any]) -> Iterator[Code]:
    kind = part.get("type", {})
    yield from (_code(one) for one in kind.get("coding", [kind]))


def _code(coding: dict[str, Any]) -> Code:
    return coding.get("system", ""), coding.get("code", "")
