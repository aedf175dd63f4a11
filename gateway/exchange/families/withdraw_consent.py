"""Who decided stops it: after this commit nothing goes out on that consent, on any path.

Taking away a refusal, exclusion or objection of one's own is the same act.
"""

from datetime import datetime
from uuid import UUID

from gateway.clock import brussels_date
from gateway.exchange.families.consent_log import recorded, role_of
from gateway.exchange.families.family import uuid_of
from gateway.exchange.families.stop_sharing import start_again, stop_what_it_carried
from gateway.exchange.hub import Hub
from gateway.identity.callers import PersonCaller
from gateway.store import children, consents
from gateway.store.consents import ConsentRow
from gateway.store.engine import Transaction, transaction

GIVEN, LIFTED = "consent_withdrawn", "refusal_lifted"


def withdraw_consent(hub: Hub, person: PersonCaller, consent_id: str, *, at: datetime) -> bool:
    """End one's own decision; repeating it changes nothing.

    Of a grant the keys of what was not read yet are destroyed and its readers told; of a no, what
    other decisions let go is queued again. Parents may do so too when they decide no more, and then
    stop only what rested on it. A grant that ended by itself stays as it is, and speaks as no no.
    False when there is no such decision of this person; absent and not yours are the same.
    """
    wanted = uuid_of(consent_id)
    with transaction(hub.engine) as tx:
        consent = consents.find(tx, wanted) if wanted else None
        if consent is None or str(consent.person) != person.person:
            return False
        # Waits for every disclosure under way about this child to be logged and finished.
        children.lock(tx, consent.child)
        if _is_over(tx, consent.id, at=at):
            return True
        if consents.withdraw(tx, consent.id, by=consent.person, at=at):
            _end(tx, hub, person, consent, at=at)
    return True


def _is_over(tx: Transaction, consent_id: UUID, *, at: datetime) -> bool:
    """Whether a grant ended by itself; read under the lock, since the calendar may have run."""
    row = consents.find(tx, consent_id)
    if row is None or row.effect != "grant":
        return False
    past = row.until is not None and row.until < brussels_date(at)
    return past or row.ended_at is not None


def _end(
    tx: Transaction, hub: Hub, person: PersonCaller, consent: ConsentRow, *, at: datetime
) -> None:
    granted = consent.effect == "grant"
    if granted:
        stop_what_it_carried(tx, hub, consent, at=at)
    else:
        start_again(tx, consent, at=at)
    line = GIVEN if granted else LIFTED
    recorded(tx, line, "withdrawn", person, consent, role=role_of(consent.giver), at=at)
