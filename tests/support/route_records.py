"""Complete records of legal routes, as a holder would write them."""

from datetime import datetime, timedelta
from typing import Any

from gateway import clock

# Words of a record that may stand nowhere but in the encrypted record itself.
CANARY = "Zwarte-Zwaan-4711"


def day(at: datetime, days: int = 0) -> str:
    return str(clock.brussels_date(at) + timedelta(days=days))


def necessity(at: datetime) -> dict[str, Any]:
    """A record in which every part is filled in."""
    return {
        "invoked_by": {"name": f"An {CANARY}", "function": "arts"},
        "legal_basis": "necessity",
        "danger": {"nature": f"geweld {CANARY}", "who": "het kind", "imminence": "vanavond"},
        "consent": {"not_asked_because": "vragen brengt het kind in gevaar"},
        "alternatives": "praten hielp niet",
        "why_recipient": "het VK kan vanavond komen",
        "consulted": {"who": "een collega", "on": day(at)},
        "family": {"informed": {"on": day(at), "how": "telefoon"}},
        "ends_on": day(at, 7),
    }


def concern(at: datetime) -> dict[str, Any]:
    return {
        "invoked_by": {"name": f"Bo {CANARY}", "function": "begeleider"},
        "legal_basis": "report-of-concern",
        "facts": f"blauwe plekken {CANARY}",
        "own_steps": "twee huisbezoeken",
        "consent_impossible": "de ouders weigeren elk gesprek",
        "family": {"informed": {"on": day(at), "how": "gesprek"}},
        "ends_on": day(at, 7),
    }


def unanswered(at: datetime) -> dict[str, Any]:
    return {
        "invoked_by": {"name": f"Cas {CANARY}", "function": "begeleider"},
        "legal_basis": "shared-secrecy-youth-help",
        "need": "het CAW moet weten wat werkt",
        "interest": "het kind krijgt sneller hulp",
        "attempts": [{"date": day(at, -3), "means": "brief", "result": "geen antwoord"}],
        "outcome": "none",
        "alternatives": "wachten schaadt het kind",
        "why_recipient": "het CAW begeleidt het gezin",
        "consulted": {"who": "een collega", "on": day(at)},
        "ends_on": day(at, 7),
    }


def transfer(at: datetime, *, notified: int = -20, due: int = -1) -> dict[str, Any]:
    return {
        "invoked_by": {"name": f"Dia {CANARY}", "function": "CLB-medewerker"},
        "legal_basis": "clb-transfer",
        "notified_on": day(at, notified),
        "due_from": day(at, due),
        "waived": False,
        "ends_on": day(at, 29),
    }


def emergency() -> dict[str, Any]:
    return {
        "legal_basis": "vital-emergency",
        "reason": f"bewusteloos {CANARY}",
        "patient_state": "kan niets zeggen",
    }
