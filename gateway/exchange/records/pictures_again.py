"""Statements that only the picture of another child left stand again, in older databases.

Before migration 0011 a complete picture of one child ended what another child's pictures named by
the same key, such as a team. The migration corrected what is remembered of pictures; statements
that had ended so lie encrypted, so that only the hub itself can say again what stands.
"""

from datetime import datetime
from uuid import UUID

from gateway.exchange.hub import Hub
from gateway.exchange.records.origin import Origin
from gateway.exchange.records.settle_part import look_again
from gateway.exchange.succession import goes_on_as
from gateway.store import children, statements, succession, unlinking
from gateway.store.engine import Transaction, transaction


def pictures_again(hub: Hub, *, at: datetime) -> int:
    """Let what no picture of its own child left out stand again; return how many children had it.

    A second time finds nothing. Each child is a transaction of its own.
    """
    with transaction(hub.engine) as tx:
        found = unlinking.left_no_picture(tx)
    wanted = sorted({(row.child, row.partner) for row in found})
    return len({child for child, partner in wanted if _stands_again(hub, child, partner, at=at)})


def _stands_again(hub: Hub, child: UUID, partner: str, *, at: datetime) -> bool:
    with transaction(hub.engine) as tx:
        if goes_on_as(tx, partner) != partner:
            return False
        sources = statements.of_sources(tx, child, partner)
        for source in sources:
            statements.lock_source(tx, partner, source, alone=False)
        children.lock(tx, child)
        names = unlinking.names_that_left_none(tx, child, partner)
        unlinking.put_back(tx, [child], [partner], names)
        return _look(tx, hub, child, partner, names, at=at)


def _look(
    tx: Transaction, hub: Hub, child: UUID, partner: str, names: frozenset[bytes], *, at: datetime
) -> bool:
    receipt = succession.last_receipt(tx, child)
    if receipt is None or not names:
        return False
    for source, known in statements.of_sources(tx, child, partner).items():
        spoken = Origin(
            receipt=receipt, partner=partner, source=source, delivered_by=partner, sha256=b""
        )
        look_again(tx, hub, spoken, child, names & known, at=at)
    return True
