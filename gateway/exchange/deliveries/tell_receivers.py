"""Tell who received a statement that it no longer holds, and nobody else (GDPR, article 19).

The notice names messages, and the ids under which something was read over HTTP; no child, no
reason and no content, since the family may have stopped this sharing meanwhile (rules of sharing,
section 6, item 12).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from gateway.exchange.disclose import judge, shareable
from gateway.exchange.hub import Hub
from gateway.store import access_log, consents, corrections, partners
from gateway.store.corrections import Received
from gateway.store.engine import Transaction
from gateway.store.resources import StoredResource


def tell_receivers(tx: Transaction, child: UUID, ended: Iterable[UUID], *, at: datetime) -> int:
    """Take back what was not opened yet, and tell who has it; return how many services.

    Of any type of resource. The caller holds the child's lock and ended them in this transaction.
    """
    wanted = sorted(ended)
    if not wanted:
        return 0
    corrections.destroy_older(tx, child, wanted, ended=True, at=at)
    return _tell(tx, child, corrections.received(tx, child, wanted), at=at)


def tell_of_versions(
    tx: Transaction,
    child: UUID,
    wrong: Mapping[UUID, Collection[int]],
    *,
    over_http: bool = False,
    at: datetime,
) -> int:
    """Tell who has one of these versions that it does not hold; return how many services.

    Or only who read it `over_http`. The caller holds the child's lock, and destroys the keys of
    what was not opened yet.
    """
    have = corrections.received(tx, child, wrong) if wrong else ()
    told = [
        one
        for one in have
        if one.version in wrong[one.resource] and not (over_http and one.delivery)
    ]
    return _tell(tx, child, told, at=at)


def tell_left_out(
    tx: Transaction, hub: Hub, child: UUID, corrected: Iterable[StoredResource], *, at: datetime
) -> int:
    """Tell who has an earlier version of what was corrected and may not have the new one.

    Who may have it gets the new version as any other change.
    """
    current = {one.id: one for one in corrected}
    if not current:
        return 0
    left_out = [
        one
        for one in corrections.received(tx, child, current)
        if one.version < current[one.resource].version
        and not _may_have(tx, hub, child, one.partner, current[one.resource], at=at)
    ]
    return _tell(tx, child, left_out, at=at)


def _may_have(
    tx: Transaction, hub: Hub, child: UUID, partner: str, part: StoredResource, *, at: datetime
) -> bool:
    for purpose in consents.purposes_granted(tx, child, partner) if shareable(part) else ():
        found = judge(
            tx,
            hub,
            recipient=partner,
            child=child,
            parts=[part],
            purpose=purpose,
            kind="routed",
            at=at,
        )
        if found and found.released:
            return True
    return False


def _tell(tx: Transaction, child: UUID, received: Iterable[Received], *, at: datetime) -> int:
    heirs: dict[str, list[Received]] = defaultdict(list)
    for one in received:
        heirs[partners.successor(tx, one.partner)].append(one)
    for partner, what in sorted(heirs.items()):
        corrections.tell(tx, partner, child, what, at=at)
        access_log.append(tx, _line(child, partner, at=at))
    return len(heirs)


def _line(child: UUID, partner: str, *, at: datetime) -> access_log.Entry:
    return access_log.Entry(
        at=at,
        act="correction_told",
        actor="hub",
        partner=partner,
        role="system",
        child=child,
        outcome="done",
    )
