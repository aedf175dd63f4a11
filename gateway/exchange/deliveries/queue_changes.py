"""Queue what changed about a child for the services around it to which a grant runs."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from gateway.exchange.disclose import shareable
from gateway.store import children, consents, outbox, resources
from gateway.store.engine import Transaction


def queue_changes(tx: Transaction, child: UUID, changed: Iterable[UUID], *, at: datetime) -> None:
    """Queue changed resources for services around the child to which some grant runs."""
    going = [part for part in resources.active_of(tx, child, changed) if shareable(part)]
    if not going:
        return
    around = set(children.services_around(tx, child, at=at))
    interested = sorted(around & consents.partners_granted(tx, child, at=at))
    outbox.queue(
        tx,
        [
            outbox.Due(
                partner=partner,
                child=child,
                resource=part.id,
                version=part.version,
                kind=outbox.UPDATED,
            )
            for part in sorted(going, key=lambda part: (part.type, part.id))
            for partner in interested
            if partner != part.partner
        ],
        at=at,
    )
