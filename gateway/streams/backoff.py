"""Waiting longer after each failure, up to a bound and never in step with others."""

import random
from threading import Event
from typing import Final

FIRST_SECONDS: Final = 0.1
LONGEST_SECONDS: Final = 5.0


class Backoff:
    """Doubles from a tenth of a second to five seconds, each time with up to half of jitter."""

    def __init__(self, stop: Event) -> None:
        self._stop = stop
        self._seconds = FIRST_SECONDS

    def wait(self) -> None:
        """Wait once more, or until it is time to stop."""
        # Spread only, no secret: an ordinary generator will do.
        self._stop.wait(self._seconds * random.uniform(0.5, 1.0))  # noqa: S311
        self._seconds = min(2 * self._seconds, LONGEST_SECONDS)

    def reset(self) -> None:
        """Start small again after a success."""
        self._seconds = FIRST_SECONDS
