"""Checkpoints and proofs about the access log; none of them leads to anybody."""

from dataclasses import dataclass

from gateway.exchange.hub import Hub
from gateway.store import log_tree, log_witnesses
from gateway.store.engine import Transaction, transaction
from gateway.transparency.proofs import Range, consistency_ranges, inclusion_ranges
from gateway.transparency.tree import range_hash, subtrees, tile_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """That a leaf is at an index of the tree of a size (RFC 9162 section 2.1.3)."""

    leaf_index: int
    tree_size: int
    leaf_hash: bytes
    path: tuple[bytes, ...]


def checkpoint(hub: Hub, size: int | None = None) -> str | None:
    """Return the newest checkpoint, or the one of a size, with all cosignatures; None if absent."""
    with transaction(hub.engine) as tx:
        return signed_note(tx, size)


def signed_note(tx: Transaction, size: int | None = None) -> str | None:
    """Return a checkpoint as `checkpoint` does."""
    found = log_tree.newest(tx) if size is None else log_tree.checkpoint_of(tx, size)
    if found is None:
        return None
    lines = log_witnesses.cosignatures(tx, found.size, found.size).get(found.size, ())
    return "".join([found.note, *(f"{line}\n" for line in lines)])


def prove_inclusion(hub: Hub, index: int, size: int) -> Inclusion | None:
    """Return the proof; None when the index is not below the size, or the tree is not that large.

    Any size up to the newest checkpoint will do, not only one that was signed.
    """
    with transaction(hub.engine) as tx:
        if not 0 <= index < size <= _size(tx):
            return None
        leaf, *path = _hashes(tx, [(index, index + 1), *inclusion_ranges(index, size)])
    return Inclusion(leaf_index=index, tree_size=size, leaf_hash=leaf, path=tuple(path))


def prove_consistency(hub: Hub, first: int, second: int) -> tuple[bytes, ...] | None:
    """Return the proof that the first tree is the beginning of the second; None out of range."""
    with transaction(hub.engine) as tx:
        if not 0 < first <= second <= _size(tx):
            return None
        return tuple(_hashes(tx, consistency_ranges(first, second)))


def _size(tx: Transaction) -> int:
    newest = log_tree.newest(tx)
    return newest.size if newest else 0


def _hashes(tx: Transaction, ranges: list[Range]) -> list[bytes]:
    """Return the root over each range of leaves, with one look at the database."""
    places = (tile_of(one) for start, end in ranges for one in subtrees(start, end))
    tiles = log_tree.tiles(tx, places)
    return [range_hash(tiles, start, end) for start, end in ranges]
