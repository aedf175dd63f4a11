"""Somebody says that a consent was not validly given; an auditor settles it.

Until then the consent carries nothing, and what lies undelivered stops as after a withdrawal.
"""

from datetime import datetime
from typing import Final

from consent.lifecycle import SELF
from gateway.exchange.families.consent_log import recorded, role_of, settled
from gateway.exchange.families.seen_decision import Seen, seen_by
from gateway.exchange.families.stop_sharing import start_again, stop_what_it_carried
from gateway.exchange.hub import Hub
from gateway.exchange.refusal import Refusal
from gateway.identity.callers import AuditorCaller, PersonCaller
from gateway.store import children, consents
from gateway.store.engine import transaction
from gateway.store.vault import AUDITORS

_NOT_RUNNING: Final = Refusal("not_running", "this decision carries nothing; nothing to contest")


def contest_consent(
    hub: Hub, person: PersonCaller, consent_id: str, *, at: datetime
) -> bool | Refusal:
    """Let a grant carry nothing until it is settled; contesting twice is contesting once.

    Open to its supposed giver and to holders of authority who decide about the child. Not to the
    child about a parent's: the parent would read there what it thinks; it says no instead. False
    when there is no such decision that this person may contest; absent and not yours are the same.
    """
    with transaction(hub.engine) as tx:
        seen = seen_by(tx, hub, person, consent_id, at=at)
        if seen is None or not _concerned(seen):
            return False
        if seen.row.contested_at is not None:
            return True
        if "contest" not in seen.acts or not consents.contest(tx, seen.row.id, at=at):
            return _NOT_RUNNING
        stop_what_it_carried(tx, hub, seen.row, at=at)
        role = role_of(seen.member.giver)
        recorded(tx, "consent_contested", "contested", person, seen.row, role=role, at=at)
    return True


def _concerned(seen: Seen) -> bool:
    mine = seen.row.person == seen.member.person
    return mine or (seen.member.decides and seen.member.giver != SELF)


def settle_contest(
    hub: Hub, auditor: AuditorCaller, consent: str, *, uphold: bool, at: datetime
) -> bool:
    """Let a contested grant count again, or end it for good; False when none waits by this name.

    `consent` is the auditors' pseudonym. An annulled grant is ended as a withdrawn one: it speaks
    as a no of its supposed giver, until that person says yes anew.
    """
    wanted = hub.vault.resolve(AUDITORS, consent)
    with transaction(hub.engine) as tx:
        row = consents.find(tx, wanted) if wanted else None
        if row is None:
            return False
        children.lock(tx, row.child)
        row = consents.find(tx, row.id)
        if row is None or row.contested_at is None:
            return False
        if uphold and consents.uphold(tx, row.id):
            start_again(tx, row, at=at)
            settled(tx, "upheld", auditor, row, at=at)
            return True
        if not uphold and consents.withdraw(tx, row.id, by=None, at=at):
            settled(tx, "annulled", auditor, row, at=at)
            return True
    return False


def contested(hub: Hub) -> tuple[str, ...]:
    """Return the auditors' pseudonyms of what waits to be settled, longest first."""
    with transaction(hub.engine) as tx:
        return tuple(hub.vault.pairwise(AUDITORS, row.id) for row in consents.contested(tx))
