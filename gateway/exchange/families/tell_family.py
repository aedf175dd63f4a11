"""Tell those who decide for a child that something was shared by law, at once or when delayed.

The child itself once it can decide, and then not its parents; else the holders of authority. The
notice names no content: the pages say what it was about, to whoever may know.
"""

from datetime import datetime
from uuid import UUID

from consent.authority import authority_over, capacity_of
from gateway.clock import brussels_date
from gateway.exchange.facts import SELF, facts_for
from gateway.exchange.hub import Hub
from gateway.store import children, facts, notices
from gateway.store.engine import Transaction
from gateway.store.facts import StoredFacts


def tell_family(
    tx: Transaction,
    hub: Hub,
    child: UUID,
    route: UUID,
    *,
    recipient: str,
    release_at: datetime,
    at: datetime,
    shared_at: datetime | None = None,
) -> int:
    """Store a notice for everybody who decides for the child; return for how many it is new.

    `release_at` is when it is shown, `shared_at` (else now) when something was shared; the caller
    holds the child's lock.
    """
    stored = facts.load(tx, child, recipient)
    people = _deciders(tx, hub, stored, at=at) if stored else frozenset[UUID]()
    new = [
        notices.Notice(
            child=child,
            person=person,
            kind=notices.SHARED_BY_LAW,
            subject=str(route),
            day=brussels_date(shared_at or at),
            release_at=release_at,
        )
        for person in sorted(people)
    ]
    return notices.notify(tx, new, at=at)


def _deciders(tx: Transaction, hub: Hub, stored: StoredFacts, *, at: datetime) -> frozenset[UUID]:
    _, known = facts_for(stored, hub.vault, stored.child, "", (), at=at)
    if not capacity_of(known.child, brussels_date(at)).may_be_capable:
        return frozenset(UUID(one) for one in authority_over(known.people).everyone)
    own = [UUID(row[0]) for row in stored.ties if row[1] == SELF]
    return frozenset(own or _awaited(tx, stored.child))


def _awaited(tx: Transaction, child: UUID) -> list[UUID]:
    """Return the youngster's own person: it finds the notice when it first signs in."""
    return [children.ensure_person(tx, number) for number in children.numbers_of(tx, child)]
