"""Theorems about legal bases that lapsed: nothing opens, and what goes rests on none of them."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from consent.rules import RULES
from tests.support.situations import Situation, a_sample, goes, situations
from tests.support.theorems import answer, never_wider, tried_on

theorem = tried_on(300)
BASES = sorted({rule.basis for rule in RULES.values()})


def without(situation: Situation, lapsed: frozenset[str]) -> Situation:
    facts = replace(situation.facts, lapsed_bases=situation.facts.lapsed_bases | lapsed)
    return replace(situation, facts=facts)


@theorem
@given(situations(), st.frozensets(st.sampled_from(BASES), min_size=1))
def test_a_basis_that_lapses_never_opens_anything(
    situation: Situation, lapsed: frozenset[str]
) -> None:
    assert never_wider(situation, without(situation, lapsed))


@theorem
@given(situations(), st.frozensets(st.sampled_from(BASES), min_size=1))
def test_what_goes_rests_on_no_basis_that_lapsed(
    situation: Situation, lapsed: frozenset[str]
) -> None:
    told = without(situation, lapsed)
    parts = answer(told).segments
    assert lapsed.isdisjoint(parts[name].basis for name in goes(told))


@theorem
@given(situations())
def test_when_every_basis_lapsed_nothing_goes(situation: Situation) -> None:
    assert not goes(without(situation, frozenset(BASES)))


def test_each_basis_on_which_something_goes_stops_something_when_it_lapses() -> None:
    going = {rule.basis for rule in RULES.values() if rule.lets_go}
    stopped: set[str] = set()
    for situation in a_sample(3000):
        for part in answer(situation).segments.values():
            told = without(situation, frozenset({part.basis}))
            if part.basis not in stopped and goes(told) < goes(situation):
                stopped.add(part.basis)
    assert stopped == going
