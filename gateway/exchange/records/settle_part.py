"""Store what a source says about one person under its child, or say what it waits for."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from adapters.contract import Part, Segment, dump
from gateway.clock import brussels_date
from gateway.exchange.deliveries.end_deliveries import end_deliveries
from gateway.exchange.deliveries.queue_changes import queue_changes
from gateway.exchange.diagnoses.derive_diagnosis import derive_diagnoses
from gateway.exchange.hub import Hub
from gateway.exchange.identities.claim_ties import claim_family
from gateway.exchange.identities.describe_child import facts_in
from gateway.exchange.identities.find_child import Unsure, index_child
from gateway.exchange.identities.propose_match import ask_about_number, propose_match
from gateway.exchange.records.keep_statements import Kept, Owner, keep_statements
from gateway.exchange.records.origin import Origin
from gateway.exchange.records.replace_scope import replace_picture
from gateway.exchange.records.statement_names import (
    file_name,
    key_name,
    names_above,
    names_of_message,
)
from gateway.exchange.records.struck_files import (
    bind_file,
    names_called,
    names_of_numbers,
    strikes_by_number,
)
from gateway.store import children, resources, statements
from gateway.store.engine import Transaction
from gateway.store.receipts import ReceiptPart
from gateway.store.resources import NewVersion
from gateway.store.statements import Strike

# Youth help may continue until 25; an older person's record is not the hub's to hold.
OLDEST = 25


def settle(
    tx: Transaction, hub: Hub, origin: Origin, part: Part, child: UUID | Unsure, *, at: datetime
) -> ReceiptPart:
    """Store one part under its child, or say what it waits for."""
    if not part.linkable:
        return _kept_only(part, "anonymous", "anonymous help is never linked to a child")
    if is_adult(part, at):
        return _kept_only(part, "adult", "the hub keeps records about children and youngsters only")
    if isinstance(child, Unsure):
        return propose_match(tx, hub, origin.receipt, origin.sender, part, unsure=child, at=at)
    stored = store_part(tx, hub, origin, part, child, at=at)
    ask_about_number(tx, hub, origin.receipt, origin.sender, part, at=at)
    return ReceiptPart(part=part.id, outcome="stored", child=child, resources=stored)


def store_part(
    tx: Transaction, hub: Hub, origin: Origin, part: Part, child: UUID, *, at: datetime
) -> int:
    """Write a part's resources, family and care relation; return how many resources it holds.

    The caller holds the source's lock, and then the child's.
    """
    key = children.key_of(tx, hub.vault, child)
    assert key is not None
    index_child(tx, hub, origin.sender, part, child, key=key)
    children.complete_facts(tx, key, child, facts_in(part))
    # INVARIANT: who is family does not depend on what arrived first, nor on what was taken back.
    family = claim_family(
        tx,
        hub,
        child,
        part.related,
        partner=origin.partner,
        source=origin.source,
        asserted_at=origin.order_of(part),
        at=at,
    )
    children.start_care(tx, child, origin.partner, at=at)
    numbers = children.own_identifiers_of(tx, child)
    strikes = strikes_by_number(tx, hub, numbers)
    own = [one for source, one in strikes if _is_own(origin, source, one)]
    again = bind_file(tx, hub, origin, child, own)
    owner = _owner(hub, origin, child, names_called(hub, origin.source, numbers))
    kept = _save_segments(tx, hub, key, origin, owner, part=part, family=family, again=again, at=at)
    follow(tx, hub, key, child, kept, receipt=origin.receipt, at=at)
    for source, strike in strikes:
        if not _is_own(origin, source, strike):
            _strike(tx, hub, source, strike, child, at=at)
    return len(part.segments)


def look_again(
    tx: Transaction,
    hub: Hub,
    origin: Origin,
    child: UUID,
    names: Iterable[bytes],
    *,
    at: datetime,
) -> None:
    """Carry out on a child's statements what was remembered about them.

    The caller holds the source's lock, and then the child's.
    """
    key = children.key_of(tx, hub.vault, child)
    if key is None:
        return
    owner = _owner(hub, origin, child, names_of_numbers(tx, hub, origin.source, child))
    kept = keep_statements(tx, hub, key, owner, (), again=frozenset(names), at=at)
    if kept.changed or kept.vanished:
        follow(tx, hub, key, child, kept, receipt=origin.receipt, corrected=True, at=at)


def _is_own(origin: Origin, source: str, strike: Strike) -> bool:
    return source == origin.source and strike.partner in origin.names


def _strike(
    tx: Transaction, hub: Hub, source: str, strike: Strike, child: UUID, *, at: datetime
) -> None:
    """End what another source said, now that the number it struck leads to this child.

    Its lock is not needed: what is there is only looked at again, and whoever takes it back at this
    moment does that too, under the child's lock.
    """
    file = file_name(hub, source, child)
    found = statements.under(tx, strike.partner, [file], [child]).get(child, frozenset())
    struck = Origin(
        receipt=strike.receipt,
        partner=strike.partner,
        source=source,
        delivered_by=strike.partner,
        sha256=b"",
    )
    look_again(tx, hub, struck, child, found, at=at)


def follow(
    tx: Transaction,
    hub: Hub,
    key: bytes,
    child: UUID,
    kept: Kept,
    *,
    receipt: UUID,
    corrected: bool = False,
    at: datetime,
) -> None:
    """Let diagnoses, deliveries and readers follow what changed in a child's statements.

    What was `corrected` goes out in its earlier form no more.
    """
    # Diagnoses first: whom they tell of an end, needs no second notice.
    derived = derive_diagnoses(tx, hub, key, child, receipt, vanished=kept.vanished, at=at)
    found = kept.changed | derived
    end_deliveries(tx, child, corrected=found if corrected else (), at=at)
    queue_changes(tx, child, found, at=at)


def _save_segments(
    tx: Transaction,
    hub: Hub,
    key: bytes,
    origin: Origin,
    owner: Owner,
    *,
    part: Part,
    family: Mapping[str, str],
    again: frozenset[bytes],
    at: datetime,
) -> Kept:
    if origin.snapshot:
        again = again.union(replace_picture(tx, hub, origin, part, owner.child))
    message = names_of_message(hub, origin.source, part)
    new = [
        _version(hub, origin, part, segment, child=owner.child, family=family, message=message)
        for segment in part.segments
    ]
    return keep_statements(tx, hub, key, owner, new, again=again, at=at)


def _owner(hub: Hub, origin: Origin, child: UUID, by_number: frozenset[bytes]) -> Owner:
    return Owner(
        child=child,
        partner=origin.partner,
        names=origin.names,
        file=by_number.union({file_name(hub, origin.source, child)}),
        pictured_by=origin.delivered_by,
        receipt=origin.receipt,
    )


def _version(
    hub: Hub,
    origin: Origin,
    part: Part,
    segment: Segment,
    *,
    child: UUID,
    family: Mapping[str, str],
    message: tuple[bytes, ...],
) -> NewVersion:
    name = key_name(hub, origin.source, segment.key)
    return NewVersion(
        child=child,
        partner=origin.partner,
        type=segment.resource["resourceType"],
        data_class=segment.data_class,
        # A relative without a national number stays nobody the hub knows, who can grant nothing.
        about=frozenset(family.get(one, one) for one in segment.about),
        flags=segment.flags,
        layer=resources.ASSERTION,
        key_hash=name,
        above=names_above(hub, origin.source, segment.key, child),
        messages=tuple(one for one in message if one != name),
        asserted_at=origin.order_of_segment(part, segment),
        content=dump(segment.resource),
        receipt=origin.receipt,
    )


def _kept_only(part: Part, code: str, message: str) -> ReceiptPart:
    return ReceiptPart(part=part.id, outcome="kept_in_original", code=code, message=message)


def is_adult(part: Part, at: datetime) -> bool:
    """Whether a part is about somebody older than the hub keeps records about."""
    try:
        born = date.fromisoformat(part.subject.born or "")
    except ValueError:
        return part.adult
    today = brussels_date(at)
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return age > OLDEST
