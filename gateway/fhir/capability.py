"""The CapabilityStatement: exactly the interactions this server has, no more."""

from importlib.metadata import version
from typing import Any

from gateway.fhir.audit_event_acts import claimable
from gateway.fhir.audit_event_search import AUDITORS_MAY
from gateway.fhir.consent_resource import PROFILE

# Not a source's Task: it names who comes next and what lies in a file. Not its Consent: a refusal
# that a source wrote down is confidential, and no decision of the family in this hub.
SEARCHED_TYPES = frozenset(
    {"Condition", "DiagnosticReport", "DocumentReference", "Observation", "ServiceRequest"}
)
READ_TYPES = SEARCHED_TYPES | {
    "AllergyIntolerance", "ClinicalImpression", "Coverage", "EpisodeOfCare"
}  # fmt: skip


def capability_statement(issuer: str) -> dict[str, Any]:
    """Return the CapabilityStatement of the hub at this address (FHIR 4.0.1)."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-21",
        "kind": "instance",
        "software": {"name": "deelregie", "version": version("deelregie")},
        "implementation": {"description": "deelregie hub", "url": f"{issuer}/fhir"},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [{"mode": "server", "security": _security(), "resource": _resources()}],
    }


def _security() -> dict[str, Any]:
    system = "http://terminology.hl7.org/CodeSystem/restful-security-service"
    return {
        "service": [{"coding": [{"system": system, "code": "SMART-on-FHIR"}]}],
        "description": "Client credentials with private_key_jwt; see /.well-known/.",
    }


def _resources() -> list[dict[str, Any]]:
    records = [_resource(name) for name in READ_TYPES]
    return sorted(
        [*records, _audit_event(), _consent(), _provenance()], key=lambda one: str(one["type"])
    )


def _audit_event() -> dict[str, Any]:
    kinds = {"patient": "reference", "agent": "reference", "date": "date"}
    names = [one for one in AUDITORS_MAY if one not in {"_count", "after"}]
    return {
        "type": "AuditEvent",
        "supportedProfile": list(claimable()),
        "documentation": "For signed-in auditors and families, by session; not for systems.",
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": [{"name": one, "type": kinds.get(one, "token")} for one in names],
    }


def _consent() -> dict[str, Any]:
    return {
        "type": "Consent",
        "supportedProfile": [PROFILE],
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": [{"name": "patient", "type": "reference"}],
    }


def _provenance() -> dict[str, Any]:
    return {
        "type": "Provenance",
        "interaction": [{"code": "search-type"}],
        "searchParam": [{"name": "target", "type": "reference"}],
    }


def _resource(name: str) -> dict[str, Any]:
    interactions = [{"code": "read"}]
    if name not in SEARCHED_TYPES:
        return {"type": name, "interaction": interactions}
    return {
        "type": name,
        "interaction": [*interactions, {"code": "search-type"}],
        "searchParam": [{"name": "patient", "type": "reference"}],
    }
