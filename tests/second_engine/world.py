"""The services, professionals and people that random situations are about."""

from consent.model import Actor, Person, Recipient, Service, ToActor, ToPerson, ToService

ROLES_OF = {
    "clb": ("care", "medical", "trajectory_supporter"),
    "caw": ("care", "medical"),
    "vaph_facility": ("care", "medical", "system"),
    "ckg": ("care",),
    "foster_service": ("care", "trajectory_supporter"),
    "vk": ("care", "medical"),
    "ocj": ("care",),
    "health": ("care", "medical"),
    "vaph_admin": ("decision", "medical", "auditor"),
    "opgroeien_admin": ("decision", "policy", "trajectory_supporter", "auditor"),
    "groeipakket": ("decision",),
    "school": ("teacher", "care"),
    "childcare": ("childcare_worker", "childcare_lead"),
    "huis_van_het_kind": ("care", "trajectory_supporter"),
    "overkop": ("care",),
    "gbo": ("care",),
    "judiciary": ("judge",),
    "police": ("judge", "care"),
    "inspection": ("inspector",),
    "employer": ("care", "auditor"),
    "insurer": ("policy",),
}
SERVICES: dict[str, Service] = {kind: Service(kind=kind) for kind in ROLES_OF} | {
    "clb-2": Service(kind="clb"),
    "caw-2": Service(kind="caw"),
    "caw-old": Service(kind="caw", status="merged", merged_into="caw"),
    "caw-older": Service(kind="caw", status="merged", merged_into="caw-old"),
    "clb-old": Service(kind="clb", status="merged", merged_into="clb"),
    "ckg-old": Service(kind="ckg", status="merged", merged_into="vaph_facility"),
    "debt-unit": Service(kind="caw", youth_help=False),
    "caw-gone": Service(kind="caw", status="merged", merged_into="debt-unit"),
}
ACTORS: dict[str, Actor] = {
    f"{kind}-{role}": Actor(service=kind, role=role)
    for kind, roles in ROLES_OF.items()
    for role in roles
} | {
    "clb-2-care": Actor(service="clb-2", role="care"),
    "clb-colleague": Actor(service="clb", role="care"),
    "caw-colleague": Actor(service="caw", role="care"),
    "vaph-colleague": Actor(service="vaph_facility", role="care"),
    "debt-worker": Actor(service="debt-unit", role="care"),
}
PARENT = Person(relation="parent", authority="exercised")
PEOPLE: dict[str, Person] = {
    "brother": Person(relation="sibling"),
    "guide": Person(relation="confidant"),
    "friend": Person(relation="supporter"),
    "gran": Person(relation="kin"),
}
FOSTER = Person(relation="foster_parent")
DELEGATED = Person(relation="foster_parent", authority="delegated")
EXCLUSIVE = Person(relation="parent", authority="exclusive")
HELD = Person(relation="parent", authority="held")
DEPRIVED = Person(relation="parent", authority="deprived")
GUARDIAN = Person(relation="guardian", authority="exercised")
FAMILIES: tuple[dict[str, Person], ...] = (
    {"mother": PARENT, "father": PARENT},
    {"mother": PARENT, "father": PARENT},
    {"mother": PARENT, "father": PARENT, "foster": FOSTER},
    {"mother": PARENT, "father": PARENT, "foster": DELEGATED},
    {"mother": PARENT, "father": HELD},
    {"mother": EXCLUSIVE, "father": PARENT},
    {"mother": PARENT, "father": DEPRIVED, "foster": FOSTER},
    {"mother": PARENT, "guardian": GUARDIAN},
    {"mother": PARENT, "father": PARENT, "guardian": GUARDIAN},
    {"guardian": GUARDIAN},
    {"mother": HELD, "foster": DELEGATED},
    {},
)
NAMES = ("child", "mother", "father", "guardian", "foster", "brother", "gran", "guide", "stranger")
DECIDERS = ("child", "mother", "father", "guardian", "foster")

_SCHOOLED: tuple[tuple[Recipient, str], ...] = (
    (ToActor("school-teacher"), "care"),
    (ToService("school"), "safety"),
    (ToActor("childcare-childcare_worker"), "care"),
    (ToActor("childcare-childcare_lead"), "care"),
    (ToService("childcare"), "care"),
)
_OPEN: tuple[tuple[Recipient, str], ...] = (
    (ToActor("huis_van_het_kind-trajectory_supporter"), "referral"),
    (ToActor("clb-trajectory_supporter"), "care"),
    (ToActor("huis_van_het_kind-care"), "care"),
)
_CARE: tuple[tuple[Recipient, str], ...] = (
    (ToService("vaph_facility"), "care"),
    (ToActor("vaph_facility-care"), "care"),
    (ToActor("vaph_facility-medical"), "care"),
    (ToActor("vaph_facility-system"), "care"),
    (ToActor("vaph-colleague"), "care"),
    (ToService("caw"), "care"),
    (ToActor("caw-care"), "diagnosis"),
    (ToActor("caw-colleague"), "care"),
    (ToService("debt-unit"), "care"),
    (ToActor("debt-worker"), "care"),
    (ToActor("clb-medical"), "care"),
    (ToActor("clb-care"), "referral"),
    (ToActor("health-medical"), "care"),
    (ToActor("ckg-care"), "care"),
    (ToActor("vk-care"), "safety"),
    (ToService("ocj"), "safety"),
)
_DECIDING: tuple[tuple[Recipient, str], ...] = (
    (ToService("vaph_admin"), "entitlement"),
    (ToActor("vaph_admin-medical"), "entitlement"),
    (ToActor("opgroeien_admin-decision"), "entitlement"),
)
_APART: tuple[tuple[Recipient, str], ...] = (
    (ToService("judiciary"), "justice"),
    (ToActor("judiciary-judge"), "justice"),
    (ToActor("police-judge"), "justice"),
    (ToService("police"), "safety"),
    (ToActor("opgroeien_admin-policy"), "policy"),
    (ToActor("opgroeien_admin-policy"), "research"),
    (ToActor("vaph_admin-auditor"), "audit"),
    (ToService("inspection"), "inspection"),
    (ToService("insurer"), "care"),
    (ToActor("employer-auditor"), "audit"),
)
_FAMILY: tuple[tuple[Recipient, str], ...] = (
    (ToPerson("foster"), "care"),
    (ToPerson("mother"), "safety"),
    (ToPerson("child"), "care"),
    (ToPerson("gran"), "care"),
    (ToPerson("guide"), "care"),
)
READING: tuple[tuple[Recipient, str], ...] = tuple(
    (ToPerson(name), "subject_access") for name in NAMES
)
ASKING = (*_CARE, *_CARE, *_SCHOOLED, *_OPEN, *_DECIDING, *_DECIDING, *_APART, *_FAMILY)
MEANT_FOR: dict[str, tuple[tuple[Recipient, str], ...]] = {
    "clb_transfer": (
        (ToService("clb-2"), "transfer"),
        (ToActor("clb-2-care"), "transfer"),
        (ToService("caw"), "care"),
    ),
    "statutory": (*_CARE, (ToService("judiciary"), "justice")),
    "court_order": ((ToService("judiciary"), "justice"), (ToService("police"), "justice"), *_CARE),
    "necessity": (*_CARE, (ToPerson("mother"), "safety"), (ToService("judiciary"), "safety")),
    "concern_report": ((ToService("vk"), "safety"), (ToActor("ocj-care"), "safety")),
    "case_conference": ((ToActor("caw-care"), "safety"), (ToActor("school-teacher"), "safety")),
    "unanswered": (
        (ToService("clb-2"), "care"),
        (ToActor("vaph_facility-care"), "care"),
        (ToService("debt-unit"), "care"),
    ),
    "vital_emergency": ((ToActor("health-medical"), "care"), (ToActor("health-medical"), "safety")),
    "article_458bis": ((ToService("judiciary"), "safety"), (ToService("judiciary"), "justice")),
    "team": (
        (ToActor("clb-colleague"), "care"),
        (ToActor("vaph_facility-care"), "care"),
        (ToPerson("foster"), "care"),
        (ToService("clb"), "care"),
    ),
}
