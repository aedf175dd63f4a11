"""Service kinds and what they imply (rules A1 and scenarios/README.md), and mergers (section 3)."""

from collections.abc import Mapping

from consent.model import Service

ADMINISTRATIONS = {"vaph_admin", "opgroeien_admin", "groeipakket"}
DEFAULT_SECRECY = {
    "clb": "professional",
    "caw": "professional",
    "vaph_facility": "professional",
    "ckg": "professional",
    "foster_service": "professional",
    "vk": "professional",
    "ocj": "professional",
    "health": "professional",
    "vaph_admin": "official",
    "opgroeien_admin": "official",
    "groeipakket": "official",
    "school": "official",
    "inspection": "official",
    "childcare": "discretion",
    "huis_van_het_kind": "discretion",
    "overkop": "discretion",
    "gbo": "discretion",
    "judiciary": "none",
    "police": "none",
    "employer": "none",
    "insurer": "none",
}
YOUTH_HELP = {"clb", "caw", "vaph_facility", "ckg", "foster_service", "vk", "ocj"}
NATIONAL_NUMBER = {
    "vaph_facility",
    "vaph_admin",
    "clb",
    "vk",
    "ocj",
    "health",
    "groeipakket",
    "opgroeien_admin",
}
DEFAULT_ROLE = {
    **dict.fromkeys(ADMINISTRATIONS, "decision"),
    "school": "teacher",
    "childcare": "childcare_worker",
    "judiciary": "judge",
    "police": "judge",
    "inspection": "inspector",
}
BOUND = {"professional", "youth_help"}
REGIMES = {*BOUND, "official", "discretion", "none"}


def secrecy_of(service: Service) -> str:
    """Its own regime, or that of its kind."""
    return service.secrecy or DEFAULT_SECRECY.get(service.kind, "none")


def is_youth_help(service: Service) -> bool:
    """Tell whether it is a youth-help actor."""
    return service.kind in YOUTH_HELP if service.youth_help is None else service.youth_help


def may_use_national_number(service: Service) -> bool:
    """Tell whether it may use the national number."""
    if service.national_number is None:
        return service.kind in NATIONAL_NUMBER
    return service.national_number


def default_role(service: Service) -> str:
    """The role of a delivery to the whole service."""
    return DEFAULT_ROLE.get(service.kind, "care")


def is_known(service: Service | None) -> bool:
    """Tell whether the service is in the file, with a kind and a regime that have a meaning."""
    return (
        service is not None and service.kind in DEFAULT_SECRECY and secrecy_of(service) in REGIMES
    )


def is_active(service: Service | None) -> bool:
    """Tell whether the service is in the file and works."""
    return service is not None and service.status == "active"


def _mission(service: Service) -> tuple[str, str, bool]:
    return service.kind, secrecy_of(service), is_youth_help(service)


def merged_into(named: str, service: str | None, services: Mapping[str, Service]) -> bool:
    """Tell whether the named service went up in this one, whatever its mission."""
    old = services.get(named)
    return old is not None and service is not None and old.merged_into == service


def same_mission(one: str, other: str, services: Mapping[str, Service]) -> bool:
    """Tell whether kind, secrecy and youth-help status are the same."""
    if one not in services or other not in services:
        return False
    return _mission(services[one]) == _mission(services[other])


def matches(named: str, service: str | None, services: Mapping[str, Service]) -> bool:
    """Tell whether a decision that names one service is about the other."""
    if service is None:
        return False
    if named == service:
        return True
    return merged_into(named, service, services) and same_mission(named, service, services)
