"""Family and services that only a wrong link gave a child go with it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from gateway.exchange.hub import Hub
from gateway.exchange.identities.claim_ties import claim_family
from gateway.exchange.links.what_moves import Brought, Plan
from gateway.store import children, moving
from gateway.store.children import INSZ
from gateway.store.engine import Transaction


def move_family(
    tx: Transaction, hub: Hub, plan: Plan, source: UUID, target: UUID, *, at: datetime
) -> None:
    """Take away the people whom only moved parts named, and let what stays be claimed again.

    Somebody who signed in by a moved number as the child itself is nobody to this child any more.
    """
    kept = {number for one in plan.stays for number in one.numbers}
    own = {number for one in plan.goes for number in one.numbers} - kept
    named = {hub.vault.lookup(INSZ, one) for brought in plan.goes for one in brought.relatives}
    gone = moving.people_with(tx, named | own)
    # Also who is named by both: what stays says itself what that person is to the child.
    still = {hub.vault.lookup(INSZ, one) for brought in plan.stays for one in brought.relatives}
    moving.drop_notices(tx, source, set(gone) - set(moving.people_with(tx, still)))
    moving.drop_ties(tx, source, gone)
    _claim(tx, hub, plan.stays, source, at=at)
    _claim(tx, hub, plan.goes, target, at=at)


def _claim(
    tx: Transaction, hub: Hub, parts: Iterable[Brought], child: UUID, *, at: datetime
) -> None:
    for one in parts:
        claim_family(
            tx,
            hub,
            child,
            one.part.related,
            partner=one.kept_by,
            source=one.sender.source,
            asserted_at=one.origin.order_of(one.part),
            at=at,
        )


def move_care(tx: Transaction, plan: Plan, source: UUID, target: UUID, *, at: datetime) -> None:
    """Let services be around the child that they told about, and around no other.

    Also those that went on in another one since: they were around it once.
    """
    stay = {name for one in plan.stays for name in one.origin.names}
    for partner in sorted({one.kept_by for one in plan.goes} & stay):
        children.start_care(tx, target, partner, at=at)
    for partner in sorted({name for one in plan.goes for name in one.origin.names} - stay):
        moving.move_care(tx, source, partner, target)
