"""Calls that wait at the same moment are answered together: a transaction costs the most."""

from asyncio import Future, Task, create_task, get_running_loop
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.concurrency import run_in_threadpool

from gateway.errors import SourceUnavailable

Q = TypeVar("Q")
A = TypeVar("A")

MOST, PATIENT = 16, 8


class Together(Generic[Q, A]):
    """Gathers what arrives while the round before is under way; nobody waits for others to come.

    `together` answers questions in order, None for one that must be asked alone; `alone` answers
    one question. What damages an answer stays with its own question.
    """

    def __init__(
        self, together: Callable[[Sequence[Q]], Sequence[A | None]], alone: Callable[[Q], A]
    ) -> None:
        self._together, self._alone = together, alone
        self._waiting: deque[tuple[Q, Future[A | None]]] = deque()
        self._rounds: Task[None] | None = None
        self._patient = CapacityLimiter(PATIENT)

    async def ask(self, question: Q) -> A:
        """Return the answer to one question, or raise what its own answering raised."""
        future: Future[A | None] = get_running_loop().create_future()
        self._waiting.append((question, future))
        if self._rounds is None or self._rounds.done():
            self._rounds = create_task(self._answer_all())
        answer = await future
        if answer is not None:
            return answer
        # In threads of their own: who waits for a lock must not take those of the next round.
        return await run_sync(self._alone, question, limiter=self._patient)

    async def _answer_all(self) -> None:
        while self._waiting:
            asked = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
            answers = await self._answers([question for question, _ in asked])
            for (_, future), answer in zip(asked, answers, strict=True):
                _settle(future, answer)

    async def _answers(self, questions: Sequence[Q]) -> Sequence[A | Exception | None]:
        try:
            answers = await run_in_threadpool(self._together, questions)
            # An answer too many or too few could reach another's question.
            return [answer for _, answer in zip(questions, answers, strict=True)]
        except SourceUnavailable as error:
            return [error] * len(questions)
        except Exception:  # noqa: BLE001 - one of them failed: each finds its own answer alone
            return [None] * len(questions)


def _settle(future: "Future[A | None]", answer: A | Exception | None) -> None:
    if future.done():
        return  # who hung up before the answer; that it was read stays in the log
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
