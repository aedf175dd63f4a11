"""Whatever somebody does to a stored log is found and located; what nobody touched is in order.

`DEELREGIE_TAMPERINGS` says how often a run tries; `make nightly` tries 10,000 times.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any, TypeAlias

import pytest

from gateway.transparency.leaf import CLEAR, COMMITTED
from gateway.transparency.verify_log import verify
from tests.support.stored_log import KEY, OTHER_KEY, StoredLog

TIMES = int(os.environ.get("DEELREGIE_TAMPERINGS", "480"))
CLEAN = max(40, TIMES // 10)
PUBLIC = str(KEY.verifier)


@dataclass
class Done:
    """What was done: the leaves where it shows, and the findings that may tell it."""

    first: int
    last: int
    kinds: set[str]
    exact: bool = True
    """Whether a finding names exactly these leaves, and not a stretch around them."""
    kept: bool = False
    """Whether only a checkpoint that somebody kept can tell."""


Tampering: TypeAlias = Callable[[StoredLog, Random], Done]


def flip(log: StoredLog, dice: Random) -> Done:
    at = dice.randrange(len(log.leaves))
    line = log.leaves[at].line
    assert line is not None
    column = dice.choice([*CLEAR, *COMMITTED])
    line[column] = "changed" if line[column] != "changed" else "otherwise"
    return Done(at, at, {"changed"})


def flip_salt_or_commitment(log: StoredLog, dice: Random) -> Done:
    at = dice.randrange(len(log.leaves))
    log.leaves[at].salt = dice.choice([None, b"", dice.randbytes(32)])
    return Done(at, at, {"changed"})


def flip_hash(log: StoredLog, dice: Random) -> Done:
    at = dice.randrange(len(log.leaves))
    log.leaves[at].hash = dice.choice([b"", dice.randbytes(32)])
    return Done(at, at, {"hash_changed"})


def delete_line(log: StoredLog, dice: Random) -> Done:
    at = dice.randrange(len(log.leaves))
    log.leaves[at].line = None
    return Done(at, at, {"missing"})


def delete_and_close_the_gap(log: StoredLog, dice: Random) -> Done:
    at = dice.randrange(len(log.leaves))
    del log.leaves[at]
    return Done(at, at, {"rewritten", "missing"}, exact=False)


def insert_beside(log: StoredLog, dice: Random) -> Done:
    log.beside.append(dice.randrange(10_000))
    return Done(len(log.leaves), len(log.leaves), {"inserted"})


def insert_and_move_up(log: StoredLog, dice: Random) -> Done:
    at = dice.randrange(len(log.leaves))
    log.add(log.a_line())
    log.leaves.insert(at, log.leaves.pop())
    return Done(at, at, {"rewritten"}, exact=False)


def swap(log: StoredLog, dice: Random) -> Done:
    first, last = sorted(dice.sample(range(len(log.leaves)), 2))
    one, other = log.leaves[first], log.leaves[last]
    one.line, other.line = other.line, one.line
    if dice.random() < 0.5:
        one.salt, other.salt = other.salt, one.salt
        one.commitment, other.commitment = other.commitment, one.commitment
    return Done(first, first, {"swapped", "changed"})


def truncate(log: StoredLog, dice: Random) -> Done:
    size = dice.randrange(len(log.leaves))
    del log.leaves[size:]
    return Done(size, size, {"rewritten", "missing"}, exact=False)


def roll_back(log: StoredLog, dice: Random) -> Done:
    size = dice.choice([0, *log.notes][:-1])
    del log.leaves[size:]
    log.notes = {one: note for one, note in log.notes.items() if one <= size}
    return Done(size, size, {"rolled_back"}, exact=False, kept=True)


def backdate(log: StoredLog, dice: Random) -> Done:
    line = log.a_line()
    line["at"] -= timedelta(hours=dice.randint(7, 5000))
    log.add(line)
    log.sign()
    return Done(len(log.leaves) - 1, len(log.leaves) - 1, {"backdated"})


def backdate_in_place(log: StoredLog, dice: Random) -> Done:
    at = dice.randrange(len(log.leaves))
    line = log.leaves[at].line
    assert line is not None
    line["at"] -= timedelta(microseconds=dice.randint(1, 10**12))
    return Done(at, at, {"changed"})


def rewrite_and_rehash(log: StoredLog, dice: Random) -> Done:
    at = dice.randrange(len(log.leaves))
    line = log.leaves[at].line
    assert line is not None
    line["outcome"] = "nothing happened"
    log.rehash(at)
    return Done(at, at, {"rewritten"}, exact=False)


def fork_with_another_key(log: StoredLog, dice: Random) -> Done:
    done = rewrite_and_rehash(log, dice)
    log.resign(done.first, OTHER_KEY)
    return Done(done.first, done.first, {"not_signed"}, exact=False)


def fork_with_the_own_key(log: StoredLog, dice: Random) -> Done:
    done = rewrite_and_rehash(log, dice)
    log.resign(done.first, KEY)
    return Done(done.first, done.first, {"forked"}, exact=False, kept=True)


def damage_a_checkpoint(log: StoredLog, dice: Random) -> Done:
    size = dice.choice([*log.notes])
    note = log.notes[size]
    at = dice.randrange(len(note) - 4)
    log.notes[size] = note[:at] + chr(ord(note[at]) ^ 1) + note[at + 1 :]
    return Done(size - 1, size - 1, {"not_signed", "damaged", "missing"}, exact=False)


def pretend_erasure(log: StoredLog, dice: Random) -> Done:
    at = dice.randrange(len(log.leaves))
    line = log.leaves[at].line
    assert line is not None
    log.erase(at)
    line["outcome"] = "nothing happened"
    return Done(at, at, {"changed"})


TAMPERINGS: tuple[Tampering, ...] = (
    flip, flip_salt_or_commitment, flip_hash, delete_line, delete_and_close_the_gap,
    insert_beside, insert_and_move_up, swap, truncate, roll_back, backdate, backdate_in_place,
    rewrite_and_rehash, fork_with_another_key, fork_with_the_own_key, damage_a_checkpoint,
    pretend_erasure,
)  # fmt: skip


def tells(done: Done, finding: dict[str, Any]) -> bool:
    if finding["kind"] not in done.kinds:
        return False
    if done.exact:
        return bool(finding["first"] == done.first)
    return bool(finding["first"] <= done.first <= finding["last"] + 1)


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda one: one.__name__)
def test_tampering_is_found_and_located(tamper: Tampering) -> None:
    for seed in range(1 + TIMES // len(TAMPERINGS)):
        dice = Random(seed)
        log = StoredLog.grown(dice, dice.randint(2, 90))
        kept = dict(log.notes)
        done = tamper(log, dice)
        rows = list(log.rows(links=dice.random() < 0.3))
        found = verify(rows, PUBLIC, kept=kept.values() if done.kept else ())
        assert not found["ok"], seed
        assert any(tells(done, one) for one in found["findings"]), (seed, done, found["findings"])


def test_two_tamperings_at_once_are_found() -> None:
    for seed in range(CLEAN):
        dice = Random(seed)
        log = StoredLog.grown(dice, dice.randint(20, 90))
        one, other = dice.sample([flip, swap, delete_line, rewrite_and_rehash, flip_hash], 2)
        first = other(log, dice)
        try:
            second = one(log, dice)
        except AssertionError:
            second = first
        assert not verify(log.rows(), PUBLIC)["ok"], (first, second)


def test_nothing_is_found_where_nothing_was_done() -> None:
    for seed in range(CLEAN):
        dice = Random(seed)
        log = StoredLog.grown(dice, dice.randint(0, 90))
        erased = dice.sample(range(len(log.leaves)), len(log.leaves) // 5)
        for index in erased:
            log.erase(index)
        kept = dice.sample([*log.notes.values()], len(log.notes) // 2)
        found = verify(log.rows(links=dice.random() < 0.5), PUBLIC, kept=kept)
        assert found["ok"], (seed, found["findings"])
        assert (found["size"], found["erased"]) == (len(log.leaves), len(erased))


def test_every_change_of_one_letter_of_an_export_is_noticed() -> None:
    dice = Random(7)
    log = StoredLog.grown(dice, 12)
    whole = "".join(log.rows(links=True))
    for _ in range(CLEAN * 4):
        at = dice.randrange(len(whole))
        other = dice.choice('ab0Z+=~? {}"\n'.replace(whole[at], ""))
        changed = whole[:at] + other + whole[at + 1 :]
        try:
            found = verify(changed.splitlines(keepends=True), PUBLIC)
        except ValueError:
            continue
        # Only what stands for the same bytes may differ: the end of base64, a blank, and the mark
        # of an erased line, which is only counted.
        letters = {other, whole[at]}
        same = whole[at + 1 : at + 2] == "=" or letters & {" ", "\n"} or letters == {"+", "~"}
        assert same or not found["ok"], (at, other)


def test_an_export_that_was_cut_off_is_damaged() -> None:
    rows = list(StoredLog.grown(Random(8), 12).rows())
    for length in range(1, len(rows)):
        assert not verify(rows[:length], PUBLIC)["ok"]
