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
    if service.secrecy is not None:
        return service.secrecy
    return DEFAULT_SECRECY.get(service.kind, "none")


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
    """Tell whether the service is in the file, with a kind that has a meaning."""
    return service is not None and service.kind in DEFAULT_SECRECY


def has_known_regime(service: Service) -> bool:
    """Tell whether its secrecy regime is one the rules know."""
    return secrecy_of(service) in REGIMES


def is_active(service: Service | None) -> bool:
    """Tell whether the service is in the file and works."""
    return service is not None and service.status == "active" and service.merged_into is None


def _mission(service: Service) -> tuple[str, str, bool]:
    return service.kind, secrecy_of(service), is_youth_help(service)


def _successors(named: str, services: Mapping[str, Service], *, any_mission: bool) -> list[str]:
    """The services this one went up in, one after the other."""
    found: list[str] = []
    while named in services:
        new = services[named].merged_into
        if new is None or new in found:
            break
        if not any_mission and not _same_mission(named, new, services):
            break
        found.append(new)
        named = new
    return found


def _same_mission(one: str, other: str, services: Mapping[str, Service]) -> bool:
    if one not in services or other not in services:
        return False
    return _mission(services[one]) == _mission(services[other])


def matches(named: str, service: str | None, services: Mapping[str, Service]) -> bool:
    """Tell whether a decision that names one service is about the other: itself, or its heir."""
    if service is None:
        return False
    return named == service or service in _successors(named, services, any_mission=False)


def lost_its_mission(named: str, service: str | None, services: Mapping[str, Service]) -> bool:
    """Tell whether the named service went up in this one, but kind, secrecy or status changed."""
    if service is None or matches(named, service, services):
        return False
    return service in _successors(named, services, any_mission=True)
