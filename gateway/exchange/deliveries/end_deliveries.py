"""A statement ended: nobody gets it any more, who read it is told, and nobody else hears of it.

The notice names messages and nothing else, so that whoever runs the broker learns nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from gateway.store import access_log, outbox, partners, stopping
from gateway.store.engine import AnyRow, Transaction


def end_deliveries(
    tx: Transaction, child: UUID, *, corrected: Collection[UUID] = (), at: datetime
) -> None:
    """Destroy the unread keys of what stands no longer, and tell its readers.

    Of what was `corrected` the unread keys of earlier versions go too; the newer one is queued for
    whom it may go to. The caller holds the child's lock.
    """
    rows = stopping.ended_deliveries(tx, child, corrected)
    outbox.destroy_keys(tx, [row.id for row in rows if row.key], at=at)
    by_partner: dict[str, list[AnyRow]] = defaultdict(list)
    heirs = {name: partners.successor(tx, name) for name in {row.partner for row in rows}}
    for row in rows:
        by_partner[heirs[row.partner]].append(row)
    for partner, group in sorted(by_partner.items()):
        read = [row.id for row in group if row.state == "released" and row.over]
        if read:
            stopping.tell(tx, partner, child, read, kind=outbox.ENDED, at=at)
        access_log.append(tx, _line(child, partner, group, at=at))


def _line(child: UUID, partner: str, group: Sequence[AnyRow], *, at: datetime) -> access_log.Entry:
    return access_log.Entry(
        at=at,
        act="statement_ended",
        actor="hub",
        partner=partner,
        role="system",
        child=child,
        resources=tuple(sorted({f"{row.resource}/{row.version}" for row in group})),
        classes=tuple(sorted({row.data_class for row in group})),
        outcome="done",
    )
