"""Situations to decide on: builders for one sentence, strategies for every situation."""

from collections.abc import Iterator
from functools import partial

from hypothesis import strategies as st

from consent.model import (
    Consent,
)
from tests.support.dice import (
    ACTORS,
    BIRTHS,
    CLASSES,
    EFFECTS,
    FITTING,
    GROUND_KINDS,
    KIND_OF,
    MEANT_FOR,
    NAMES,
    PEOPLE,
    PLAIN_CLASSES,
    PURPOSES_ASKED,
    READERS,
    RECIPIENTS,
    ROUTE_KINDS,
    Dice,
    a_decision,
    a_situation,
)
from tests.support.sentences import (
    AT,
    DX,
    FOURTEEN,
    PARENTS,
    REACH,
    SERVICES,
    UNDER_TWELVE,
    Situation,
    a_child,
    a_record,
    a_segment,
    ask,
    decided,
    facts,
    goes,
    grant,
    granted_by_both,
    reach,
    refusal,
    rule_for,
    the_segment,
)

__all__ = [
    "ACTORS",
    "AT",
    "BIRTHS",
    "CLASSES",
    "DX",
    "EFFECTS",
    "FITTING",
    "FOURTEEN",
    "GROUND_KINDS",
    "KIND_OF",
    "MEANT_FOR",
    "NAMES",
    "PARENTS",
    "PEOPLE",
    "PLAIN_CLASSES",
    "PURPOSES_ASKED",
    "REACH",
    "READERS",
    "RECIPIENTS",
    "ROUTE_KINDS",
    "SERVICES",
    "UNDER_TWELVE",
    "Dice",
    "Situation",
    "a_child",
    "a_decision",
    "a_record",
    "a_sample",
    "a_segment",
    "a_situation",
    "ask",
    "consents",
    "decided",
    "facts",
    "goes",
    "grant",
    "granted_by_both",
    "reach",
    "refusal",
    "rule_for",
    "situations",
    "the_segment",
]

_seeds = st.integers(0, 2**40)


def situations(*, in_teams: bool = True, on_routes: bool = True) -> st.SearchStrategy[Situation]:
    """Any well-formed situation; without routes nobody asks to read a file either."""
    kinds = [kind for kind in GROUND_KINDS if (in_teams if kind == "team" else on_routes)]
    make = partial(a_situation, kinds=kinds, reads=on_routes)
    return st.builds(make, _seeds, st.integers(1, 5), st.integers(0, 6))


def consents(effect: str | None = None) -> st.SearchStrategy[Consent]:
    """Any well-formed decision of a family."""
    return _seeds.map(lambda seed: a_decision(Dice(seed), effect))


def a_sample(size: int) -> Iterator[Situation]:
    """The same situations every time, to see that the dice reach every corner."""
    for seed in range(size):
        yield a_situation(seed, 1 + seed % 5, seed % 7, kinds=GROUND_KINDS, reads=True)
