"""Bring committed lines of the access log into the tree and sign what it has become.

Whoever writes a line waits for none of this. One process at a time does it; a line is in the tree
once every transaction that began before its own has ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.exchange.audit.guard_log import check_within, remember
from gateway.exchange.audit.log_key import log_key
from gateway.exchange.hub import Hub
from gateway.store import log_tree
from gateway.store.engine import Transaction, transaction
from gateway.store.log_tree import Line, Signed
from gateway.transparency.checkpoint import Checkpoint
from gateway.transparency.leaf import commitment, leaf_bytes, new_salt, personal_bytes
from gateway.transparency.note import Note, SignerKey
from gateway.transparency.tree import EMPTY_ROOT, edge, grow, leaf_hash, root_of

BATCH: Final = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrated:
    """How many lines were brought in, whether more may wait, and the newest checkpoint."""

    lines: int
    more: bool
    checkpoint: str | None


def integrate(hub: Hub, *, at: datetime, batch: int = BATCH) -> Integrated:
    """Bring in the next lines, in one transaction; nothing when another process is at it.

    Raise `LogRolledBack` on a database that is older than what was signed: nothing may follow it.
    """
    with transaction(hub.engine) as tx:
        if not log_tree.hold(tx):
            return Integrated(lines=0, more=False, checkpoint=None)
        check_within(tx, hub)
        last = log_tree.newest(tx)
        rows, reached = _next(tx, last, batch)
        if not rows:
            return _nothing_new(hub, last)
        if last is None:
            # Before the first one is stored, so that a file that is missing later was lost.
            remember(hub, _sign(log_key(hub), 0, EMPTY_ROOT, at=at))
        signed = _grow(tx, log_key(hub), last.size if last else 0, rows, reached, at=at)
        log_tree.save_checkpoint(tx, signed, at=at)
    remember(hub, signed.note)
    return Integrated(lines=len(rows), more=len(rows) == batch, checkpoint=signed.note)


def _nothing_new(hub: Hub, last: Signed | None) -> Integrated:
    if last is not None:
        # The round that stored it may have ended before it was kept outside the database.
        remember(hub, last.note)
    return Integrated(lines=0, more=False, checkpoint=last.note if last else None)


def _next(
    tx: Transaction, last: Signed | None, batch: int
) -> tuple[Sequence[Line], tuple[int, int]]:
    """Return the next lines, and where to go on after them: a transaction and a line of it."""
    oldest, to_come = log_tree.horizon(tx)
    horizon, entry = (last.horizon, last.last_entry) if last else (0, 0)
    if horizon > to_come or last is None:
        left = log_tree.waiting_since_a_restore(tx, limit=batch)
        if left:
            return left, (horizon, entry)
        horizon, entry = 0, 0
    while True:
        found = log_tree.waiting(tx, horizon=horizon, last_entry=entry, limit=batch)
        rows = [one for one in found if not one["known"]]
        if len(found) < batch:
            return rows, (oldest, 0)
        # A full batch may have ended in the middle of a transaction.
        horizon, entry = found[-1]["transaction"], found[-1]["id"]
        if rows:
            return rows, (horizon, entry)


def _grow(
    tx: Transaction,
    key: SignerKey,
    size: int,
    rows: Sequence[Line],
    reached: tuple[int, int],
    *,
    at: datetime,
) -> Signed:
    salts = [new_salt() for _ in rows]
    commitments = [
        commitment(salt, personal_bytes(row)) for row, salt in zip(rows, salts, strict=True)
    ]
    hashes = [leaf_hash(leaf_bytes(row, one)) for row, one in zip(rows, commitments, strict=True)]
    held = log_tree.tiles(tx, edge(size))
    changed = grow(held, size, hashes)
    log_tree.add_leaves(tx, size, [row["id"] for row in rows], salts, commitments)
    log_tree.erase_links_of_erased(tx, first=size)
    log_tree.save_tiles(tx, changed)
    size += len(rows)
    root = root_of({**held, **changed}, size)
    return Signed(size, _sign(key, size, root, at=at), *reached)


def _sign(key: SignerKey, size: int, root: bytes, *, at: datetime) -> str:
    made = Checkpoint(origin=key.name, size=size, root=root, time=int(at.timestamp()))
    return str(Note(made.text, (key.sign(made.text),)))
