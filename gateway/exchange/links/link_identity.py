"""A person decides which child a record is about that no number leads to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from adapters.contract import Part
from gateway.exchange.hub import Hub
from gateway.exchange.identities.describe_child import subject_of
from gateway.exchange.identities.find_child import (
    TWO_CHILDREN,
    create_child,
    lock_numbers,
    numbers_in,
)
from gateway.exchange.records.origin import Origin
from gateway.exchange.records.read_again import ReadAgain, read_again
from gateway.exchange.records.replace_scope import origin_of
from gateway.exchange.records.settle_part import store_part
from gateway.exchange.records.take_back import lock_source
from gateway.store import access_log, children, identities, receipts, reviews, waiting_matches
from gateway.store.engine import AnyRow, Transaction, transaction

NEW_CHILD: Final = "new"
REJECTED_BEFORE: Final = "rejected-before"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchToDecide:
    """One match that waits; what agrees is named, the values stay where they are."""

    id: str
    source: str
    partner: str
    receipt: str
    part: str
    reason: str
    candidates: tuple[str, ...]
    agrees: tuple[str, ...]
    proposals: tuple[Mapping[str, Any], ...]
    """Per candidate: `child`, `score` (0 to 100), `class`, `features` and `notes`."""
    raised_at: datetime


def matches_to_decide(hub: Hub) -> tuple[MatchToDecide, ...]:
    """Return the matches that wait for a person, oldest first."""
    with transaction(hub.engine) as tx:
        waiting = reviews.open_matches(tx)
        refused = identities.refused_for(tx, [row.subject for row in waiting if row.subject])
    return tuple(_match(row, refused) for row in waiting)


def confirm_match(hub: Hub, item: str, child: str, *, by: str, at: datetime) -> bool:
    """Link a waiting part to one of its candidates, or to a `new` child; False if none waits."""
    with transaction(hub.engine) as tx:
        found = _lock_match(tx, item)
        if found is None or not _may_be(found, child):
            return False
        again = read_again(tx, hub, found.receipt, at=at)
        part = again.part(found.part) if again else None
        if again is None or part is None:
            return False
        origin = origin_again(tx, hub, again)
        lock_numbers(tx, hub, again.sender, [part])
        chosen = create_child(tx, hub, part, at=at) if child == NEW_CHILD else UUID(child)
        others = found.candidates if child == NEW_CHILD else ()
        _keep(tx, hub, again, part, [chosen], same=True, by=by, at=at)
        _keep(tx, hub, again, part, others, same=False, by=by, at=at)
        _decide_numbers(tx, hub, found, again, part, chosen=chosen, by=by, at=at)
        link(tx, hub, found, again, chosen, origin=origin, by=by, at=at)
    return True


def link(
    tx: Transaction,
    hub: Hub,
    item: AnyRow,
    again: ReadAgain,
    child: UUID,
    *,
    origin: Origin,
    by: str,
    at: datetime,
) -> None:
    """Store a waiting part under its child and close what waited.

    The caller holds the item, and what `origin_again` locks.
    """
    part = again.part(item.part)
    assert part is not None
    children.lock(tx, child)
    stored = store_part(tx, hub, origin, part, child, at=at)
    receipts.settle_part(
        tx, origin.receipt, part.id, outcome="stored", child=child, resources=stored
    )
    reviews.decide(tx, item.id, f"confirmed:{child}", by=by, at=at)
    waiting_matches.forget_keys(tx, item.id)
    access_log.append(tx, _log_line(again, child, by, "identity_confirmed", at=at))
    # The same number may lead others that wait to this child now (`link_waiting`).
    tx.execute(text("notify deelregie_receipts"))


def origin_again(tx: Transaction, hub: Hub, again: ReadAgain) -> Origin:
    """Return where a kept original came from; nothing of its source is taken back meanwhile.

    What was taken back or replaced since it came in holds for it too.
    """
    described = receipts.find(tx, again.receipt)
    assert described is not None
    origin = origin_of(tx, hub, described, again.translation, again.whole)
    lock_source(tx, origin)
    return origin


def reject_match(hub: Hub, item: str, *, by: str, at: datetime) -> bool:
    """Leave a waiting part unlinked, and remember that it is none of its candidates.

    Its original stays kept. False if none waits.
    """
    with transaction(hub.engine) as tx:
        found = _lock_match(tx, item)
        if found is None:
            return False
        again = read_again(tx, hub, found.receipt, at=at)
        if again is None:
            return False
        part = again.part(found.part)
        if part is not None:
            _keep(tx, hub, again, part, found.candidates, same=False, by=by, at=at)
            _decide_numbers(tx, hub, found, again, part, chosen=None, by=by, at=at)
        receipts.settle_part(
            tx, found.receipt, found.part, outcome="not_linked", child=None, resources=0
        )
        reviews.decide(tx, found.id, "rejected", by=by, at=at)
        waiting_matches.forget_keys(tx, found.id)
        access_log.append(tx, _log_line(again, None, by, "identity_rejected", at=at))
    return True


def _lock_match(tx: Transaction, item: str) -> AnyRow | None:
    found = reviews.lock_open(tx, item)
    return found if found is not None and found.kind == reviews.IDENTITY_MATCH else None


def _may_be(item: AnyRow, child: str) -> bool:
    return child == NEW_CHILD or child in {str(one) for one in item.candidates}


def _keep(
    tx: Transaction,
    hub: Hub,
    again: ReadAgain,
    part: Part,
    found: Sequence[UUID],
    *,
    same: bool,
    by: str,
    at: datetime,
) -> None:
    subject = subject_of(hub, again.sender, part)
    identities.keep_verdicts(tx, subject, found, same=same, by=by, at=at)


def _decide_numbers(
    tx: Transaction,
    hub: Hub,
    item: AnyRow,
    again: ReadAgain,
    part: Part,
    *,
    chosen: UUID | None,
    by: str,
    at: datetime,
) -> None:
    """Remember which child two numbers beside each other are, so that nobody is asked again."""
    together = numbers_in(hub, again.sender, part).together(hub)
    if together is None or item.evidence.get("reason") != TWO_CHILDREN:
        return
    # The last word counts, also over whom somebody chose before.
    known = {*item.candidates, *identities.verdicts_on(tx, together)} - {chosen}
    identities.keep_verdicts(tx, together, sorted(known), same=False, by=by, at=at)
    if chosen is not None:
        identities.keep_verdicts(tx, together, [chosen], same=True, by=by, at=at)


def _match(row: AnyRow, refused: Collection[tuple[bytes, str]]) -> MatchToDecide:
    """Return what waits, and say of each pair whether a person said no to it meanwhile."""
    subject = bytes(row.subject or b"")
    proposals = (
        {**one, "notes": [*one["notes"], REJECTED_BEFORE]}
        if (subject, one["child"]) in refused
        else one
        for one in row.evidence.get("proposals", ())
    )
    return MatchToDecide(
        id=str(row.id),
        source=row.source,
        partner=row.partner,
        receipt=str(row.receipt),
        part=row.part,
        reason=row.evidence.get("reason", "missing-number"),
        candidates=tuple(str(one) for one in row.candidates),
        agrees=tuple(row.evidence.get("agrees", ())),
        proposals=tuple(proposals),
        raised_at=row.raised_at,
    )


def _log_line(
    again: ReadAgain, child: UUID | None, by: str, act: str, *, at: datetime
) -> access_log.Entry:
    return access_log.Entry(
        at=at,
        act=act,
        actor=by,
        partner=again.sender.partner,
        child=child,
        outcome="done",
        resources=(f"receipt/{again.receipt}",),
    )
