"""Who may ask for what purpose, and which classes each recipient needs; section 4 as data."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from consent.vocabulary import (
    ADMINISTRATIONS,
    BARRED_CLASSES,
    CARE_KINDS,
    JUDICIAL_KINDS,
    OPEN_KINDS,
    OUTSIDER_KINDS,
)

Profile = Mapping[str, str]
"""Per class: x goes, c core only, m medical role only, d daily-care extract, o own source only."""

_CARE_PURPOSES = frozenset({"care", "diagnosis", "referral", "safety"})
_DAILY_PURPOSES = frozenset({"care", "safety"})
_PERSON_PURPOSES = frozenset({"subject_access", "care", "safety"})
_NO_PURPOSES: frozenset[str] = frozenset()

_ANYWHERE: Final[Mapping[str, frozenset[str]]] = {
    "auditor": frozenset({"audit"}),
    "policy": frozenset({"policy", "research"}),
}
_SUPPORTER_KINDS = CARE_KINDS | OPEN_KINDS | {"opgroeien_admin"}


def _purposes_by_place() -> dict[tuple[str, str], frozenset[str]]:
    table = {(kind, role): _CARE_PURPOSES for kind in CARE_KINDS for role in ("care", "medical")}
    table |= {("clb", role): _CARE_PURPOSES | {"transfer"} for role in ("care", "medical")}
    table |= {(kind, "care"): _CARE_PURPOSES for kind in OPEN_KINDS}
    for role in ("decision", "medical"):
        table |= {(kind, role): frozenset({"entitlement"}) for kind in ADMINISTRATIONS}
    table |= {
        ("school", "teacher"): _DAILY_PURPOSES,
        ("childcare", "childcare_worker"): _DAILY_PURPOSES,
        ("childcare", "childcare_lead"): _DAILY_PURPOSES,
        ("inspection", "inspector"): frozenset({"inspection"}),
    }
    table |= {(kind, "judge"): frozenset({"justice", "safety"}) for kind in JUDICIAL_KINDS}
    supporter = frozenset({"care", "referral"})
    return table | {(kind, "trajectory_supporter"): supporter for kind in _SUPPORTER_KINDS}


_PURPOSES: Final = _purposes_by_place()


def purposes_of_role(kind: str, role: str) -> frozenset[str]:
    """Purposes a role in a kind of service may ask for; none unless listed."""
    if kind in OUTSIDER_KINDS:
        return _NO_PURPOSES
    return _ANYWHERE.get(role) or _PURPOSES.get((kind, role), _NO_PURPOSES)


def purposes_of_person(relation: str) -> frozenset[str]:
    """Purposes a person may ask for."""
    return frozenset({"subject_access"}) if relation == "confidant" else _PERSON_PURPOSES


_COLUMNS = [
    "logistics",
    "functional",
    "development",
    "diagnosis",
    "diagnostic_report",
    "medical",
    "sexual_health",
    "context",
    "concern",
]


def _profile(cells: str) -> Profile:
    needs = dict(zip(_COLUMNS, cells.split(), strict=True))
    return MappingProxyType(needs | dict.fromkeys(BARRED_CLASSES, "x"))


#                      log fun dev dia rep med sex con cnc
_SCHOOL_DOCTOR = _profile("x x x x x m m x o")
_WELFARE = _profile("x x x x . . . x o")
_FACILITY = _profile("x x x x x m . x o")
_MANDATED = _profile("x x x x x m . x x")
_DECIDING = _profile("x x . c . m . . .")
_GROUP_ROOM = _profile("x x . . . . . . .")
_LEADING = _profile("x x x c . . . . .")
_SUPPORTING = _profile("x x x c . . . x .")
_FOSTERING = _profile("x x x c . d . . .")
_NOTHING = _profile(". . . . . . . . .")

_BY_ROLE: Final[Mapping[str, Profile]] = {
    "childcare_worker": _GROUP_ROOM,
    "teacher": _GROUP_ROOM,
    "childcare_lead": _LEADING,
    "trajectory_supporter": _SUPPORTING,
}
_CARE_PROFILES: Final[Mapping[str, Profile]] = {
    "clb": _SCHOOL_DOCTOR,
    "health": _SCHOOL_DOCTOR,
    "caw": _WELFARE,
    "vaph_facility": _FACILITY,
    "ckg": _FACILITY,
    "foster_service": _FACILITY,
    "vk": _MANDATED,
    "ocj": _MANDATED,
}
_BY_PLACE: Final[Mapping[tuple[str, str], Profile]] = {
    (kind, role): profile
    for kind, profile in _CARE_PROFILES.items()
    for role in ("care", "medical")
} | {(kind, role): _DECIDING for kind in ADMINISTRATIONS for role in ("decision", "medical")}


def profile_of_role(kind: str, role: str) -> Profile:
    """Look up what a role in a kind of service needs; nothing unless listed."""
    return _BY_ROLE.get(role) or _BY_PLACE.get((kind, role), _NOTHING)


def profile_of_person(relation: str) -> Profile:
    """Look up what a person needs outside subject access."""
    return _FOSTERING if relation == "foster_parent" else _NOTHING
