"""What a service said about one child, as its successor says it from now on.

What either took back, changed or left out counts for all of it, in whatever order it came.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from gateway.exchange.deliveries.queue_changes import queue_changes
from gateway.exchange.diagnoses.derive_diagnosis import derive_diagnoses
from gateway.exchange.hub import Hub
from gateway.exchange.identities.claim_ties import hand_over_claims
from gateway.exchange.records.origin import Origin
from gateway.exchange.records.settle_part import look_again
from gateway.fhir.ended import SUPERSEDED
from gateway.store import children, statements, succession
from gateway.store.engine import Transaction
from gateway.store.partners import Partner


def take_statements(
    tx: Transaction, hub: Hub, child: UUID, old: Partner, into: str, *, at: datetime
) -> tuple[int, bool]:
    """Let a service's statements and claims be its successor's.

    Return how many statements moved, and whether any gave way to another of the same name.
    """
    hand_over_claims(tx, child, old.id, into, at=at)
    theirs = statements.of_sources(tx, child, old.id)
    own = statements.of_sources(tx, child, into)
    both = statements.said_by_both(tx, child, old.id, into, (old.id, *old.predecessors))
    outdone, newer = _compared(tx, hub, child, old.id, into, both=both)
    moved, clashed = succession.move_resources(
        tx, child, old.id, into, outdone=outdone, newer=newer
    )
    receipt = succession.last_receipt(tx, child)
    key = children.key_of(tx, hub.vault, child)
    if receipt is None or key is None:
        return moved, clashed
    if clashed or outdone:
        # A statement gave way: the leading diagnoses may be others now.
        queue_changes(tx, child, derive_diagnoses(tx, hub, key, child, receipt, at=at), at=at)
    for source in sorted({*theirs, *own}):
        mine = own.get(source, frozenset()).difference(both)
        for by, names in ((old.id, theirs.get(source, frozenset()) - mine), (into, mine)):
            spoken = _spoken(into, by, source, receipt)
            look_again(tx, hub, spoken, child, names, at=at)
    return moved, clashed or bool(outdone)


def _compared(
    tx: Transaction, hub: Hub, child: UUID, old: str, into: str, *, both: Collection[bytes]
) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """Return what the successor has that both said: outdone by the old service's word, or newer.

    That is one thing, and not two that two systems call by one name: the newest stands, as ever.
    """
    key = children.key_of(tx, hub.vault, child) if both else None
    if key is None:
        return frozenset(), frozenset()
    before = {one.key_hash: one for one in statements.known(tx, key, child, old, both)}
    since = statements.known(tx, key, child, into, both)
    outdone = frozenset(
        one.id
        for one in since
        if (before[one.key_hash].asserted_at, before[one.key_hash].said)
        > (one.asserted_at, one.said)
    )
    # What was put aside is said no more: what the old service says goes on under its name.
    says = frozenset(one.id for one in since if one.status != SUPERSEDED)
    return outdone, says - outdone


def _spoken(into: str, by: str, source: str, receipt: UUID) -> Origin:
    """Return where statements came from: the pictures of a service count for its own only."""
    return Origin(receipt=receipt, partner=into, source=source, delivered_by=by, sha256=b"")
