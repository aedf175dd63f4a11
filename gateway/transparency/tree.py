"""Merkle tree hashing of RFC 6962 section 2.1, and the tree as tiles of 256 hashes (C2SP).

A tile of level 0 holds the hashes of 256 leaves that follow each other; one of level 1 holds the
roots of 256 full tiles of level 0, and so on. A tree of any size is read from few tiles.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Final, TypeAlias

HASH_BYTES: Final = 32
TILE_BITS: Final = 8
TILE: Final = 1 << TILE_BITS
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

Place: TypeAlias = tuple[int, int]
"""A level and an index there: a complete subtree of 2^level leaves, or a tile of that level."""
Tiles: TypeAlias = Mapping[Place, bytes]
"""Tiles by their place, each as the hashes it holds, one after the other."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of one leaf's bytes."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def subtrees(start: int, end: int) -> Iterator[Place]:
    """Yield the complete subtrees of which the leaves from start to end consist, left to right.

    `start` is a multiple of the largest power of two that is not above the number of leaves.
    """
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root of subtrees that follow each other, from the largest to the smallest."""
    return reduce(lambda right, left: node_hash(left, right), reversed(hashes))


class Frontier:
    """A tree that only grows, as the roots of its complete subtrees; O(log n) memory."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)

    def append(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        self.hashes.append(leaf)
        self.size += 1
        rest = self.size
        while rest % 2 == 0:
            right = self.hashes.pop()
            self.hashes[-1] = node_hash(self.hashes[-1], right)
            rest //= 2

    def root(self) -> bytes:
        """Return the root of the tree as it is now."""
        return fold(self.hashes) if self.hashes else EMPTY_ROOT


def edge(size: int) -> Iterator[Place]:
    """Yield the tiles of a tree that are not full yet: one at most for each level."""
    level = 0
    while size:
        if size % TILE:
            yield level, size >> TILE_BITS
        size >>= TILE_BITS
        level += 1


def grow(tiles: Tiles, size: int, leaves: Sequence[bytes]) -> dict[Place, bytes]:
    """Return every tile that changes when these hashes of leaves follow; `tiles` has the edge."""
    changed: dict[Place, bytes] = {}
    level, new = 0, list(leaves)
    while new:
        first = size >> TILE_BITS
        held = tiles.get((level, first), b"") if size % TILE else b""
        hashes = held + b"".join(new)
        step = TILE * HASH_BYTES
        pieces = [hashes[at : at + step] for at in range(0, len(hashes), step)]
        changed |= {(level, first + number): one for number, one in enumerate(pieces)}
        new = [_tile_root(one) for one in pieces if len(one) == step]
        size >>= TILE_BITS
        level += 1
    return changed


def tile_of(place: Place) -> Place:
    """Return the tile from which the root of a complete subtree is computed."""
    level, index = place
    height, rest = divmod(level, TILE_BITS)
    return height, index << rest >> TILE_BITS


def subtree_hash(tiles: Tiles, place: Place) -> bytes:
    """Return the root of a complete subtree; `tiles` holds `tile_of` it."""
    level, index = place
    rest = level % TILE_BITS
    first = (index << rest) % TILE * HASH_BYTES
    within = tiles[tile_of(place)][first : first + (HASH_BYTES << rest)]
    return _complete(_hashes(within))


def root_of(tiles: Tiles, size: int) -> bytes:
    """Return the root of the tree of this size; `tiles` holds the edge."""
    return range_hash(tiles, 0, size) if size else EMPTY_ROOT


def range_hash(tiles: Tiles, start: int, end: int) -> bytes:
    """Return the root over the leaves from start to end, as `subtrees` takes them."""
    return fold([subtree_hash(tiles, one) for one in subtrees(start, end)])


def _hashes(tile: bytes) -> list[bytes]:
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


def _tile_root(tile: bytes) -> bytes:
    return _complete(_hashes(tile))


def _complete(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [node_hash(left, right) for left, right in pairs]
    return hashes[0]
