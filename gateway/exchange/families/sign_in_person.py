"""Who is this signed-in person to the hub? Whom a source named as family, or a youngster itself."""

import hashlib
from datetime import datetime
from uuid import UUID

from consent.lifecycle import SELF
from gateway.exchange.families.consent_log import role_of
from gateway.exchange.families.family import itself_may_sign_in
from gateway.exchange.hub import Hub
from gateway.identity.callers import PersonCaller
from gateway.store import access_log, children
from gateway.store.engine import Transaction, transaction


def person_for(
    hub: Hub, *, issuer: str, subject: str, insz: str | None, at: datetime
) -> PersonCaller | None:
    """Return the person behind a sign-in, or None when the hub knows nobody by this number.

    A youngster is known from the 12th birthday in Flanders, or once assessed capable; before
    that the answer is the same as for nobody.
    """
    if not insz:
        return None
    correlation = hashlib.sha256(f"{issuer}|{subject}|{at.isoformat()}".encode()).hexdigest()[:16]
    with transaction(hub.engine) as tx:
        found = _known(tx, hub, hub.vault.lookup("insz", insz), at=at)
        if found is None:
            return None
        person, role = found
        entry = access_log.Entry(
            at=at,
            act="signed_in",
            actor=f"person/{person}",
            role=role,
            outcome="done",
            correlation=correlation,
        )
        access_log.append(tx, entry)
    return PersonCaller(person=str(person), correlation=correlation)


def _known(tx: Transaction, hub: Hub, number: bytes, *, at: datetime) -> tuple[UUID, str] | None:
    youngster = _youngster(tx, hub, number, at=at)
    person = youngster or children.person_by_insz(tx, number)
    if person is None:
        return None
    if children.known_beside_self(tx, person):
        return person, role_of("parent")
    # Known only by an own file that is not open to it (any more): nobody.
    return (person, role_of(SELF)) if youngster else None


def _youngster(tx: Transaction, hub: Hub, number: bytes, *, at: datetime) -> UUID | None:
    """Return the person of the one child with this number, made known if it may sign in."""
    found = children.find(tx, "insz", number)
    if len(found) != 1:
        return None
    (child,) = found
    children.lock(tx, child)
    if not itself_may_sign_in(tx, hub, child, at=at):
        return None
    person = children.ensure_person(tx, number)
    children.claim_self(tx, child, person, at=at)
    return person
