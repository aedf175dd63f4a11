"""One line of the access log as a FHIR R4 AuditEvent, in the patterns of IHE BALP.

A line is given as its reader may see it: ids are the reader's own names, and what is left out here
does not come back. What a profile requires and the log does not keep has a `data-absent-reason`.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from adapters.systems import BASE, DATA_CLASS, PURPOSE
from consent.vocabulary import PURPOSES
from gateway.fhir.audit_event_acts import ACT, BALP, Code, Pattern, pattern_of
from gateway.transparency.tree import leaf_hash

Element: TypeAlias = dict[str, Any]

OUTCOME: Final = "http://terminology.hl7.org/CodeSystem/audit-event-outcome"
ENTITY: Final = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
OBJECT_ROLE: Final = "http://terminology.hl7.org/CodeSystem/object-role"
RESOURCE: Final = "http://hl7.org/fhir/resource-types"
ABSENT: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
PERSON: Final = f"{BASE}/sid/person"
AUDITOR: Final = f"{BASE}/sid/auditor"
LINE: Final = f"{BASE}/sid/access-log-line"
EMERGENCY_ACT: Final = "emergency_access"

SUCCESS: Final = "0"
OUTCOMES: Final = MappingProxyType(
    {
        **dict.fromkeys(("permit", "redact", "extract", "done"), SUCCESS),
        **dict.fromkeys(("erased", "kept_by_law", "nothing_held"), SUCCESS),
        **dict.fromkeys(("refused", "hold"), "4"),
        "deny": "8",
    }
)
"""The code of each outcome of a line: success, minor failure (may be mended), serious failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who takes part: a `service`, `person`, `auditor`, the `hub`, or `other` by its name alone."""

    kind: str
    id: str | None = None
    name: str | None = None


HUB: Final = Party(kind="hub")
UNTOLD: Final = Party(kind="other")
"""Somebody whom this reader may not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """Where a line stands in the tree of the log: enough to check it with a checkpoint."""

    log: str
    index: int
    bytes: bytes
    """The canonical bytes that are hashed; persons stand in them as a commitment."""
    tree_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One line of the access log as one reader may see it."""

    id: str
    at: datetime
    act: str
    outcome: str
    asker: Party
    services: tuple[Party, ...] = ()
    """Other services that it is about."""
    role: str | None = None
    purpose: str | None = None
    child: str | None = None
    classes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()
    edition: str | None = None
    leaf: Leaf | None = None

    @property
    def succeeded(self) -> bool:
        """Whether what was asked was done, as far as the outcome is known."""
        return OUTCOMES.get(self.outcome) == SUCCESS


def audit_event(line: AuditLine, *, issuer: str) -> Element:
    """Render a line; `issuer` is the address of the hub that wrote it."""
    pattern = pattern_of(line.act)
    entities = [*_about(line, pattern), _line(line, issuer)]
    event: Element = {
        "resourceType": "AuditEvent",
        "id": line.id,
        **_claim(line, pattern, entities),
        "type": _coding(pattern.type),
        "subtype": [_coding(one) for one in (*pattern.subtypes, Code(ACT, line.act))],
        "action": pattern.action,
        "recorded": line.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "outcome": OUTCOMES.get(line.outcome),
        "outcomeDesc": None if line.succeeded else ", ".join(line.rules) or None,
        "purposeOfEvent": _purposes(line),
        "agent": list(_agents(line, pattern, issuer)),
        "source": {"observer": _observer(issuer), "type": [_coding(_SECURITY_SERVER)]},
        "entity": entities,
    }
    return {name: value for name, value in event.items() if value}


_SECURITY_SERVER: Final = Code("http://terminology.hl7.org/CodeSystem/security-source-type", "6")


def _claim(line: AuditLine, pattern: Pattern, entities: list[Element]) -> Element:
    """Claim the profile of the pattern when the line has all that it requires."""
    data = sum(_has_type(one, "2") for one in entities)
    fits = pattern.profile and line.succeeded and line.child and data == 1
    system = line.asker.kind != "hub" and pattern.asker
    return {"meta": {"profile": [_profile(pattern)]}} if fits and system else {}


def _profile(pattern: Pattern) -> str:
    return f"{BALP}/StructureDefinition/{pattern.profile}"


def _agents(line: AuditLine, pattern: Pattern, issuer: str) -> Iterator[Element]:
    by_hub = line.asker.kind == "hub"
    others = line.services
    if line.asker.kind == "service":
        yield _asking(line, pattern.asker) | _network(pattern)
    elif not by_hub:
        yield _asking(line, pattern.person)
        if pattern.profile:
            # The program of a person, of which the log keeps nothing.
            yield _agent(pattern.asker, _absent("unknown"), asks=False) | _network(pattern)
    elif pattern.asker and others:
        # What the hub does by itself for a service, which receives it.
        yield _agent(pattern.asker, _who(others[0], issuer), asks=False)
        others = others[1:]
    yield from (_agent(None, _who(one, issuer), asks=False) for one in others)
    own = _agent(pattern.hub, _observer(issuer), asks=by_hub)
    yield (own | _asked_for(line) if by_hub else own) | {"network": _uri(issuer)}


def _asking(line: AuditLine, kind: Code | None) -> Element:
    return _agent(kind, _who(line.asker, ""), asks=True) | _asked_for(line)


def _asked_for(line: AuditLine) -> Element:
    """In which role, and why."""
    role = [{"text": line.role}] if line.role else []
    found = {"role": role, "purposeOfUse": _purposes(line)}
    return {name: value for name, value in found.items() if value}


def _agent(kind: Code | None, who: Element, *, asks: bool) -> Element:
    typed = {"type": {"coding": [_coding(kind)]}} if kind else {}
    return {**typed, "who": who, "requestor": asks}


def _network(pattern: Pattern) -> Element:
    """The log keeps no address of anybody's machine."""
    return {"network": _absent("unknown")} if pattern.profile else {}


def _uri(address: str) -> Element:
    return {"address": address, "type": "5"}


def _who(party: Party, issuer: str) -> Element:
    named = {"display": party.name} if party.name else {}
    if party.kind == "hub":
        return _observer(issuer)
    if party.kind == "service" and party.id:
        return {"reference": f"Organization/{party.id}", "type": "Organization", **named}
    if party.kind in _SYSTEMS and party.id:
        return {"identifier": {"system": _SYSTEMS[party.kind], "value": party.id}, **named}
    return named or _absent("masked")


_SYSTEMS: Final = MappingProxyType({"person": PERSON, "auditor": AUDITOR})


def _observer(issuer: str) -> Element:
    identifier = {"system": "urn:ietf:rfc:3986", "value": issuer}
    return {"type": "Device", "identifier": identifier, "display": "deelregie"}


def _about(line: AuditLine, pattern: Pattern) -> Iterator[Element]:
    """The child, the data, and the family's decisions that it rests on or is about."""
    if line.child:
        patient = {"reference": f"Patient/{line.child}", "type": "Patient"}
        yield {"what": patient, "type": _entity("1"), "role": _role("1")}
    consents = line.consents
    if pattern.data == "consent" and len(consents) == 1:
        yield {"what": _consent(consents[0]), **_data("4", line)}
        consents = ()
    elif pattern.data == "query":
        yield {**_data("24", line), "_query": _absent("unknown")}
    elif pattern.data == "resource" or line.classes:
        yield {"what": _absent("masked"), **_data("4", line)}
    for one in consents:
        yield {"what": _consent(one), "type": _coding(Code(RESOURCE, "Consent"))}


def _data(role: str, line: AuditLine) -> Element:
    """Say which kinds of data it was about; which statements is told to nobody here."""
    labels = [_coding(Code(DATA_CLASS, one)) for one in line.classes]
    found = {"type": _entity("2"), "role": _role(role)}
    return {**found, "securityLabel": labels} if labels else found


def _consent(name: str) -> Element:
    return {"reference": f"Consent/{name}", "type": "Consent"}


def _line(line: AuditLine, issuer: str) -> Element:
    """The words of the line itself, and where it stands in the tree."""
    told = [("outcome", line.outcome), *(("rule", one) for one in line.rules)]
    told += [("edition", line.edition)] if line.edition else []
    detail = [{"type": name, "valueString": text} for name, text in told]
    what = {"identifier": {"system": LINE, "value": line.id}}
    proven = list(_proof(line.leaf, issuer)) if line.leaf else []
    return {"what": what, "type": _entity("4"), "role": _role("13"), "detail": detail + proven}


def _proof(leaf: Leaf, issuer: str) -> Iterator[Element]:
    place = f"leaf_index={leaf.index}&tree_size={leaf.tree_size}"
    texts = {
        "log": leaf.log,
        "leaf-index": str(leaf.index),
        "tree-size": str(leaf.tree_size),
        "inclusion-proof": f"{issuer}/log/proof/inclusion?{place}",
        "checkpoint": f"{issuer}/log/checkpoint?size={leaf.tree_size}",
    }
    yield from ({"type": name, "valueString": text} for name, text in texts.items())
    for name, raw in (("leaf", leaf.bytes), ("leaf-hash", leaf_hash(leaf.bytes))):
        yield {"type": name, "valueBase64Binary": base64.b64encode(raw).decode()}


def _purposes(line: AuditLine) -> list[Element]:
    found: list[Element] = []
    if line.purpose in PURPOSES:
        found.append({"coding": [_coding(Code(PURPOSE, line.purpose))]})
    elif line.purpose:
        found.append({"text": line.purpose})
    if line.act == EMERGENCY_ACT:
        reason = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
        found.append({"coding": [_coding(Code(reason, "BTG"))]})
    return found


def _has_type(entity: Element, code: str) -> bool:
    return bool(entity["type"] == _entity(code))


def _entity(code: str) -> Element:
    return _coding(Code(ENTITY, code))


def _role(code: str) -> Element:
    return _coding(Code(OBJECT_ROLE, code))


def _coding(code: Code) -> Element:
    return {"system": code.system, "code": code.code}


def _absent(reason: str) -> Element:
    return {"extension": [{"url": ABSENT, "valueCode": reason}]}
