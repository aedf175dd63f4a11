"""Calls that wait together are answered together, and nothing of one reaches another."""

import asyncio
from collections.abc import Sequence
from threading import Event
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.together import MOST, Together
from gateway.errors import SourceUnavailable

PATIENCE = 10
Answers: TypeAlias = list[int | BaseException]


class Desk:
    """Doubles numbers and remembers how it was asked; negative ones break it, zero must wait."""

    def __init__(self) -> None:
        self.rounds: list[list[int]] = []
        self.alone: list[int] = []
        self.open = Event()
        self.open.set()

    def double_all(self, numbers: Sequence[int]) -> list[int | None]:
        assert self.open.wait(PATIENCE)
        self.rounds.append(list(numbers))
        if any(number < 0 for number in numbers):
            raise ValueError
        return [2 * number if number else None for number in numbers]

    def double(self, number: int) -> int:
        self.alone.append(number)
        if number < 0:
            raise ValueError(number)
        return 2 * number


async def ask_all(together: Together[int, int], numbers: Sequence[int]) -> Answers:
    asking = [together.ask(number) for number in numbers]
    return await asyncio.gather(*asking, return_exceptions=True)


def answers(desk: Desk, numbers: Sequence[int]) -> Answers:
    async def run() -> Answers:
        return await ask_all(Together(desk.double_all, desk.double), numbers)

    return asyncio.run(run())


@given(st.lists(st.integers(min_value=-3, max_value=50), max_size=3 * MOST))
def test_every_question_gets_its_own_answer_or_its_own_error(numbers: list[int]) -> None:
    found = answers(Desk(), numbers)
    for number, answer in zip(numbers, found, strict=True):
        if number < 0:
            assert isinstance(answer, ValueError)
            assert answer.args == (number,)
        else:
            assert answer == 2 * number


def test_what_arrives_during_a_round_waits_for_one_next_round() -> None:
    desk = Desk()
    desk.open.clear()

    async def run() -> Answers:
        together = Together(desk.double_all, desk.double)
        first = asyncio.create_task(together.ask(1))
        await asyncio.sleep(0.05)
        others = asyncio.create_task(ask_all(together, [2, 3, 4]))
        await asyncio.sleep(0.05)
        desk.open.set()
        return [await first, *await others]

    assert asyncio.run(run()) == [2, 4, 6, 8]
    assert desk.rounds == [[1], [2, 3, 4]]


def test_a_question_that_must_wait_is_asked_alone() -> None:
    desk = Desk()
    assert answers(desk, [1, 0, 2]) == [2, 0, 4]
    assert desk.alone == [0]


def test_no_round_is_endless() -> None:
    desk = Desk()
    answers(desk, range(1, 2 * MOST))
    assert max(len(one) for one in desk.rounds) == MOST


def test_an_answer_too_few_never_reaches_another_question() -> None:
    desk = Desk()

    async def run() -> Answers:
        return await ask_all(
            Together(lambda numbers: [7] * (len(numbers) - 1), desk.double), [1, 2]
        )

    assert asyncio.run(run()) == [2, 4]


def test_a_silent_database_is_told_to_all_without_asking_each_again() -> None:
    desk = Desk()

    def silent(_: Sequence[int]) -> list[int | None]:
        raise SourceUnavailable

    async def run() -> Answers:
        return await ask_all(Together(silent, desk.double), [1, 2, 3])

    assert [type(one) for one in asyncio.run(run())] == [SourceUnavailable] * 3
    assert desk.alone == []


def test_who_hangs_up_leaves_the_others_their_answers() -> None:
    desk = Desk()
    desk.open.clear()

    async def run() -> int:
        together = Together(desk.double_all, desk.double)
        gone, stays = (asyncio.create_task(together.ask(number)) for number in (1, 2))
        await asyncio.sleep(0.05)
        gone.cancel()
        desk.open.set()
        with pytest.raises(asyncio.CancelledError):
            await gone
        return await stays

    assert asyncio.run(run()) == 4
