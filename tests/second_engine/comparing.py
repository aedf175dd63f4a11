"""Two engines asked the same question, and what a person needs to see where they differ."""

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from functools import partial
from pprint import pformat
from typing import Any, TypeVar

from consent.decide import decide as first_engine
from consent.model import Decision, Facts
from tests.second_engine.engine import decide as second_engine
from tests.second_engine.random_situations import Situation

T = TypeVar("T")
Differs = Callable[[Situation], bool]
Ask = Callable[[Situation], Decision]


def ask_first(situation: Situation) -> Decision:
    """The answer of `consent/`, without the key of its legal basis: the rules text has none."""
    decision = first_engine(situation.request, situation.facts, at=situation.at)
    segments = {name: part._replace(basis="") for name, part in decision.segments.items()}
    return replace(decision, segments=segments)


def ask_second(situation: Situation) -> Decision:
    """The answer of the Cedar policies."""
    return second_engine(situation.request, situation.facts, at=situation.at)


def differs(situation: Situation, *, first: Ask = ask_first, second: Ask = ask_second) -> bool:
    """Tell whether the engines give another answer."""
    return first(situation) != second(situation)


def report(situation: Situation, *, first: Ask = ask_first, second: Ask = ask_second) -> str:
    """The smallest situation in which the engines differ, with both answers."""
    small = smallest(situation, partial(differs, first=first, second=second))
    told = [f"at = {small.at!r}", f"request = {small.request!r}", *_told_facts(small.facts)]
    answers = [f"first engine: {pformat(first(small))}", f"second engine: {pformat(second(small))}"]
    return "\n".join(["The engines differ.", *told, *answers])


def _told_facts(facts: Facts) -> Iterator[str]:
    for field in fields(facts):
        yield f"{field.name} = {pformat(getattr(facts, field.name), width=140)}"


def smallest(situation: Situation, still: Differs) -> Situation:
    """Leave out whatever can be left out while the engines still differ."""
    shrunk = True
    while shrunk:
        shrunk = False
        for smaller in _smaller(situation):
            if still(smaller):
                situation, shrunk = smaller, True
                break
    return situation


def _smaller(situation: Situation) -> Iterator[Situation]:
    facts, record = situation.facts, situation.facts.record
    for segments in _each_left_out(record.segments):
        yield _with(situation, record=replace(record, segments=segments))
    for consents in _each_left_out(facts.consents):
        yield _with(situation, consents=consents)
    for relations in _each_left_out(facts.relations):
        yield _with(situation, relations=relations)
    for name in ("people", "services", "actors"):
        known = getattr(facts, name)
        for left_out in known:
            yield _with(situation, **{name: {k: v for k, v in known.items() if k != left_out}})
    if facts.protocols is not None:
        yield _with(situation, protocols=None)
    for basis in facts.lapsed_bases:
        yield _with(situation, lapsed_bases=facts.lapsed_bases - {basis})


def _each_left_out(items: tuple[T, ...]) -> Iterator[tuple[T, ...]]:
    for number in range(len(items)):
        yield items[:number] + items[number + 1 :]


def _with(situation: Situation, **changed: Any) -> Situation:
    return replace(situation, facts=replace(situation.facts, **changed))
