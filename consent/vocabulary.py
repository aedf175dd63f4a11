"""The words the rules know, as data; section 1 of the rules of sharing.

Another part of the hub validates with these sets; the engine denies every other word.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

PURPOSES: Final = frozenset(
    [
        "care",
        "diagnosis",
        "referral",
        "safety",
        "transfer",
        "entitlement",
        "subject_access",
        "audit",
        "inspection",
        "policy",
        "research",
        "justice",
        "other",
    ]
)
ROLES: Final = frozenset(
    [
        "care",
        "medical",
        "decision",
        "teacher",
        "childcare_worker",
        "childcare_lead",
        "trajectory_supporter",
        "auditor",
        "inspector",
        "policy",
        "judge",
        "system",
    ]
)
RELATIONS: Final = frozenset(
    ["parent", "guardian", "foster_parent", "kin", "sibling", "confidant", "supporter", "other"]
)
AUTHORITIES: Final = frozenset(["exercised", "exclusive", "held", "deprived", "delegated", "none"])
CAPACITIES: Final = frozenset({"presumed", "capable", "incapable"})
FLAGS: Final = frozenset({"anonymous_help", "secret_address", "deceased"})
CONSENT_EFFECTS: Final = frozenset(
    ["grant", "refuse", "exclude", "object", "object_gdpr", "restrict_gdpr"]
)
GDPR_EFFECTS: Final = frozenset({"object_gdpr", "restrict_gdpr"})
OBJECTIONS: Final = GDPR_EFFECTS | {"object"}
REQUEST_KINDS: Final = frozenset({"routed", "pull", "replay", "onward"})
# What arrived from another source goes no further on the family's grant.
FORWARDED_KINDS: Final = REQUEST_KINDS - {"onward"}
GROUNDS: Final = frozenset(
    [
        "team",
        "statutory",
        "court_order",
        "clb_transfer",
        "necessity",
        "concern_report",
        "case_conference",
        "unanswered",
        "vital_emergency",
        "article_458bis",
    ]
)
# On which legal basis something goes by a ground; a warning to the prosecutor never goes here.
BASIS_OF_GROUND: Final = MappingProxyType(
    {
        "team": "joint-secrecy",
        "statutory": "legal-duty-or-order",
        "court_order": "legal-duty-or-order",
        "clb_transfer": "clb-transfer",
        "necessity": "necessity",
        "concern_report": "report-of-concern",
        "case_conference": "case-conference",
        "unanswered": "shared-secrecy-youth-help",
        "vital_emergency": "vital-emergency",
    }
)
SECRECIES: Final = frozenset(["professional", "youth_help", "official", "discretion", "none"])
BINDING_SECRECIES: Final = frozenset({"professional", "youth_help"})

PROFILED_CLASSES: Final = frozenset(
    [
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
)
# Their own bar and the grant decide about these; the need profile has no column for them.
BARRED_CLASSES: Final = frozenset(
    [
        "parent_data",
        "third_party",
        "confidential",
        "judicial",
        "placement",
        "identity",
        "national_number",
    ]
)
# No need profile ever holds these: they stay with their author.
AUTHORS_CLASSES: Final = frozenset({"therapy_notes", "agogic_exception"})
KNOWN_CLASSES: Final = PROFILED_CLASSES | BARRED_CLASSES | AUTHORS_CLASSES
DATA_CLASSES: Final = KNOWN_CLASSES | {"unlabelled"}

# "Any class" is too vague a yes for these: a grant must name them.
NAMED_ONLY_CLASSES: Final = frozenset(
    {"sexual_health", "parent_data", "third_party", "confidential"}
)
# One parent may be taken to speak for both about these only.
ONE_PARENT_CLASSES: Final = frozenset({"logistics", "functional", "development", "diagnosis"})
# What somebody who treats a child in vital danger may fetch.
EMERGENCY_CLASSES: Final = frozenset({"medical", "diagnosis"})
# A parent's grant for these ends on the twelfth birthday, without the thirty days.
TWELFTH_BIRTHDAY_CLASSES: Final = frozenset(
    {"medical", "diagnostic_report", "sexual_health", "concern"}
)
# Classes that no rule names one by one: what sets these apart is the need of the recipient, what
# the family decided, and the limits of one parent's grant or of one from before the twelfth
# birthday. For persons context is no such class: it may tell about others (H5).
PLAIN_CLASSES: Final = PROFILED_CLASSES - NAMED_ONLY_CLASSES
PLAIN_CLASSES_TO_PERSONS: Final = PLAIN_CLASSES - {"context"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a kind of service implies unless the service says otherwise."""

    secrecy: str
    youth_help: bool = False
    national_number: bool = False
    role: str = "care"


_CARE = Kind(secrecy="professional", youth_help=True)
_CARE_NUMBER = Kind(secrecy="professional", youth_help=True, national_number=True)
_ADMINISTRATION = Kind(secrecy="official", national_number=True, role="decision")
_OPEN_DOOR = Kind(secrecy="discretion")

KINDS: Final = MappingProxyType(
    {
        "vaph_facility": _CARE_NUMBER,
        "vaph_admin": _ADMINISTRATION,
        "clb": _CARE_NUMBER,
        "caw": _CARE,
        "childcare": Kind(secrecy="discretion", role="childcare_worker"),
        "school": Kind(secrecy="official", role="teacher"),
        "vk": _CARE_NUMBER,
        "ocj": _CARE_NUMBER,
        "health": Kind(secrecy="professional", national_number=True),
        "foster_service": _CARE,
        "ckg": _CARE,
        "opgroeien_admin": _ADMINISTRATION,
        "groeipakket": _ADMINISTRATION,
        "huis_van_het_kind": _OPEN_DOOR,
        "overkop": _OPEN_DOOR,
        "gbo": _OPEN_DOOR,
        "judiciary": Kind(secrecy="none", role="judge"),
        "police": Kind(secrecy="none", role="judge"),
        "inspection": Kind(secrecy="official", role="inspector"),
        "employer": Kind(secrecy="none"),
        "insurer": Kind(secrecy="none"),
    }
)

CARE_KINDS: Final = frozenset(
    ["clb", "caw", "vaph_facility", "ckg", "foster_service", "health", "vk", "ocj"]
)
OPEN_KINDS: Final = frozenset({"huis_van_het_kind", "overkop", "gbo"})
ADMINISTRATIONS: Final = frozenset({"vaph_admin", "opgroeien_admin", "groeipakket"})
JUDICIAL_KINDS: Final = frozenset({"judiciary", "police"})
# Never: whatever role somebody says to have there.
OUTSIDER_KINDS: Final = frozenset({"employer", "insurer"})
MANDATED_KINDS: Final = frozenset({"vk", "ocj"})

BOUND_RELATIONS: Final = frozenset({"foster_parent", "confidant"})
# These persons need no care relation: their place in the child's life is one.
NEAR_RELATIONS: Final = frozenset({"child", "parent", "guardian", "foster_parent", "confidant"})
RAISING_RELATIONS: Final = frozenset({"parent", "guardian", "foster_parent"})
