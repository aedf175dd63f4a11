"""Reads a FHIR R4 Consent (untrusted JSON) into provisions in document order; never repairs it.

R4 and R4B are the same here. A fault means the consent cannot be trusted to say what we read.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from consent.provision_codes import ACT_CODE, BASES, OTHER_SCOPES, SCOPE, SHARING_SCOPES
from consent.provision_elements import (
    Faults,
    coding,
    concept,
    each,
    items,
    object_of,
    period,
    reference,
    text,
    word,
)
from consent.provision_matching import Match, is_reference_to
from consent.provision_model import (
    ActorRule,
    Coding,
    DataRule,
    Directive,
    Note,
    Provision,
    Reason,
)

ROOT: Final = "Consent"
MAX_DEPTH: Final = 50
"""Deeper than any consent a person could mean; hostile input stops here, denied and reported."""
_ACTIVE: Final = "active"
_STATUSES: Final = frozenset(
    {"draft", "proposed", _ACTIVE, "rejected", "inactive", "entered-in-error"}
)
_TYPES: Final = frozenset({"permit", "deny"})
_MEANINGS: Final = frozenset({"instance", "related", "dependents", "authoredby"})
_CONSENT_ELEMENTS: Final = (
    "resourceType id meta implicitRules language text contained extension identifier status scope"
    " category patient dateTime performer organization sourceAttachment sourceReference policy"
    " policyRule verification provision"
)
_PROVISION_ELEMENTS: Final = (
    "id extension type period actor action securityLabel purpose class code dataPeriod data"
    " provision"
)
_CONSENT: Final = frozenset(_CONSENT_ELEMENTS.split())
_PROVISION: Final = frozenset(_PROVISION_ELEMENTS.split())
_ACTOR: Final = frozenset({"id", "extension", "role", "reference"})
_DATA: Final = frozenset({"id", "extension", "meaning", "reference"})


def read(resource: object, *, patient: str, at: datetime) -> Directive:
    """Read one consent for this patient at this instant."""
    faults: Faults = []
    found = object_of(resource, ROOT, _CONSENT, faults)
    if found is None or found.get("resourceType") != ROOT:
        return Directive(faults=(Note(ROOT, Reason.NOT_A_CONSENT),))
    status = word(found, "status", ROOT, faults, _STATUSES)
    if status is not None and status != _ACTIVE:
        return Directive(absent=Note(f"{ROOT}.status", Reason.NOT_ACTIVE))
    if (other := _of_somebody_else(found, patient, faults)) is not None:
        return Directive(absent=other)
    return _read_active(found, at, faults)


def _read_active(found: Mapping[str, Any], at: datetime, faults: Faults) -> Directive:
    notes: list[Note] = []
    scope = _scope(found, faults)
    _mandatory(found, faults)
    base = _base(found, faults, notes)
    provisions = tuple(_tree(found, permits=base, faults=faults))
    if faults:
        return Directive(faults=tuple(faults), notes=tuple(notes))
    if scope in OTHER_SCOPES:
        return Directive(absent=Note(f"{ROOT}.scope", Reason.OTHER_SCOPE))
    whole = provisions[0].period if provisions else None
    if whole is not None and not whole.holds(at):
        return Directive(absent=Note(f"{ROOT}.provision.period", Reason.OUT_OF_PERIOD))
    alone = Provision(path=f"{ROOT}.policyRule", permits=base)
    return Directive(provisions=provisions or (alone,), notes=tuple(notes))


def _of_somebody_else(found: Mapping[str, Any], patient: str, faults: Faults) -> Note | None:
    path = f"{ROOT}.patient"
    if "patient" not in found:
        faults.append(Note(path, Reason.MISSING))
        return None
    target = reference(found["patient"], path, faults)
    if target is None or faults:
        return None
    about = is_reference_to(target, frozenset({patient}), complete=True)
    if about is Match.UNKNOWN:
        faults.append(Note(path, Reason.UNRESOLVED))
    return Note(path, Reason.OTHER_PATIENT) if about is Match.NO else None


def _scope(found: Mapping[str, Any], faults: Faults) -> str | None:
    path = f"{ROOT}.scope"
    if "scope" not in found:
        faults.append(Note(path, Reason.MISSING))
        return None
    value = concept(found["scope"], path, faults)
    codes = {one.code for one in (value.codings if value else ()) if one.system == SCOPE}
    if len(codes) != 1 or not codes <= SHARING_SCOPES | OTHER_SCOPES:
        faults.append(Note(path, Reason.UNKNOWN_WORD))
        return None
    return codes.pop()


def _mandatory(found: Mapping[str, Any], faults: Faults) -> None:
    """Category, a policy (ppc-1), and no rules we cannot follow (implicitRules)."""
    if not each(found, "category", ROOT, faults, concept) and "category" not in found:
        faults.append(Note(f"{ROOT}.category", Reason.MISSING))
    if not items(found, "policy", ROOT, faults) and "policyRule" not in found:
        faults.append(Note(f"{ROOT}.policy", Reason.MISSING))
    if "implicitRules" in found:
        faults.append(Note(f"{ROOT}.implicitRules", Reason.MODIFIER))


def _base(found: Mapping[str, Any], faults: Faults, notes: list[Note]) -> bool:
    """Whether the consent permits where no exception speaks: by policyRule or by root type."""
    by_rule = _base_by_rule(found, faults)
    root = found.get("provision")
    stated = "type" in root if isinstance(root, dict) else False
    by_type = (
        word(found["provision"], "type", f"{ROOT}.provision", faults, _TYPES) if stated else None
    )
    if by_rule and by_type and by_rule != by_type:
        faults.append(Note(f"{ROOT}.provision.type", Reason.CONTRADICTION))
    if not by_rule and not stated:
        notes.append(Note(f"{ROOT}.policyRule", Reason.NO_BASE))
    return (by_type or by_rule) == "permit"


def _base_by_rule(found: Mapping[str, Any], faults: Faults) -> str | None:
    if "policyRule" not in found:
        return None
    path = f"{ROOT}.policyRule"
    rule = concept(found["policyRule"], path, faults)
    codings: tuple[Coding, ...] = rule.codings if rule else ()
    bases = {BASES[one.code] for one in codings if one.system == ACT_CODE and one.code in BASES}
    if len(bases) > 1:
        faults.append(Note(path, Reason.CONTRADICTION))
    return bases.pop() if bases else None


def _tree(consent: Mapping[str, Any], *, permits: bool, faults: Faults) -> Iterator[Provision]:
    """Yield the provisions in document order, without recursion: the depth is not ours to trust."""
    count = 0
    waiting: list[tuple[object, str, int | None, int]] = []
    if "provision" in consent:
        waiting.append((consent["provision"], f"{ROOT}.provision", None, 1))
    while waiting:
        value, path, parent, depth = waiting.pop()
        if depth > MAX_DEPTH:
            faults.append(Note(path, Reason.TOO_DEEP))
            return
        found = object_of(value, path, _PROVISION, faults)
        if found is None:
            continue
        if parent is not None:
            permits = word(found, "type", path, faults, _TYPES) == "permit"
        yield _provision(found, path, parent, permits=permits, faults=faults)
        nested = enumerate(items(found, "provision", path, faults))
        inner = [(one, f"{path}.provision[{place}]", count, depth + 1) for place, one in nested]
        waiting.extend(reversed(inner))
        count += 1


def _provision(
    found: Mapping[str, Any], path: str, parent: int | None, *, permits: bool, faults: Faults
) -> Provision:
    return Provision(
        path=path,
        permits=permits,
        parent=parent,
        period=period(found, "period", path, faults),
        actors=each(found, "actor", path, faults, _actor),
        actions=each(found, "action", path, faults, concept),
        labels=each(found, "securityLabel", path, faults, coding),
        purposes=each(found, "purpose", path, faults, coding),
        classes=each(found, "class", path, faults, coding),
        codes=each(found, "code", path, faults, concept),
        data_period=period(found, "dataPeriod", path, faults),
        data_period_path=f"{path}.dataPeriod",
        data=each(found, "data", path, faults, _data),
    )


def _actor(value: object, path: str, faults: Faults) -> ActorRule | None:
    found = object_of(value, path, _ACTOR, faults)
    if found is None:
        return None
    if "role" not in found:
        faults.append(Note(f"{path}.role", Reason.MISSING))
        return None
    role = concept(found["role"], f"{path}.role", faults)
    target = None
    if "reference" in found:
        target = reference(found["reference"], f"{path}.reference", faults)
    return ActorRule(role, target) if role else None


def _data(value: object, path: str, faults: Faults) -> DataRule | None:
    found = object_of(value, path, _DATA, faults)
    if found is None:
        return None
    meaning = word(found, "meaning", path, faults, _MEANINGS)
    if "reference" not in found:
        faults.append(Note(f"{path}.reference", Reason.MISSING))
        return None
    target = reference(found["reference"], f"{path}.reference", faults)
    return DataRule(meaning, target) if meaning and target else None


def id_of(resource: object) -> str | None:
    """Give the resource's own id, to name it in an answer."""
    return text(resource, "id", ROOT, []) if isinstance(resource, dict) else None
