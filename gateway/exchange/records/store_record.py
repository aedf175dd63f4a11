"""Turn accepted records into shared resources: translate, link, version, derive, queue.

Translation is pure and runs outside any transaction; everything it leads to commits at once.
"""

from datetime import datetime
from uuid import UUID

import orjson

from adapters.contract import Question, Rejection, Translation, Unreadable
from adapters.translate import translate
from gateway.errors import SourceUnavailable
from gateway.exchange.hub import Hub
from gateway.exchange.identities.find_child import MISSING, Unsure, find_child, numbers_in
from gateway.exchange.records.origin import Origin
from gateway.exchange.records.receive_record import read_options
from gateway.exchange.records.replace_scope import origin_of, replace_scope
from gateway.exchange.records.settle_part import is_adult, look_again, settle
from gateway.exchange.records.struck_files import numbers_struck
from gateway.exchange.records.take_back import lock_source, remember_changes
from gateway.observability import Event, log, warn
from gateway.store import children, receipts, reviews
from gateway.store.engine import AnyRow, Transaction, transaction
from gateway.store.receipts import ReceiptPart

UNKNOWN = Unsure(MISSING)
GIVE_UP_AFTER = 5
_LOOKED_AT_AS = {"rejected": reviews.REJECTED_PART, "question": reviews.QUESTION}


def process_accepted(hub: Hub, *, limit: int, at: datetime) -> int:
    """Process waiting receipts, oldest first; return how many were closed."""
    with transaction(hub.engine) as tx:
        waiting = receipts.waiting(tx, limit=limit)
    return sum(_process(hub, receipt, at=at) for receipt in waiting)


def _process(hub: Hub, receipt: UUID, *, at: datetime) -> bool:
    try:
        return _translate_and_store(hub, receipt, at=at)
    except SourceUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 -- the edge of one record: the ones behind it go on
        # A record that cannot be processed waits for a person and never blocks the next one.
        warn(Event.RECEIPT_FAILED, receipt=str(receipt), error=type(error).__name__)
        with transaction(hub.engine) as tx:
            receipts.count_attempt(tx, receipt, give_up_after=GIVE_UP_AFTER)
        return False


def _translate_and_store(hub: Hub, receipt: UUID, *, at: datetime) -> bool:
    with transaction(hub.engine) as tx:
        described, raw = receipts.whole(tx, hub.vault, receipt)
    found = translate(described.source, raw, read_options(hub, at=at))
    if isinstance(found, Unreadable):
        raise TypeError("an accepted record became unreadable")
    with transaction(hub.engine) as tx:
        if not receipts.lock_accepted(tx, receipt):
            return False
        _close(tx, hub, described, found, at=at)
    log(Event.RECEIPT_PROCESSED, receipt=str(receipt), source=described.source)
    return True


def _close(
    tx: Transaction, hub: Hub, described: AnyRow, translation: Translation, *, at: datetime
) -> None:
    # One order for every worker, so that no two wait for each other: the service, its source, what
    # children are looked up by, and the children.
    origin = origin_of(tx, hub, described, translation)
    lock_source(tx, origin, translation)
    linked = _find_children(tx, hub, origin, translation, at=at)
    changes = remember_changes(tx, hub, origin, translation, at=at)
    changes.add(replace_scope(tx, hub, origin, translation))
    found = {one for one in linked.values() if isinstance(one, UUID)}
    for child in sorted(found | set(changes.affected)):
        children.lock(tx, child)
    # What is remembered of a delivery counts for its own parts too.
    settled = [
        settle(tx, hub, origin, part, linked.get(part.id, UNKNOWN), at=at)
        for part in translation.parts
    ]
    for child, names in sorted(changes.affected.items()):
        look_again(tx, hub, origin, child, names, at=at)
    looked_at = [_to_person(tx, origin, one, "rejected", at=at) for one in translation.rejections]
    looked_at += [_to_person(tx, origin, one, "question", at=at) for one in translation.questions]
    _close_receipt(tx, origin, (*settled, *changes.parts, *looked_at), translation, at=at)


def _find_children(
    tx: Transaction, hub: Hub, origin: Origin, translation: Translation, *, at: datetime
) -> dict[str, UUID | Unsure]:
    """Return, by part, which child it is about; adults and anonymous help are looked up nowhere."""
    young = [part for part in translation.parts if part.linkable and not is_adult(part, at)]
    found = {one for part in young for one in numbers_in(hub, origin.sender, part).hashes()}
    children.lock_lookups(tx, found | numbers_struck(hub, origin, translation))
    # Who has a national number first: by then the source's own number may lead to that child.
    young.sort(key=lambda part: part.subject.insz is None)
    return {part.id: find_child(tx, hub, origin.sender, part, at=at) for part in young}


def _close_receipt(
    tx: Transaction,
    origin: Origin,
    parts: tuple[ReceiptPart, ...],
    translation: Translation,
    *,
    at: datetime,
) -> None:
    account = [
        {"path": line.path, "fate": line.fate, "to": list(line.to), "reason": line.reason}
        for line in translation.account
    ]
    receipts.close(
        tx, origin.receipt, parts, status="processed", account=orjson.dumps(account), at=at
    )


def _to_person(
    tx: Transaction, origin: Origin, one: Rejection | Question, outcome: str, *, at: datetime
) -> ReceiptPart:
    """Put what only a person may decide before one: the place and a code, never the words."""
    review = reviews.NewReview(
        kind=_LOOKED_AT_AS[outcome],
        receipt=origin.receipt,
        part=f"{one.where} {one.field}",
        evidence={"code": one.code, "where": one.where, "field": one.field},
    )
    reviews.raise_review(tx, review, at=at)
    return ReceiptPart(
        part=one.part or one.where,
        outcome=outcome,
        place=one.where,
        field=one.field,
        code=one.code,
        message=one.message,
    )
