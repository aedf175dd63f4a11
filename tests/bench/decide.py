"""How long one decision takes: 5 segments against 50 consents. Run it; nothing is asserted."""

import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from itertools import cycle, islice
from statistics import quantiles
from time import perf_counter_ns
from typing import TypeAlias

from consent.decide import decide
from consent.model import (
    Actor,
    CareRelation,
    Child,
    Consent,
    Facts,
    Person,
    Record,
    Request,
    Segment,
    Service,
    ToActor,
    ToService,
    words,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
CONSENTS = 50
AT_ONCE = 30
_CLASSES = ("logistics", "functional", "development", "diagnosis", "context")
_SERVICES = {"clb-1": Service(kind="clb"), "vaph-1": Service(kind="vaph_facility")}
_DELIVERY = Request(to=ToService("vaph-1"), purpose="care")
_READING = Request(to=ToActor("an"), purpose="care")
Question: TypeAlias = tuple[Request, Facts]


def _recipient(number: int, *, reaching: bool) -> str:
    return "vaph-1" if reaching or number % 10 < 2 else f"vaph-{number}"


def _consent(number: int, *, reaching: bool, alike: bool = True) -> Consent:
    a_set = words if alike else _own_words
    return Consent(
        id=f"c{number}",
        by="mother" if number % 2 else "father",
        effect="grant",
        classes=a_set(*_CLASSES),
        purpose="care",
        from_services=a_set("clb-1", "clb-2"),
        to=a_set(_recipient(number, reaching=reaching)),
        since=date(2026, 1, 1),
        until=date(2026, 12, 31),
    )


def _own_words(*names: str) -> frozenset[str]:
    return frozenset(names)


def busy_family(*, reaching: bool, alike: bool = True) -> Question:
    """Fifty consents of two parents; all reach the recipient, or one in five does.

    All is made anew, as the hub does for each request; without `alike` the sets of words as well.
    """
    facts = Facts(
        child=Child(born=date(2017, 2, 1)),
        people={
            "mother": Person(relation="parent", authority="exercised"),
            "father": Person(relation="parent", authority="exercised"),
        },
        services=_SERVICES,
        actors={"an": Actor(service="vaph-1", role="care")},
        relations=(CareRelation(service="vaph-1", since=date(2025, 1, 1)),),
        consents=tuple(
            _consent(number, reaching=reaching, alike=alike) for number in range(CONSENTS)
        ),
        record=Record(
            source="clb-1", segments=tuple(Segment(id=name, data_class=name) for name in _CLASSES)
        ),
    )
    return _DELIVERY, facts


def _usual() -> Question:
    return busy_family(reaching=False)


def _with_own_sets() -> Question:
    return busy_family(reaching=False, alike=False)


def microseconds(questions: Iterable[Question]) -> list[float]:
    """Time one decision on each; what it takes to make the question is left out."""
    took = []
    for request, facts in questions:
        begin = perf_counter_ns()
        decide(request, facts, at=AT)
        took.append((perf_counter_ns() - begin) / 1000)
    return took


def _never_asked(make: Callable[[], Question], times: int, *, at_once: int) -> Iterator[Question]:
    """Give facts on which nobody decided before, made so many at once.

    Right after the work of making them the processor runs slower for a while: it has to find its
    way in the code again.
    """
    for _ in range(times // at_once):
        yield from [make() for _ in range(at_once)]


def _again(question: Question, times: int) -> Iterator[Question]:
    return islice(cycle([question]), times)


def _median(took: list[float]) -> float:
    return quantiles(took, n=2)[0]


def measure(rounds: int = 5000) -> dict[str, float]:
    """Median and 99th percentile in microseconds.

    The first are of facts seen for the first time; most others ask about the same facts again.
    """
    microseconds(_never_asked(_usual, rounds // 10, at_once=AT_ONCE))
    centiles = quantiles(microseconds(_never_asked(_usual, rounds, at_once=AT_ONCE)), n=100)
    request, facts = _usual()
    others = {
        "again": (request, facts),
        "heaviest": busy_family(reaching=True),
        "professional": (_READING, facts),
        "no_consents": (request, replace(facts, consents=())),
    }
    found = {"median_us": centiles[49], "p99_us": centiles[98]}
    own_sets = _never_asked(_with_own_sets, rounds, at_once=AT_ONCE)
    found["own_sets_median_us"] = _median(microseconds(own_sets))
    just_made = _never_asked(_usual, rounds, at_once=1)
    found["just_made_median_us"] = _median(microseconds(just_made))
    for name, question in others.items():
        found[f"{name}_median_us"] = _median(microseconds(_again(question, rounds)))
    return {name: round(value, 1) for name, value in found.items()}


@cache
def children(count: int) -> tuple[Question, ...]:
    """Families that are all held in memory at once; what they say alike is held once."""
    request, first = _usual()
    return tuple((request, _another_child(first)) for _ in range(count))


def _another_child(like: Facts) -> Facts:
    consents = tuple(replace(consent) for consent in like.consents)
    segments = tuple(replace(segment) for segment in like.record.segments)
    record = replace(like.record, segments=segments)
    return replace(like, child=replace(like.child), consents=consents, record=record)


def median_among(families: tuple[Question, ...], times: int) -> float:
    """Ask about each family in turn, so that none is asked twice before all others were."""
    return _median(microseconds(islice(cycle(families), times)))


@cache
def network(services: int) -> dict[str, Service]:
    """So many services that the facts know; one in ten merged into another."""
    more = {
        f"service-{number}": Service(
            kind="vaph_facility",
            status="active" if number % 10 else "merged",
            merged_into=None if number % 10 else f"service-{number + 1}",
        )
        for number in range(services - len(_SERVICES))
    }
    return _SERVICES | more


def median_in_network(services: int, times: int) -> float:
    """Decide on facts seen for the first time, which know so many services.

    All facts are put together before the first decision: what that touches would be in the way.
    """
    request, facts = _usual()
    known = replace(facts, services=network(services))
    return _median(microseconds([(request, _another_child(known)) for _ in range(times)]))


def bytes_of_a_consent(*, alike: bool, count: int = 1000) -> float:
    """Bytes that each consent holds, with sets of words held once or of its own.

    Its id is its own; the words of the rules and the names of people are held once in any case.
    """
    tracemalloc.start()
    try:
        kept = [_consent(number, reaching=True, alike=alike) for number in range(count)]
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return held / len(kept)


if __name__ == "__main__":
    for label, value in measure().items():
        print(f"{label}: {value}")  # noqa: T201 - a script for a person
