"""Which pattern of an AuditEvent each act of the access log reads as (docs/access-log.md).

The patterns are those of IHE ITI Basic Audit Log Patterns (BALP, R4) where one fits, else an event
of DICOM PS3.15 (A.5) or ISO 21089. A profile is named only where what the log keeps fills it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, NamedTuple

from adapters.systems import BASE

DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
REST: Final = "http://hl7.org/fhir/restful-interaction"
EVENT_TYPE: Final = "http://terminology.hl7.org/CodeSystem/audit-event-type"
LIFECYCLE: Final = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
SECURITY_ROLE: Final = "http://terminology.hl7.org/CodeSystem/extra-security-role-type"
BALP: Final = "https://profiles.ihe.net/ITI/BALP"
ACT: Final = f"{BASE}/CodeSystem/access-log-act"
"""The hub's own words for what was done; each AuditEvent carries one as a subtype."""


class Code(NamedTuple):
    """One code of a system."""

    system: str
    code: str


_RECIPIENT: Final = Code(PARTICIPATION, "IRCP")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """What all AuditEvents of some acts have in common."""

    name: str
    type: Code
    subtypes: tuple[Code, ...] = ()
    action: str
    """C, R, U, D or E."""
    asker: Code | None = None
    """What the system that asked is in the exchange; None: no system asked over an interface."""
    hub: Code | None = None
    """What the hub is in the exchange."""
    person: Code = _RECIPIENT
    """What a person is who did it."""
    data: str = ""
    """How its data stand in an entity: `resource`, `query`, `consent`, or not unless there are."""
    profile: str | None = None
    """The BALP profile that it claims, when it went well and is about a child."""


_SENDS: Final = Code(DCM, "110153")
_RECEIVES: Final = Code(DCM, "110152")
_SECURITY_ALERT: Final = Code(DCM, "110113")
_PATIENT_RECORD: Final = Code(DCM, "110110")
_REST: Final = Code(EVENT_TYPE, "rest")
_AUTHOR: Final = Code(PARTICIPATION, "AUT")

# In a read the hub is the source of what goes, in a query it is the destination of the question.
READ: Final = Pattern(
    name="read", type=_REST, subtypes=(Code(REST, "read"),), action="R",
    asker=_RECEIVES, hub=_SENDS, data="resource", profile="IHE.BasicAudit.PatientRead",
)  # fmt: skip
QUERY: Final = Pattern(
    name="query", type=_REST, subtypes=(Code(REST, "search-type"),), action="E",
    asker=_SENDS, hub=_RECEIVES, data="query", profile="IHE.BasicAudit.PatientQuery",
)  # fmt: skip
CREATE: Final = Pattern(
    name="create", type=_REST, subtypes=(Code(REST, "create"),), action="C", asker=_SENDS,
    hub=_RECEIVES, person=_AUTHOR, data="consent", profile="IHE.BasicAudit.PatientCreate",
)  # fmt: skip
UPDATE: Final = replace(
    CREATE, name="update", subtypes=(Code(REST, "update"),), action="U",
    profile="IHE.BasicAudit.PatientUpdate",
)  # fmt: skip
DISCLOSURE: Final = Pattern(
    name="disclosure", type=Code(DCM, "110106"), subtypes=(Code(LIFECYCLE, "disclose"),),
    action="R", asker=_RECEIVES, hub=_SENDS, data="resource",
    profile="IHE.BasicAudit.PrivacyDisclosure.Source",
)  # fmt: skip
EMERGENCY: Final = replace(
    DISCLOSURE, name="emergency", subtypes=(Code(LIFECYCLE, "disclose"), Code(DCM, "110127"))
)
# BALP's AuthZconsent asks for the person behind the service and lets no other entity in; the hub
# knows the service alone, so the pattern is followed and its profile is not claimed.
DECISION: Final = Pattern(
    name="decision", type=_SECURITY_ALERT, action="E",
    subtypes=(Code(f"{BALP}/CodeSystem/AuthZsubType", "AuthZ-Consent"),),
    asker=Code(DCM, "110150"), hub=Code(SECURITY_ROLE, "authserver"),
)  # fmt: skip
DENIAL: Final = replace(DECISION, name="denial")
BY_LAW: Final = replace(DECISION, name="by law", subtypes=())
IMPORT: Final = Pattern(
    name="import", type=Code(DCM, "110107"), subtypes=(Code(LIFECYCLE, "receive"),), action="C",
    asker=_SENDS, hub=_RECEIVES,
)  # fmt: skip
SIGN_IN: Final = Pattern(
    name="sign-in", type=Code(DCM, "110114"), subtypes=(Code(DCM, "110122"),), action="E"
)
LOG_USED: Final = Pattern(name="log used", type=Code(DCM, "110101"), action="R")
RESTRICTED: Final = Pattern(
    name="restricted function", type=_SECURITY_ALERT, subtypes=(Code(DCM, "110132"),), action="E"
)
ADMINISTRATION: Final = Pattern(
    name="administration", type=_SECURITY_ALERT, subtypes=(Code(DCM, "110129"),), action="U"
)
# What changes who may see something without anybody asking for it over an interface.
PERMISSION: Final = Pattern(
    name="permission", type=_SECURITY_ALERT, subtypes=(Code(DCM, "110135"),), action="U"
)
RECORD: Final = Pattern(name="record", type=_PATIENT_RECORD, action="U", person=_AUTHOR)
RECORD_MADE: Final = replace(RECORD, action="C")
RECORD_SEEN: Final = replace(RECORD, action="R", person=_RECIPIENT)
ERASURE: Final = replace(RECORD, name="erasure", subtypes=(Code(LIFECYCLE, "destroy"),), action="D")
OTHER: Final = Pattern(name="other", type=Code(DCM, "110100"), action="E")
"""For an act that no row names: nothing is guessed about it."""


def _record(lifecycle: str, pattern: Pattern = RECORD) -> Pattern:
    return replace(pattern, subtypes=(Code(LIFECYCLE, lifecycle),))


PATTERNS: Final[Mapping[str, Pattern]] = MappingProxyType(
    {
        "read": READ,
        "search": QUERY,
        "key_release": DISCLOSURE,
        "own_diagnosis_shown": DISCLOSURE,
        "emergency_access": EMERGENCY,
        "evaluation": DECISION,
        "route": DECISION,
        "legal_route": BY_LAW,
        "route_ended": PERMISSION,
        # A line does not tell whether one Consent was read or all were searched.
        "consent_read": replace(READ, name="consent read", subtypes=(), data="", profile=None),
        "own_listed": replace(QUERY, name="own list", profile=None),
        "diagnosis_tasks_listed": replace(QUERY, name="own list", profile=None),
        "intake": IMPORT,
        "consent_given": CREATE,
        "consent_reconfirmed": CREATE,
        "consent_refused": CREATE,
        "service_excluded": CREATE,
        "objection_made": CREATE,
        "consent_withdrawn": UPDATE,
        "refusal_lifted": UPDATE,
        "consent_contested": UPDATE,
        "consent_upheld": UPDATE,
        "consent_annulled": UPDATE,
        "consent_ended": PERMISSION,
        "sharing_stopped": PERMISSION,
        "age_event": PERMISSION,
        "proposal_made": RECORD_MADE,
        "proposal_declined": RECORD,
        "assessment_made": RECORD_MADE,
        "assessment_contested": RECORD,
        "relay_request": RECORD_MADE,
        "relay_read": RECORD_SEEN,
        "relay_closed": RECORD,
        "diagnosis_confirmed": _record("verify"),
        "diagnosis_rejected": RECORD,
        "correction_told": _record("report", RECORD_SEEN),
        "statement_ended": _record("deprecate"),
        "identity_confirmed": _record("link"),
        "identity_rejected": RECORD,
        "identity_split": _record("unlink"),
        "review_closed": RECORD,
        "notice_answered": _record("report"),
        "erasure_asked": RESTRICTED,
        "erasure_rejected": RESTRICTED,
        "child_erased": ERASURE,
        "statements_erased": ERASURE,
        "signed_in": SIGN_IN,
        "log_viewed": LOG_USED,
        "log_searched": LOG_USED,
        "log_exported": LOG_USED,
        "recomputed": LOG_USED,
        "sharing_viewed": RECORD_SEEN,
        "reidentification_asked": RESTRICTED,
        "reidentification_approved": RESTRICTED,
        "reidentified": replace(
            RESTRICTED, subtypes=(*RESTRICTED.subtypes, Code(LIFECYCLE, "reidentify"))
        ),
        "routes_listed": RESTRICTED,
        "route_opened": RESTRICTED,
        "route_reviewed": RESTRICTED,
        "breach_started": RESTRICTED,
        "breach_closed": RESTRICTED,
        "partner_registered": ADMINISTRATION,
        "partner_suspended": ADMINISTRATION,
        "partner_active": ADMINISTRATION,
        "partner_receives": ADMINISTRATION,
        "partner_merged": ADMINISTRATION,
        "partner_split": ADMINISTRATION,
        "partner_closed": ADMINISTRATION,
        "protocol_registered": ADMINISTRATION,
        "protocol_end_planned": ADMINISTRATION,
        "protocol_ended": ADMINISTRATION,
        "protocols_enforced": ADMINISTRATION,
        "service_succeeded": PERMISSION,
        "delivery_retried": ADMINISTRATION,
        "witness_registered": ADMINISTRATION,
        "restore_accepted": ADMINISTRATION,
        # As a family is told of them: not how a service tried, and what it did with its copy.
        "denied": DENIAL,
        "evaluation_denied": DENIAL,
        "consent_read_denied": DENIAL,
        "legal_route_denied": DENIAL,
        "notice_erased": _record("destroy"),
        "notice_kept_by_law": _record("hold"),
        "notice_nothing_held": _record("report"),
    }
)
FAMILY_ONLY: Final = frozenset(
    {
        "denied",
        "evaluation_denied",
        "consent_read_denied",
        "legal_route_denied",
        "notice_erased",
        "notice_kept_by_law",
        "notice_nothing_held",
    }
)
"""Words of the family's view, which stand in no line of the log."""


def pattern_of(act: str) -> Pattern:
    """Return the pattern of an act; `OTHER` for one that is not known."""
    return PATTERNS.get(act, OTHER)


def claimable() -> tuple[str, ...]:
    """Return the addresses of the profiles that some AuditEvent may claim."""
    names = {one.profile for one in PATTERNS.values() if one.profile}
    return tuple(sorted(f"{BALP}/StructureDefinition/{name}" for name in names))
