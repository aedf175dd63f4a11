"""The check of the mutants is able to fail: too many live, or one without a reason."""

import pytest

from tests.mutation.report import PAGE, figures, known, row, verdict_on, written
from tests.mutation.results import Key

KILLED = [("consent/a.py", "f", "x == 1", f"x == {number}") for number in range(2, 60)]
LIVES: Key = ("consent/b.py", "Case.g", "a | b", "a & b")
VERDICTS = dict.fromkeys(KILLED, "killed") | {LIVES: "survived"}
REASON = "a and b hold the same"


def page(reason: str) -> str:
    head = "| File | In | Was | Becomes | Why |\n|---|---|---|---|---|\n"
    return f"# Mutants\n\n{head}{row(LIVES, reason)}\n"


def test_a_survivor_with_a_reason_is_enough() -> None:
    listed = known(page(REASON))
    assert listed == {LIVES: REASON}
    assert verdict_on([*KILLED, LIVES], VERDICTS, listed) == []
    assert written([]).startswith("Enough")


@pytest.mark.parametrize("listed", [{}, known(page("")), known(page(REASON).replace("g", "h"))])
def test_a_survivor_without_a_reason_is_not(listed: dict[Key, str]) -> None:
    assert verdict_on([*KILLED, LIVES], VERDICTS, listed) == [row(LIVES, "?")]
    assert r"`a \| b`" in written([row(LIVES, "?")])


def test_too_many_survivors_are_not_enough_even_with_reasons() -> None:
    alive = dict.fromkeys(KILLED[:3], "survived")
    listed = dict.fromkeys([*KILLED, LIVES], REASON)
    [fault] = verdict_on([*KILLED, LIVES], VERDICTS | alive, listed)
    assert fault == "93.2 % killed, and 95 % is the least"


def test_a_mutant_that_never_ends_is_killed() -> None:
    late = VERDICTS | {LIVES: "timeout"}
    assert verdict_on([*KILLED, LIVES], late, {}) == []
    assert "| all | 59 | 59 | 1 | 0 | 100.0 |" in figures([*KILLED, LIVES], late)


def test_every_survivor_on_the_page_has_a_reason() -> None:
    listed = known(PAGE.read_text("utf-8"))
    assert listed
    assert all(listed.values())
