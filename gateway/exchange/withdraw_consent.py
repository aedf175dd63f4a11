"""A parent stops sharing: after this commit nothing more goes out on this consent, on any path."""

from datetime import datetime
from uuid import UUID

from gateway.exchange.consent_log import decided
from gateway.exchange.hub import Hub
from gateway.identity.callers import PersonCaller
from gateway.store import access_log, children, consents, outbox, partners
from gateway.store.consents import ConsentRow
from gateway.store.engine import transaction


def withdraw_consent(hub: Hub, person: PersonCaller, consent_id: str, *, at: datetime) -> bool:
    """End the grant, destroy the keys of what was not read yet, queue a notice to a reader.

    False when there is no such consent of this person; absent and not yours are the same.
    """
    try:
        wanted = UUID(consent_id)
    except ValueError:
        return False
    with transaction(hub.engine) as tx:
        consent = consents.find(tx, wanted)
        if consent is None or str(consent.person) != person.person:
            return False
        # Waits for every disclosure under way about this child to be logged and finished.
        children.lock(tx, consent.child)
        if not consents.withdraw(tx, wanted, by=consent.person, at=at):
            return True
        outbox.destroy_in_scope(tx, consent, at=at)
        if consent.partner and outbox.received(tx, consent):
            reader = partners.successor(tx, consent.partner)
            outbox.queue(tx, [_notice(consent, reader)], at=at)
        access_log.append(tx, decided("consent_withdrawn", person, consent, at=at))
    return True


def _notice(consent: ConsentRow, partner: str) -> outbox.Due:
    return outbox.Due(
        partner=partner,
        child=consent.child,
        resource=None,
        version=None,
        kind=outbox.WITHDRAWN,
        consent=consent.id,
    )
