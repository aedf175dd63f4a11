"""What stops at once when a decision ends, and what starts again when a no is taken away.

The one place for every act that stops: what lies undelivered in the scope loses its key, and who
read something in it gets a notice. The caller holds the child's lock alone.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from gateway.clock import brussels_date
from gateway.exchange.deliveries.stop_deliveries import stop_deliveries
from gateway.exchange.disclose import shareable
from gateway.exchange.families.family import deciders_of
from gateway.exchange.hub import Hub
from gateway.store import children, consents, outbox, partners, resources
from gateway.store.consents import ConsentRow
from gateway.store.engine import Transaction


def stop_sharing(tx: Transaction, scope: ConsentRow, *, at: datetime) -> None:
    """Destroy the keys of what was not read yet in the scope, and queue a notice to each reader.

    By scope and not by the decision's id: any right-holder's stop ends what all agreed to.
    """
    readers = sorted({partners.successor(tx, one) for one in outbox.readers(tx, scope)})
    outbox.destroy_in_scope(tx, scope, at=at)
    outbox.queue(tx, [_notice(scope, one) for one in readers], at=at)


def stop_what_it_carried(tx: Transaction, hub: Hub, ended: ConsentRow, *, at: datetime) -> None:
    """Stop sharing in the scope of a grant; of who decides no more, only what rested on it.

    Whoever lost the say may take back an own yes, and not what others let go by theirs.
    """
    deciders = deciders_of(tx, hub, ended.child, at=at)
    if deciders and ended.person not in deciders:
        stop_deliveries(tx, hub, ended.child, partners=None, resting_on=ended.id, at=at)
    else:
        stop_sharing(tx, ended, at=at)


def start_again(tx: Transaction, lifted: ConsentRow, *, at: datetime) -> None:
    """Queue what running grants open now that this decision stands in their way no more."""
    around = set(children.services_around(tx, lifted.child, at=at))
    for grant in consents.of_child(tx, lifted.child):
        if grant.partner in around and _runs(grant, at=at) and _meets(grant, lifted):
            outbox.queue(tx, opened_by(tx, grant), at=at)


def start_what_waits(tx: Transaction, child: UUID, *, at: datetime) -> None:
    """Queue what every running grant about a child opens: something held all of it until now."""
    around = set(children.services_around(tx, child, at=at))
    for grant in consents.of_child(tx, child):
        if grant.partner in around and _runs(grant, at=at):
            outbox.queue(tx, opened_by(tx, grant), at=at)


def opened_by(tx: Transaction, grant: ConsentRow) -> Iterator[outbox.Due]:
    """Yield what a grant may open and the service does not have; sealing decides about each."""
    assert grant.partner is not None
    assert grant.purpose is not None
    there = outbox.delivered_versions(tx, grant.child, grant.partner, grant.purpose)
    for part in resources.of_child(tx, grant.child):
        # A service needs no message about what it wrote itself, nor what it has already.
        new = part.partner != grant.partner and (part.id, part.version) not in there
        if new and shareable(part) and grant.covers(part.data_class):
            yield outbox.Due(
                partner=grant.partner,
                child=grant.child,
                resource=part.id,
                version=part.version,
                kind=outbox.UPDATED,
            )


def _runs(one: ConsentRow, *, at: datetime) -> bool:
    ended = one.withdrawn_at or one.superseded_at or one.contested_at or one.ended_at
    in_time = one.until is not None and one.until >= brussels_date(at)
    return one.effect == "grant" and ended is None and in_time


def _meets(grant: ConsentRow, lifted: ConsentRow) -> bool:
    return (
        lifted.partner in {None, grant.partner}
        and lifted.purpose in {None, grant.purpose}
        and (lifted.classes is None or not set(lifted.classes).isdisjoint(grant.classes or ()))
    )


def _notice(scope: ConsentRow, partner: str) -> outbox.Due:
    return outbox.Due(
        partner=partner,
        child=scope.child,
        resource=None,
        version=None,
        kind=outbox.WITHDRAWN,
        consent=scope.id,
    )
