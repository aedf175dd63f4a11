"""Turn accepted records into shared resources: translate, link, version, derive, queue.

Translation is pure and runs outside any transaction; everything it leads to commits at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

import orjson

from adapters.contract import Part, Rejection, RelatedKey, Segment, Translation, Unreadable, dump
from adapters.translate import translate
from consent.model import CHILD
from gateway.clock import brussels_date
from gateway.errors import SourceUnavailable
from gateway.exchange.derive_diagnosis import Snapshot, derive_diagnoses
from gateway.exchange.describe_child import Sender, facts_in
from gateway.exchange.disclose import shareable
from gateway.exchange.find_child import MISSING, Unsure, find_child, index_child, lock_numbers
from gateway.exchange.hub import Hub
from gateway.exchange.propose_match import ask_about_number, propose_match
from gateway.exchange.receive_record import read_options
from gateway.exchange.succession import goes_on_as
from gateway.observability import Event, log, warn
from gateway.store import children, consents, outbox, receipts, resources, reviews
from gateway.store.children import Tie
from gateway.store.engine import Transaction, transaction
from gateway.store.receipts import ReceiptPart
from gateway.store.resources import NewVersion

# Youth help may continue until 25; an older person's record is not the hub's to hold.
OLDEST = 25
UNKNOWN = Unsure(MISSING)
GIVE_UP_AFTER = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a part came from."""

    receipt: UUID
    partner: str
    source: str

    @property
    def sender(self) -> Sender:
        """Return who delivered it, and from which of its systems."""
        return Sender(self.partner, self.source)


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
        raw = receipts.original_of(tx, hub.vault, receipt)
        described = receipts.find(tx, receipt)
    assert described is not None
    origin = Origin(receipt=receipt, partner=described.partner, source=described.source)
    found = translate(origin.source, raw, read_options(hub, at=at))
    if isinstance(found, Unreadable):
        raise TypeError("an accepted record became unreadable")
    with transaction(hub.engine) as tx:
        if not receipts.lock_accepted(tx, receipt):
            return False
        _close(tx, hub, origin, found, at=at)
    log(Event.RECEIPT_PROCESSED, receipt=str(receipt), source=origin.source)
    return True


def _close(
    tx: Transaction, hub: Hub, origin: Origin, translation: Translation, *, at: datetime
) -> None:
    # In one order for every worker, so that two files about the same children cannot deadlock.
    young = [part for part in translation.parts if part.linkable and not _is_adult(part, at)]
    lock_numbers(tx, hub, origin.sender, young)
    # Who has a national number first: by then the source's own number may lead to that child.
    young.sort(key=lambda part: part.subject.insz is None)
    linked = {part.id: find_child(tx, hub, origin.sender, part, at=at) for part in young}
    for child in sorted({found for found in linked.values() if isinstance(found, UUID)}):
        children.lock(tx, child)
    settled = [
        settle(
            tx,
            hub,
            origin,
            part,
            linked.get(part.id, UNKNOWN),
            snapshot=translation.snapshot,
            at=at,
        )
        for part in translation.parts
    ]
    rejected = [_rejected(tx, origin, rejection, at=at) for rejection in translation.rejections]
    account = [
        {"path": line.path, "fate": line.fate, "to": list(line.to), "reason": line.reason}
        for line in translation.account
    ]
    receipts.close(
        tx,
        origin.receipt,
        (*settled, *rejected),
        status="processed",
        account=orjson.dumps(account),
        at=at,
    )


def settle(
    tx: Transaction,
    hub: Hub,
    origin: Origin,
    part: Part,
    child: UUID | Unsure,
    *,
    snapshot: bool,
    at: datetime,
) -> ReceiptPart:
    """Store one part under its child, or say what it waits for."""
    if not part.linkable:
        return _kept_only(part, "anonymous", "anonymous help is never linked to a child")
    if _is_adult(part, at):
        return _kept_only(part, "adult", "the hub keeps records about children and youngsters only")
    if isinstance(child, Unsure):
        return propose_match(tx, hub, origin.receipt, origin.sender, part, unsure=child, at=at)
    stored = store_part(tx, hub, origin, part, child, snapshot=snapshot, at=at)
    ask_about_number(tx, hub, origin.receipt, origin.sender, part, at=at)
    return ReceiptPart(part=part.id, outcome="stored", child=child, resources=stored)


def store_part(
    tx: Transaction,
    hub: Hub,
    origin: Origin,
    part: Part,
    child: UUID,
    *,
    snapshot: bool,
    at: datetime,
) -> int:
    """Write a part's resources, family and care relation; return how many resources it holds.

    The caller holds the child's lock.
    """
    # The service may have gone on in another one since it delivered this: then it is kept there,
    # and is no complete picture of what that one says.
    sender, kept_by = origin.sender, goes_on_as(tx, origin.partner)
    snapshot = snapshot and kept_by == origin.partner
    origin = replace(origin, partner=kept_by)
    key = children.key_of(tx, hub.vault, child)
    assert key is not None
    index_child(tx, hub, sender, part, child, key=key)
    children.complete_facts(tx, key, child, facts_in(part))
    family = _claim_family(tx, hub, child, part.related, origin, at=at)
    children.start_care(tx, child, origin.partner, at=at)
    changed = _save_segments(tx, hub, key, origin, part, child=child, family=family, at=at)
    picture = Snapshot(partner=origin.partner, source=origin.source) if snapshot else None
    changed |= derive_diagnoses(tx, hub, key, child, origin.receipt, snapshot_of=picture, at=at)
    queue_changes(tx, child, changed, at=at)
    return len(part.segments)


def _save_segments(
    tx: Transaction,
    hub: Hub,
    key: bytes,
    origin: Origin,
    part: Part,
    *,
    child: UUID,
    family: Mapping[str, str],
    at: datetime,
) -> set[UUID]:
    new = [
        _version(hub, origin, part, segment, child=child, family=family)
        for segment in part.segments
    ]
    changed = resources.save(tx, key, new, at=at)
    resources.deliver_again(tx, new)
    return changed


def _version(
    hub: Hub,
    origin: Origin,
    part: Part,
    segment: Segment,
    *,
    child: UUID,
    family: Mapping[str, str],
) -> NewVersion:
    return NewVersion(
        child=child,
        partner=origin.partner,
        type=segment.resource["resourceType"],
        data_class=segment.data_class,
        # A relative without a national number stays nobody the hub knows, who can grant nothing.
        about=frozenset(family.get(one, one) for one in segment.about),
        flags=segment.flags,
        layer=resources.ASSERTION,
        key_hash=hub.vault.lookup(f"record:{origin.source}", segment.key),
        asserted_at=f"{part.asserted_at}#{part.version}",
        content=dump(segment.resource),
        receipt=origin.receipt,
    )


def queue_changes(tx: Transaction, child: UUID, changed: Iterable[UUID], *, at: datetime) -> None:
    """Queue changed resources for services around the child to which some grant runs."""
    known = {part.id: part for part in resources.of_child(tx, child)}
    going = [known[found] for found in changed if found in known and shareable(known[found])]
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


def _claim_family(
    tx: Transaction,
    hub: Hub,
    child: UUID,
    related: Sequence[RelatedKey],
    origin: Origin,
    *,
    at: datetime,
) -> dict[str, str]:
    """Record who the source says is family; return its names for them with the hub's own ids."""
    # The subject is the record's own person, also from 18 on.
    known = {"adult": CHILD}
    for position, relative in enumerate(related, start=1):
        if relative.insz is not None:
            person = children.ensure_person(tx, hub.vault.lookup("insz", relative.insz))
            tie = Tie(person=person, relation=relative.relation, authority=relative.authority)
            children.claim_tie(tx, child, tie, evidence=f"source:{origin.source}", at=at)
            known[f"related-{position}"] = str(person)
    return known


def _rejected(
    tx: Transaction, origin: Origin, rejection: Rejection, *, at: datetime
) -> ReceiptPart:
    review = reviews.NewReview(
        kind=reviews.REJECTED_PART,
        receipt=origin.receipt,
        part=f"{rejection.where} {rejection.field}",
        evidence={"code": rejection.code, "where": rejection.where, "field": rejection.field},
    )
    reviews.raise_review(tx, review, at=at)
    return ReceiptPart(
        part=rejection.part or rejection.where,
        outcome="rejected",
        place=rejection.where,
        field=rejection.field,
        code=rejection.code,
        message=rejection.message,
    )


def _kept_only(part: Part, code: str, message: str) -> ReceiptPart:
    return ReceiptPart(part=part.id, outcome="kept_in_original", code=code, message=message)


def _is_adult(part: Part, at: datetime) -> bool:
    try:
        born = date.fromisoformat(part.subject.born or "")
    except ValueError:
        return part.adult
    today = brussels_date(at)
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return age > OLDEST
