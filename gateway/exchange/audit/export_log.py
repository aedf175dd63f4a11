"""The access log as a text that can be checked anywhere, row by row, in bounded memory."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from gateway.exchange.audit.log_key import log_key
from gateway.exchange.hub import Hub
from gateway.store import access_log, log_tree, log_witnesses
from gateway.store.engine import Transaction, transaction
from gateway.store.log_tree import Line
from gateway.transparency.export import (
    StoredLeaf,
    checkpoint_row,
    end_row,
    header,
    inserted_row,
    leaf_rows,
)
from gateway.transparency.tree import HASH_BYTES, TILE, Place

PAGE: Final = 16 * TILE
MOST_INSERTED: Final = 1000


def export_log(hub: Hub, *, links: bool, by: str, at: datetime) -> Iterator[str]:
    """Yield the rows of an export up to the newest checkpoint; the export is a line of the log too.

    Without `links` no row leads to a person: their parts are salted hashes.
    """
    told_of_export(hub, by=by, at=at)
    yield from log_rows(hub, links=links)


def told_of_export(hub: Hub, *, by: str, at: datetime) -> None:
    """Write the line of an export, before its first row."""
    with transaction(hub.engine) as tx:
        entry = access_log.Entry(at=at, act="log_exported", actor=by, role="audit", outcome="done")
        access_log.append(tx, entry)


def log_rows(hub: Hub, *, links: bool = False) -> Iterator[str]:
    """Yield the rows of an export as of one moment."""
    yield header(log_key(hub).name)
    with transaction(hub.engine) as tx:
        log_tree.stand_still(tx)
        newest = log_tree.newest(tx)
        # Leaves that no checkpoint covers are shown as well: there should be none.
        size = max(newest.size if newest else 0, log_tree.count_leaves(tx))
        for first in range(0, size, PAGE):
            yield from _page(tx, first, min(first + PAGE, size), links=links)
        _, to_come = log_tree.horizon(tx)
        if newest and newest.horizon <= to_come:
            for line in log_tree.beside_the_tree(tx, newest, limit=MOST_INSERTED):
                yield inserted_row(line)
        yield end_row(size)


def _page(tx: Transaction, first: int, end: int, *, links: bool) -> Iterator[str]:
    found = log_tree.leaves(tx, first, end)
    tiles = log_tree.tiles(tx, ((0, at // TILE) for at in range(first, end, TILE)))
    signed = {one.size: one.note for one in log_tree.checkpoints_between(tx, first, end)}
    for size, lines in log_witnesses.cosignatures(tx, first + 1, end).items():
        signed[size] += "".join(f"{line}\n" for line in lines)
    for index in range(first, end):
        yield from leaf_rows(_stored(index, found.get(index), tiles), links=links)
        if index + 1 in signed:
            yield checkpoint_row(signed[index + 1])


def _stored(index: int, row: Line | None, tiles: Mapping[Place, bytes]) -> StoredLeaf:
    tile, at = tiles.get((0, index // TILE), b""), index % TILE * HASH_BYTES
    hashed = tile[at : at + HASH_BYTES]
    if row is None or row["id"] is None:
        return StoredLeaf(index=index, hash=hashed, line=None, salt=None, commitment=b"")
    return StoredLeaf(
        index=index, hash=hashed, line=row, salt=row["salt"], commitment=row["commitment"]
    )
