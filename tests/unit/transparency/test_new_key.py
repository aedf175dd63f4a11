"""A log that got a new name and key is checked with both, and neither key does the other's work."""

from random import Random
from typing import Any

from gateway.transparency.note import SignerKey
from gateway.transparency.verify_log import verify
from tests.support.stored_log import KEY, StoredLog

NEW = SignerKey.generate("hub.test/log2")
FORMER = [str(KEY.verifier)]


def grown(*more: SignerKey) -> StoredLog:
    """A log of the former key that went on, a line and a checkpoint for each key."""
    log = StoredLog.grown(Random(1), 20)
    for key in more:
        log.add(log.a_line())
        log.sign(key)
    return log


def check(log: StoredLog, **given: Any) -> list[tuple[str, int, int]]:
    rows = [f"deelregie-log/1 {NEW.name}\n", *[*log.rows()][1:]]
    found = verify(rows, str(NEW.verifier), **given)
    return [(one["kind"], one["first"], one["last"]) for one in found["findings"]]


def test_both_keys_together_find_a_log_in_order() -> None:
    log = grown(KEY, NEW, NEW)
    assert check(log, former=FORMER, kept=list(log.notes.values())) == []


def test_without_the_former_key_its_checkpoints_are_not_signed() -> None:
    assert {kind for kind, *_ in check(grown(NEW))} == {"not_signed"}


def test_the_former_key_signs_nothing_after_the_first_checkpoint_of_the_new_one() -> None:
    assert check(grown(NEW, KEY, NEW), former=FORMER) == [("not_signed", 21, 21)]


def test_the_former_key_alone_covers_nothing() -> None:
    assert check(grown(), former=FORMER) == [("not_signed", 0, 19)]


def test_a_line_of_before_that_was_changed_is_found() -> None:
    log = grown(NEW)
    line = log.leaves[7].line
    assert line is not None
    line["outcome"] = "changed"
    assert check(log, former=FORMER) == [("changed", 7, 7)]
