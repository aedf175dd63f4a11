"""Who is this signed-in person to the hub? Only somebody a source named as family is known."""

import hashlib
from datetime import datetime

from gateway.exchange.hub import Hub
from gateway.identity.callers import PersonCaller
from gateway.store import access_log, children
from gateway.store.engine import transaction


def person_for(
    hub: Hub, *, issuer: str, subject: str, insz: str | None, at: datetime
) -> PersonCaller | None:
    """Return the parent behind a sign-in, or None when the hub knows nobody by this number."""
    if not insz:
        return None
    correlation = hashlib.sha256(f"{issuer}|{subject}|{at.isoformat()}".encode()).hexdigest()[:16]
    with transaction(hub.engine) as tx:
        person = children.person_by_insz(tx, hub.vault.lookup("insz", insz))
        if person is None:
            return None
        entry = access_log.Entry(
            at=at,
            act="signed_in",
            actor=f"person/{person}",
            role="parent",
            outcome="done",
            correlation=correlation,
        )
        access_log.append(tx, entry)
    return PersonCaller(person=str(person), correlation=correlation)
