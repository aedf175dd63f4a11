"""The line that a family's decision leaves in the access log, whichever way it went."""

from datetime import datetime

from gateway.identity.callers import PersonCaller
from gateway.store.access_log import Entry
from gateway.store.consents import ConsentRow


def decided(act: str, person: PersonCaller, consent: ConsentRow, *, at: datetime) -> Entry:
    """Return the line for `consent_given` or `consent_withdrawn`."""
    return Entry(
        at=at,
        act=act,
        actor=f"person/{person.person}",
        partner=consent.partner,
        role="parent",
        purpose=consent.purpose,
        child=consent.child,
        classes=consent.classes or (),
        outcome="done",
        consents=(consent.id,),
        correlation=person.correlation,
    )
