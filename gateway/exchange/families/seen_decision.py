"""One decision and who asks about it, under the child's lock; absent and not visible are one."""

from datetime import datetime
from typing import NamedTuple

from consent.lifecycle import State
from gateway.exchange.families.decisions import acts_open, state_of_row, visible
from gateway.exchange.families.family import Member, locked_member, uuid_of
from gateway.exchange.hub import Hub
from gateway.identity.callers import PersonCaller
from gateway.store import consents
from gateway.store.consents import ConsentRow
from gateway.store.engine import Transaction


class Seen(NamedTuple):
    """A decision as this member of the family finds it now."""

    row: ConsentRow
    member: Member
    state: State

    @property
    def acts(self) -> frozenset[str]:
        """Return what this member may do with it now."""
        return acts_open(self.row, self.member, self.state)


def seen_by(
    tx: Transaction, hub: Hub, person: PersonCaller, consent_id: str, *, at: datetime
) -> Seen | None:
    """Return a decision about an own child that this person may know of, or None."""
    wanted = uuid_of(consent_id)
    row = consents.find(tx, wanted) if wanted else None
    member = locked_member(tx, hub, str(row.child), person, at=at) if row else None
    if member is None:
        return None
    # Read again under the lock: what was found before it may have changed.
    rows = visible(consents.of_child(tx, member.child), member)
    found = next((one for one in rows if one.id == wanted), None)
    return Seen(found, member, state_of_row(found, member, at=at)) if found else None
