"""Who is calling: the only three kinds of caller the use cases know."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerCaller:
    """A partner's system, signed in with its own key; its scopes are a ceiling, no consent."""

    partner: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCaller:
    """A family member, signed in with OpenID Connect; `person` is the hub's internal id."""

    person: str
    correlation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditorCaller:
    """An auditor or DPO; `auditor` is an opaque id at the sign-in provider."""

    auditor: str
    correlation: str
    roles: frozenset[str] = frozenset()
    """What the sign-in provider says this auditor is besides: `dpo`, `clinician`."""
