"""One decision beside a plain look-up in a dictionary that knows no law."""

from collections.abc import Mapping
from datetime import date
from time import perf_counter_ns
from typing import TypeAlias

from consent.model import Facts, Request, ToService
from tests.bench.decide import busy_family, measure
from tests.bench.figures import Book, Figure, Yardstick, load_now, side_by_side

ROUNDS, TIMES = 5, 2000
Allowed: TypeAlias = Mapping[tuple[str, str, str], date]


def looked_up(allowed: Allowed, service: str, facts: Facts, *, on: date) -> dict[str, bool]:
    """Decide about each segment by one look-up: a grant runs or it does not."""
    return {
        segment.id: allowed.get((service, "care", segment.data_class), date.min) >= on
        for segment in facts.record.segments
    }


def dictionary_of(request: Request, facts: Facts) -> tuple[Allowed, str]:
    """Return every grant as a key with the day on which it ends, and who asks."""
    assert isinstance(request.to, ToService)
    allowed = {
        (service, "care", data_class): date(2026, 12, 31)
        for consent in facts.consents
        for service in consent.to or ()
        for data_class in consent.classes or ()
    }
    return allowed, request.to.service


def microseconds_of_a_look_up() -> float:
    request, facts = busy_family(reaching=False)
    allowed, service = dictionary_of(request, facts)
    begun = perf_counter_ns()
    for _ in range(TIMES):
        looked_up(allowed, service, facts, on=date(2026, 3, 2))
    return (perf_counter_ns() - begun) / 1000 / TIMES


def test_a_decision_is_measured_beside_a_dictionary(book: Book) -> None:
    begin, found = load_now(), []

    def decide() -> float:
        found.append(measure(TIMES))
        return found[-1]["median_us"]

    decided, looked = side_by_side((decide, microseconds_of_a_look_up), rounds=ROUNDS)
    names = {
        "p99 µs": "p99_us",
        "all 50 consents reach the recipient, p50 µs": "heaviest_median_us",
        "no consents, p50 µs": "no_consents_median_us",
    }
    book.add(
        Figure(
            name="decide, 5 segments and 50 consents",
            unit="µs",
            rounds=decided,
            yardsticks=(Yardstick(name="dictionary look-up", rounds=looked),),
            floor="under 50",
            load=(begin, load_now()),
            more={shown: min(one[name] for one in found) for shown, name in names.items()},
        )
    )
