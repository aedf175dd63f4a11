"""How often one caller may ask: some at once, then so many a second; more gets 429."""

import time
from dataclasses import dataclass, field
from typing import Final

from gateway.errors import TooManyRequests

AT_ONCE: Final = 20
A_SECOND: Final = 10.0
_FORGET: Final = 10_000


@dataclass
class _Budget:
    left: float = float(AT_ONCE)
    seen: float = field(default_factory=time.monotonic)
    waiting: int = 0


class Pace:
    """A token bucket for each caller, and at most two questions that wait; in this process only."""

    def __init__(self, *, most_waiting: int = 2) -> None:
        self._budgets: dict[str, _Budget] = {}
        self._most_waiting = most_waiting

    def spend(self, caller: str) -> None:
        """Take one question of a caller's budget; raise `TooManyRequests` when none is left."""
        if len(self._budgets) > _FORGET:
            self._budgets = {name: one for name, one in self._budgets.items() if one.waiting}
        budget, now = self._budgets.setdefault(caller, _Budget()), time.monotonic()
        budget.left = min(AT_ONCE, budget.left + (now - budget.seen) * A_SECOND)
        budget.seen = now
        if budget.left < 1 or budget.waiting >= self._most_waiting:
            raise TooManyRequests
        budget.left -= 1

    def begins_to_wait(self, caller: str) -> None:
        """Count a question that stays open; `spend` refuses others when too many do."""
        self._budgets.setdefault(caller, _Budget()).waiting += 1

    def waits_no_more(self, caller: str) -> None:
        """Give the place back."""
        self._budgets[caller].waiting -= 1
