"""Take a child, or some of its statements, out of the kept originals of what sources delivered."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from adapters.contract import Part, Retraction, Translation, Unreadable
from adapters.registry import ADAPTERS
from adapters.translate import translate
from gateway.exchange.hub import Hub
from gateway.exchange.identities.describe_child import Sender
from gateway.exchange.identities.find_child import numbers_in
from gateway.exchange.records.origin import Whole
from gateway.exchange.records.receive_record import read_options
from gateway.exchange.records.reduced_original import REDUCED, read_reduced, write_reduced
from gateway.exchange.records.statement_names import file_called, file_name, key_name, names_of_file
from gateway.store import children, erasing, originals, receipts
from gateway.store.engine import AnyRow, Transaction

_Read = tuple[Translation, Whole]


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """How a child is known in deliveries: hashes of its numbers, and names of its statements."""

    child: UUID
    numbers: frozenset[bytes]
    names: frozenset[bytes]


def traces_of(tx: Transaction, hub: Hub, child: UUID) -> Traces:
    """Return how deliveries name a child, and nobody else."""
    numbers = frozenset(bytes(one) for one in children.identifiers_of(tx, child))
    files = {
        name
        for source in ADAPTERS
        for name in (
            file_name(hub, source, child),
            *(file_called(hub, source, number) for number in numbers),
        )
    }
    names = erasing.names_of(tx, child) | files
    return Traces(child=child, numbers=numbers, names=names)


def take_child_out(tx: Transaction, hub: Hub, traces: Traces, *, at: datetime) -> dict[UUID, bool]:
    """Reduce every original that speaks of a child; return each with whether nobody is left."""
    found: dict[UUID, bool] = {}
    for receipt in originals.with_child(tx, traces.child, traces.names):
        alone = _take_out(tx, hub, traces, receipt, at=at)
        if alone is not None:
            found[receipt] = alone
    return found


def _take_out(
    tx: Transaction, hub: Hub, traces: Traces, receipt: UUID, *, at: datetime
) -> bool | None:
    """Return whether nobody else is left in an original; None when the child is not in it."""
    row = originals.lock(tx, receipt)
    linked = originals.parts_of(tx, receipt, traces.child)
    found = _read(tx, hub, receipt, row, at=at)
    read = found[0] if found else None
    sender = Sender(row.partner, row.source)
    parts = read.parts if read else ()
    gone = linked | {
        part.id for part in parts if numbers_in(hub, sender, part).hashes() & traces.numbers
    }
    if not gone and read is not None and not _named(hub, sender, read, traces):
        return None
    left = tuple(part for part in parts if part.id not in gone)
    _reseal(tx, hub, receipt, left, found or _nothing(row))
    originals.drop_parts(tx, receipt, sorted(gone))
    return not left and not originals.has_others(tx, receipt, traces.child)


def take_statements_out(
    tx: Transaction,
    hub: Hub,
    receipt: UUID,
    child: UUID,
    names: Collection[bytes],
    *,
    at: datetime,
) -> None:
    """Take statements of one child, by their names, out of an original."""
    row = originals.lock(tx, receipt)
    read = _read(tx, hub, receipt, row, at=at) or _nothing(row)
    linked = originals.parts_of(tx, receipt, child)

    def left(part: Part) -> Part:
        if part.id not in linked:
            return part
        kept = [one for one in part.segments if key_name(hub, row.source, one.key) not in names]
        return replace(part, segments=tuple(kept))

    _reseal(tx, hub, receipt, map(left, read[0].parts), read)


def _read(tx: Transaction, hub: Hub, receipt: UUID, row: AnyRow, *, at: datetime) -> _Read | None:
    """Return what an original says; None when no adapter reads it any more."""
    raw = receipts.original_of(tx, hub.vault, receipt)
    if row.content_type == REDUCED:
        return read_reduced(raw)
    found = translate(row.source, raw, read_options(hub, at=at))
    if isinstance(found, Unreadable):
        return None
    return found, Whole.of(bytes(row.sha256), found)


def _nothing(row: AnyRow) -> _Read:
    nothing = Translation(parts=(), rejections=(), account=())
    return nothing, Whole.of(bytes(row.sha256), nothing)


def _reseal(tx: Transaction, hub: Hub, receipt: UUID, left: Iterable[Part], read: _Read) -> None:
    originals.reseal(tx, hub.vault, receipt, write_reduced(left, *read), REDUCED)


def _named(hub: Hub, sender: Sender, read: Translation, traces: Traces) -> bool:
    """Whether a delivery took back or changed something of this child."""
    changed = {key_name(hub, sender.source, one.key) for one in read.amendments}
    return bool(changed & traces.names) or any(
        _ended(hub, sender, one) & traces.names for one in read.retractions
    )


def _ended(hub: Hub, sender: Sender, one: Retraction) -> set[bytes]:
    names = {key_name(hub, sender.source, one.key)} if one.key is not None else set[bytes]()
    if one.subject is not None:
        names |= {*names_of_file(hub, sender.partner, sender.source, one.subject)}
    return names
