"""The tree is that of RFC 6962: its roots, its tiles, its proofs and what is no proof."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.transparency.proofs import (
    consistency_holds,
    consistency_ranges,
    inclusion_holds,
    inclusion_ranges,
)
from gateway.transparency.tree import (
    EMPTY_ROOT,
    TILE,
    Frontier,
    Place,
    edge,
    grow,
    leaf_hash,
    range_hash,
    root_of,
)
from tests.support.theorems import tried_on

# github.com/transparency-dev/merkle, testonly/constants.go.
LEAVES = [
    bytes.fromhex(one)
    for one in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = """
e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77
d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7
4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4
76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef
ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c
5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328
""".split()  # noqa: SIM905 -- one root on a line
HASHES = [leaf_hash(one) for one in LEAVES]
theorem = tried_on(60)
sizes = st.integers(1, 400)


def some_leaves(size: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(size)]


def tiles_of(leaves: Sequence[bytes], *, at_a_time: int = 97) -> dict[Place, bytes]:
    tiles: dict[Place, bytes] = {}
    for size in range(0, len(leaves), at_a_time):
        held = {one: tiles[one] for one in edge(size)}
        tiles |= grow(held, size, leaves[size : size + at_a_time])
    return tiles


def plain_root(leaves: Sequence[bytes]) -> bytes:
    frontier = Frontier()
    for one in leaves:
        frontier.append(one)
    return frontier.root()


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_public_vectors(size: int) -> None:
    assert plain_root(HASHES[:size]).hex() == ROOTS[size]
    assert root_of(tiles_of(HASHES[:size], at_a_time=3), size).hex() == ROOTS[size]


def test_the_public_inclusion_proof_is_made_and_verified() -> None:
    tiles = tiles_of(HASHES)
    proof = [range_hash(tiles, *one) for one in inclusion_ranges(0, 8)]
    ends = [("96a296d2", "09cfc7"), ("5f083f0a", "e3031e"), ("6b47aaf2", "bf6e4")]
    assert [(one.hex()[:8], one.hex()[-len(end) :]) for one, (_, end) in zip(proof, ends)] == ends  # noqa: B905 -- lengths are compared
    assert inclusion_holds(HASHES[0], 0, 8, proof, bytes.fromhex(ROOTS[8]))


@theorem
@given(sizes, st.data())
def test_every_leaf_is_proven_and_no_bit_of_it_may_differ(size: int, data: st.DataObject) -> None:
    leaves = some_leaves(size)
    tiles, root = tiles_of(leaves), plain_root(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof = [range_hash(tiles, *one) for one in inclusion_ranges(index, size)]
    assert len(proof) <= (size - 1).bit_length()
    assert inclusion_holds(leaves[index], index, size, proof, root)
    told = flipped([leaves[index], root, *proof], data)
    assert not inclusion_holds(told[0], index, size, told[2:], told[1])
    assert not inclusion_holds(leaves[index], index, size, [*proof, root], root)
    assert not inclusion_holds(leaves[index], index + 1, size, proof, root)
    if proof:
        assert not inclusion_holds(leaves[index], index, size, proof[:-1], root)


@theorem
@given(sizes, st.data())
def test_every_earlier_tree_is_consistent_and_no_bit_may_differ(
    second: int, data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, second))
    leaves = some_leaves(second)
    tiles = tiles_of(leaves)
    roots = [plain_root(leaves[:first]), plain_root(leaves)]
    proof = [range_hash(tiles, *one) for one in consistency_ranges(first, second)]
    assert consistency_holds(first, second, proof, roots[0], roots[1])
    if first:
        told = flipped([*roots, *proof], data)
        assert not consistency_holds(first, second, told[2:], told[0], told[1])
    assert not consistency_holds(first, second, [*proof, roots[0]], roots[0], roots[1])
    assert not consistency_holds(second + 1, second, proof, roots[0], roots[1])


@theorem
@given(sizes, st.integers(1, 400))
def test_tiles_grown_in_any_steps_hold_the_same_tree(size: int, step: int) -> None:
    leaves = some_leaves(size)
    tiles = tiles_of(leaves, at_a_time=step)
    assert tiles == tiles_of(leaves)
    edges = {one: tiles[one] for one in edge(size)}
    assert root_of(edges, size) == plain_root(leaves)


def test_a_tree_of_three_levels_of_tiles_is_the_same_tree() -> None:
    leaves = some_leaves(TILE * TILE + TILE + 1)
    tiles = tiles_of(leaves, at_a_time=10_000)
    assert {level for level, _ in tiles} == {0, 1, 2}
    assert root_of(tiles, len(leaves)) == plain_root(leaves)


def test_hashes_of_another_length_prove_nothing() -> None:
    assert not inclusion_holds(b"", 0, 1, [], b"")
    assert not inclusion_holds(HASHES[0], 0, 2, [b""], plain_root(HASHES[:2]))
    assert not consistency_holds(2, 2, [], b"", b"")


def test_of_the_empty_tree_only_the_empty_root_is_right() -> None:
    assert consistency_holds(0, 0, [], EMPTY_ROOT, EMPTY_ROOT)
    assert not consistency_holds(0, 0, [], HASHES[0], HASHES[0])
    assert not consistency_holds(0, 3, [], HASHES[0], HASHES[1])


def flipped(values: Sequence[bytes], data: st.DataObject) -> list[bytes]:
    """Change one bit of one of the hashes."""
    at = data.draw(st.integers(0, len(values) - 1))
    bit = data.draw(st.integers(0, 255))
    changed = bytearray(values[at])
    changed[bit // 8] ^= 1 << bit % 8
    return [*values[:at], bytes(changed), *values[at + 1 :]]
