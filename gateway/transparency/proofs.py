"""Inclusion and consistency proofs: which nodes they are, and their verification (RFC 9162)."""

from collections.abc import Sequence
from typing import TypeAlias

from gateway.transparency.tree import EMPTY_ROOT, HASH_BYTES, node_hash

Range: TypeAlias = tuple[int, int]
"""Leaves from the first to before the last."""


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return what the hashes of an inclusion proof stand for, the lowest first (RFC 9162 2.1.3.1).

    `index` lies under `size`.
    """
    found: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return found[::-1]


def consistency_ranges(first: int, second: int) -> list[Range]:
    """Return what the hashes of a consistency proof stand for, the lowest first (2.1.4.1).

    `first` is not above `second`; for an empty or equal tree the proof is empty.
    """
    found: list[Range] = []
    start, end = 0, second
    if first in {0, second}:
        return found
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    # The old tree itself needs no hash when it is a complete subtree from the first leaf on.
    return [*([(start, end)] if start else []), *found[::-1]]


def inclusion_holds(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Say whether a leaf's hash is at an index of the tree with this root (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes(leaf, root, *proof):
        return False
    at, last, made = index, size - 1, leaf
    for one in proof:
        if last == 0:
            return False
        if at % 2 or at == last:
            made = node_hash(one, made)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            made = node_hash(made, one)
        at, last = at >> 1, last >> 1
    return last == 0 and made == root


def consistency_holds(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    """Say whether the first tree is the beginning of the second (RFC 9162 2.1.4.2)."""
    if not 0 <= first <= second or not _are_hashes(first_root, second_root, *proof):
        return False
    if first == second:
        right = first_root == second_root and not proof
        return right and (first > 0 or first_root == EMPTY_ROOT)
    if first == 0:
        return first_root == EMPTY_ROOT and not proof
    whole = first & (first - 1) == 0
    path = [first_root, *proof] if whole else list(proof)
    return bool(path) and _consistent(first, second, path, first_root, second_root)


def _consistent(
    first: int, second: int, path: Sequence[bytes], first_root: bytes, second_root: bytes
) -> bool:
    at, last = first - 1, second - 1
    while at % 2:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if at % 2 or at == last:
            old, new = node_hash(one, old), node_hash(one, new)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, one)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(count: int) -> int:
    """Return the largest power of two below a number."""
    return 1 << ((count - 1).bit_length() - 1)


def _are_hashes(*values: bytes) -> bool:
    return all(len(one) == HASH_BYTES for one in values)
