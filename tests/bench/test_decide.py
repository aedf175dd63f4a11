"""One decision beside a plain look-up in a dictionary that knows no law, and beside Cedar."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from time import perf_counter_ns
from typing import TypeAlias

import pytest

from consent.model import Facts, Request, ToService
from tests.bench.decide import (
    AT,
    busy_family,
    bytes_of_a_consent,
    children,
    measure,
    median_among,
    median_in_network,
)
from tests.bench.figures import Book, Figure, Yardstick, load_now, side_by_side

ROUNDS, TIMES, BY_CEDAR = 5, 2000, 20
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


def microseconds_of_one(call: Callable[[], object], times: int) -> float:
    begun = perf_counter_ns()
    for _ in range(times):
        call()
    return (perf_counter_ns() - begun) / 1000 / times


def microseconds_of_a_look_up() -> float:
    request, facts = busy_family(reaching=False)
    allowed, service = dictionary_of(request, facts)
    look_up = partial(looked_up, allowed, service, facts, on=date(2026, 3, 2))
    return microseconds_of_one(look_up, TIMES)


def microseconds_by_cedar() -> float:
    """Ask the second engine, the same table as Cedar policies, about the same family."""
    engine = pytest.importorskip("tests.second_engine.engine", reason="no second engine here")
    request, facts = busy_family(reaching=False)
    return microseconds_of_one(partial(engine.decide, request, facts, at=AT), BY_CEDAR)


def test_a_decision_is_measured_beside_a_dictionary_and_cedar(book: Book) -> None:
    begin, found = load_now(), []

    def decide() -> float:
        found.append(measure(TIMES))
        return found[-1]["median_us"]

    programs = (decide, microseconds_of_a_look_up, microseconds_by_cedar)
    decided, looked, by_cedar = side_by_side(programs, rounds=ROUNDS)
    names = {
        "p99 µs": "p99_us",
        "first asked, each with sets of words of its own, p50 µs": "own_sets_median_us",
        "first asked, put together the moment before, p50 µs": "just_made_median_us",
        "facts asked again, p50 µs": "again_median_us",
        "all 50 consents reach the recipient, p50 µs": "heaviest_median_us",
        "a professional reads, p50 µs": "professional_median_us",
        "no consents, p50 µs": "no_consents_median_us",
    }
    more = {shown: min(one[name] for one in found) for shown, name in names.items()}
    more["p99 over p50, at most 5"] = min(one["p99_us"] / one["median_us"] for one in found)
    book.add(
        Figure(
            name="decide, 5 segments and 50 consents",
            unit="µs",
            rounds=decided,
            yardsticks=(
                Yardstick(name="dictionary look-up", rounds=looked),
                Yardstick(name="cedarpy, same table", rounds=by_cedar),
            ),
            floor="under 30, aim 10",
            load=(begin, load_now()),
            more=more,
        )
    )


def test_a_decision_is_measured_among_many_children(book: Book) -> None:
    begin = load_now()
    counts = (10_000, 100, 1)
    programs = [partial(median_among, children(count), 10_000) for count in counts]
    many, some, one = side_by_side(programs, rounds=ROUNDS)
    book.add(
        Figure(
            name="decide, 10,000 children in turn",
            unit="µs",
            rounds=many,
            yardsticks=(
                Yardstick(name="100 children", rounds=some),
                Yardstick(name="1 child, asked again", rounds=one),
            ),
            floor="as 100",
            load=(begin, load_now()),
        )
    )


def test_a_decision_is_measured_among_many_services(book: Book) -> None:
    begin = load_now()
    programs = [partial(median_in_network, count, TIMES // 5) for count in (2000, 200, 2)]
    many, some, few = side_by_side(programs, rounds=ROUNDS)
    book.add(
        Figure(
            name="decide, 2,000 services known",
            unit="µs",
            rounds=many,
            yardsticks=(
                Yardstick(name="200 services", rounds=some),
                Yardstick(name="2 services", rounds=few),
            ),
            floor="as 2",
            load=(begin, load_now()),
        )
    )


def test_the_memory_of_a_consent_is_measured(book: Book) -> None:
    load = (load_now(), load_now())
    own = Yardstick(name="with sets of its own", rounds=[bytes_of_a_consent(alike=False)])
    book.add(
        Figure(
            name="memory, a consent held",
            unit="bytes",
            rounds=[bytes_of_a_consent(alike=True)],
            yardsticks=(own,),
            floor="under 300",
            load=load,
        )
    )
