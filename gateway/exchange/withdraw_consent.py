"""Who decided stops it: after this commit nothing goes out on that consent, on any path.

Taking away a refusal, exclusion or objection of one's own is the same act.
"""

from datetime import datetime

from gateway.exchange.consent_log import recorded, role_of
from gateway.exchange.family import uuid_of
from gateway.exchange.hub import Hub
from gateway.exchange.stop_sharing import start_again, stop_sharing
from gateway.identity.callers import PersonCaller
from gateway.store import children, consents
from gateway.store.consents import ConsentRow
from gateway.store.engine import Transaction, transaction

GIVEN, LIFTED = "consent_withdrawn", "refusal_lifted"


def withdraw_consent(hub: Hub, person: PersonCaller, consent_id: str, *, at: datetime) -> bool:
    """End one's own decision; repeating it changes nothing.

    Of a grant the keys of what was not read yet are destroyed and its readers told; of a no, what
    other decisions let go is queued again. Parents may do so too when they decide no more. False
    when there is no such decision of this person; absent and not yours are the same.
    """
    wanted = uuid_of(consent_id)
    with transaction(hub.engine) as tx:
        consent = consents.find(tx, wanted) if wanted else None
        if consent is None or str(consent.person) != person.person:
            return False
        # Waits for every disclosure under way about this child to be logged and finished.
        children.lock(tx, consent.child)
        if consents.withdraw(tx, consent.id, by=consent.person, at=at):
            _end(tx, person, consent, at=at)
    return True


def _end(tx: Transaction, person: PersonCaller, consent: ConsentRow, *, at: datetime) -> None:
    granted = consent.effect == "grant"
    if granted:
        stop_sharing(tx, consent, at=at)
    else:
        start_again(tx, consent, at=at)
    line = GIVEN if granted else LIFTED
    recorded(tx, line, "withdrawn", person, consent, role=role_of(consent.giver), at=at)
