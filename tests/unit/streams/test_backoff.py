from threading import Event

import pytest

from gateway.streams.backoff import FIRST_SECONDS, LONGEST_SECONDS, Backoff


class Patience(Event):
    """Notes how long somebody would have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0.0)
        return False


def test_waits_grow_to_a_bound_and_begin_small_after_a_success() -> None:
    stop = Patience()
    backoff = Backoff(stop)
    for _ in range(12):
        backoff.wait()
    bounds = [min(FIRST_SECONDS * 2**turn, LONGEST_SECONDS) for turn in range(12)]
    assert all(most / 2 <= took <= most for took, most in zip(stop.waited, bounds, strict=True))
    backoff.reset()
    backoff.wait()
    assert stop.waited[-1] <= FIRST_SECONDS


def test_two_that_fail_together_do_not_come_back_together() -> None:
    one, other = Patience(), Patience()
    for stop in (one, other):
        backoff = Backoff(stop)
        for _ in range(5):
            backoff.wait()
    assert one.waited != pytest.approx(other.waited)


def test_nobody_waits_when_it_is_time_to_stop() -> None:
    stop = Event()
    stop.set()
    Backoff(stop).wait()
