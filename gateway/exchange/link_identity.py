"""A person decides which child a record without a valid national number is about."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from adapters.contract import Part, Unreadable
from adapters.translate import translate
from gateway.exchange.find_child import create_child
from gateway.exchange.hub import Hub
from gateway.exchange.origin import Origin
from gateway.exchange.receive_record import read_options
from gateway.exchange.replace_scope import origin_of
from gateway.exchange.settle_part import store_part
from gateway.exchange.take_back import lock_source
from gateway.store import access_log, children, receipts, reviews
from gateway.store.engine import AnyRow, Transaction, transaction

NEW_CHILD = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchToDecide:
    """One match that waits; what agrees is named, the values stay where they are."""

    id: str
    source: str
    receipt: str
    part: str
    candidates: tuple[str, ...]
    agrees: tuple[str, ...]
    raised_at: datetime


def matches_to_decide(hub: Hub) -> tuple[MatchToDecide, ...]:
    """Return the matches that wait for a person, oldest first."""
    with transaction(hub.engine) as tx:
        items = [one for one in reviews.open_items(tx) if one.kind == reviews.IDENTITY_MATCH]
        return tuple(_match(tx, item) for item in items)


def confirm_match(hub: Hub, item: str, child: str, *, by: str, at: datetime) -> bool:
    """Link a waiting part to one of its candidates, or to a `new` child; False if none waits."""
    with transaction(hub.engine) as tx:
        found = reviews.lock_open(tx, item)
        if found is None or not _may_be(found, child):
            return False
        part, origin = _part(tx, hub, found, at=at)
        chosen = create_child(tx, hub, part, at=at) if child == NEW_CHILD else UUID(child)
        children.lock(tx, chosen)
        stored = store_part(tx, hub, origin, part, chosen, at=at)
        receipts.settle_part(
            tx, origin.receipt, part.id, outcome="stored", child=chosen, resources=stored
        )
        reviews.decide(tx, found.id, f"confirmed:{chosen}", by=by, at=at)
        line = _log_line(tx, found.receipt, chosen, by, "identity_confirmed", at=at)
        access_log.append(tx, line)
    return True


def reject_match(hub: Hub, item: str, *, by: str, at: datetime) -> bool:
    """Leave a waiting part unlinked; its original stays kept. False if none waits."""
    with transaction(hub.engine) as tx:
        found = reviews.lock_open(tx, item)
        if found is None:
            return False
        receipts.settle_part(
            tx, found.receipt, found.part, outcome="not_linked", child=None, resources=0
        )
        reviews.decide(tx, found.id, "rejected", by=by, at=at)
        line = _log_line(tx, found.receipt, None, by, "identity_rejected", at=at)
        access_log.append(tx, line)
    return True


def _may_be(item: AnyRow, child: str) -> bool:
    return child == NEW_CHILD or child in {str(one) for one in item.candidates}


def _part(tx: Transaction, hub: Hub, item: AnyRow, *, at: datetime) -> tuple[Part, Origin]:
    """Translate the kept original again: it is the only place where the part's values lie."""
    described = receipts.find(tx, item.receipt)
    assert described is not None
    raw = receipts.original_of(tx, hub.vault, item.receipt)
    translation = translate(described.source, raw, read_options(hub, at=at))
    assert not isinstance(translation, Unreadable)
    part = next(one for one in translation.parts if one.id == item.part)
    # What was taken back or replaced meanwhile holds for it too.
    origin = origin_of(tx, hub, described, translation)
    lock_source(tx, origin)
    return part, origin


def _match(tx: Transaction, item: AnyRow) -> MatchToDecide:
    described = receipts.find(tx, item.receipt)
    assert described is not None
    return MatchToDecide(
        id=str(item.id),
        source=described.source,
        receipt=str(item.receipt),
        part=item.part,
        candidates=tuple(str(one) for one in item.candidates),
        agrees=tuple(item.evidence.get("agrees", ())),
        raised_at=item.raised_at,
    )


def _log_line(
    tx: Transaction, receipt: UUID, child: UUID | None, by: str, act: str, *, at: datetime
) -> access_log.Entry:
    described = receipts.find(tx, receipt)
    assert described is not None
    return access_log.Entry(
        at=at,
        act=act,
        actor=by,
        partner=described.partner,
        child=child,
        outcome="done",
        resources=(f"receipt/{receipt}",),
    )
