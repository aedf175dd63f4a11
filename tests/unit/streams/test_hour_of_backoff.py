"""An hour without a broker: how often is it tried, and how much is logged."""

from threading import Event

from gateway.streams.backoff import FIRST_SECONDS, LONGEST_SECONDS, Backoff
from tests.support.hours import least_tries, most_tries

HOUR = 3600.0


class Passing(Event):
    """Time passes at once; what would have been waited is added up."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout or 0.0)
        return False


def an_hour() -> list[float]:
    time = Passing()
    backoff = Backoff(time)
    while sum(time.pauses) < HOUR:
        backoff.wait()
    return time.pauses


def test_an_hour_of_failing_is_some_hundreds_of_tries_and_not_more() -> None:
    # Each try is one line of the log: of the lane of each service, and of the intake.
    assert (least_tries(HOUR), most_tries(HOUR)) == (725, 1445)
    for _ in range(20):
        assert least_tries(HOUR) <= len(an_hour()) <= most_tries(HOUR)


def test_a_pause_is_bounded_so_that_what_comes_back_is_noticed_in_seconds() -> None:
    pauses = an_hour()
    assert FIRST_SECONDS / 2 <= pauses[0] <= FIRST_SECONDS
    assert max(pauses) <= LONGEST_SECONDS


def test_pauses_of_several_are_not_in_step() -> None:
    assert an_hour()[:50] != an_hour()[:50]
