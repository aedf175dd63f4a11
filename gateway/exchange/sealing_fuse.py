"""Many messages that fail alike, with none between that succeeds: that is the hub's trouble.

A fault of the code that hits every message would otherwise park them all. While it lasts nothing
is parked; it is tried again, more slowly each time, and goes on by itself once something works.
Each process learns it for itself, and anew when it starts.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sized
from dataclasses import dataclass, field
from threading import Lock
from typing import Final, TypeVar
from uuid import UUID

from gateway.observability import Event, log, warn

# Of so many children; the content of one child may well be wrong in all its messages.
ALIKE: Final = 3
FIRST_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 60.0
# What is done to a message, by the state of its row in the outbox before it.
SEAL, AGAIN = "due", "sealed"

Some = TypeVar("Some", bound=Sized)


@dataclass(slots=True)
class _Trouble:
    """What failed since the last success: children by the class of the error."""

    children: defaultdict[str, set[UUID]] = field(default_factory=lambda: defaultdict(set))
    services: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    pause: float = FIRST_SECONDS
    next_at: float | None = None
    """When it may be tried again; None while it is not the hub's trouble."""

    @property
    def most_alike(self) -> int:
        return max(map(len, self.children.values()), default=0)

    def is_of_the_hub(self, *, services: int) -> bool:
        """Whether so many children, of so many services or more, failed alike."""
        return any(
            len(self.children[error]) >= ALIKE and len(self.services[error]) >= services
            for error in self.children
        )


class SealingFuse:
    """Tells trouble of messages from trouble of the hub, for each service and for all together."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        # Under None stands what no service had a success in between.
        self._troubles: dict[tuple[str, str | None], _Trouble] = {}

    def failed(self, step: str, partner: str, child: UUID, error: str) -> bool:
        """Note that a message failed; True while that is the hub's trouble and no message's."""
        with self._lock:
            places = [self._trouble(step, name) for name in (partner, None)]
            for trouble in places:
                trouble.children[error].add(child)
                trouble.services[error].add(partner)
            own, everyone = places
            # What only one service meets holds up no other, also one that is silent meanwhile.
            fresh = [(own, own.is_of_the_hub(services=1))]
            fresh += [(everyone, everyone.is_of_the_hub(services=2))]
            self._halt(*(one for one, its in fresh if its and one.next_at is None))
            return any(trouble.next_at is not None for trouble in places)

    def is_halted(self, step: str, partner: str) -> bool:
        """Whether what fails for a service is the hub's trouble at this moment."""
        with self._lock:
            troubles = [self._troubles.get((step, name)) for name in (partner, None)]
        return any(one is not None and one.next_at is not None for one in troubles)

    def worked(self, step: str, partner: str, done: Some) -> Some:
        """Note that messages were written, if there are any, and return them."""
        if done:
            with self._lock:
                ended = [self._troubles.pop((step, name), None) for name in (partner, None)]
            if any(one and one.next_at is not None for one in ended):
                log(Event.SEALING_RESUMED, partner=partner)
        return done

    def may_try(self, step: str, partners: Collection[str]) -> tuple[str, ...]:
        """Return the services whose messages may be tried now: all but those that must wait."""
        with self._lock:
            everyone = self._troubles.get((step, None))
            if everyone and everyone.next_at is not None:
                return tuple(partners) if partners and self._is_due(everyone) else ()
            return tuple(one for one in partners if self._is_due(self._troubles.get((step, one))))

    def _trouble(self, step: str, partner: str | None) -> _Trouble:
        return self._troubles.setdefault((step, partner), _Trouble())

    def _is_due(self, trouble: _Trouble | None) -> bool:
        if trouble is None or trouble.next_at is None:
            return True
        if self._now() < trouble.next_at:
            return False
        self._halt(trouble)
        return True

    def _halt(self, *troubles: _Trouble) -> None:
        if troubles:
            worst = max(troubles, key=lambda one: one.most_alike)
            warn(Event.SEALING_HALTED, count=worst.most_alike, seconds=worst.pause)
        for one in troubles:
            one.next_at = self._now() + one.pause
            one.pause = min(2 * one.pause, LONGEST_SECONDS)
