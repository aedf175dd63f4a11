"""How often something is tried in a time, by the arithmetic of the back-off alone."""

from gateway.streams.backoff import FIRST_SECONDS, LONGEST_SECONDS

# With jitter a pause is at least half of what it would be.
LEAST, MOST = 0.5, 1.0


def most_tries(seconds: float) -> int:
    """Return how many tries fit at most, were each to fail at once with the shortest pause."""
    return _tries(seconds, LEAST)


def least_tries(seconds: float) -> int:
    """Return how many tries there are at least, when each fails at once."""
    return _tries(seconds, MOST)


def _tries(seconds: float, jitter: float) -> int:
    passed, pause, tries = 0.0, FIRST_SECONDS, 1
    while (passed := passed + jitter * pause) <= seconds:
        pause = min(2 * pause, LONGEST_SECONDS)
        tries += 1
    return tries
