"""Theorems about what a decision depends on: the facts given, and nothing else."""

import copy
import os
import time
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import assume, given

from consent.decide import decide
from tests.support.situations import (
    Situation,
    ask,
    facts,
    granted_by_both,
    situations,
)
from tests.support.theorems import (
    answer,
    tried_on,
)

theorem = tried_on(200)


@theorem
@given(situations(), situations())
def test_a_decision_depends_on_nothing_outside_the_facts_given(
    situation: Situation, another: Situation
) -> None:
    """Not on which objects hold the facts, nor on what was decided before."""
    first = answer(situation)
    answer(another)
    other = replace(situation, request=copy.deepcopy(situation.request))
    assert answer(replace(other, facts=copy.deepcopy(situation.facts))) == first
    assert answer(situation) == first


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_the_machines_own_clock_and_zone_play_no_part(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = facts(*granted_by_both(until=date(2026, 3, 2)))
    midnight = datetime.fromisoformat("2026-03-02T23:59:59+01:00")
    here = [decide(ask(), known, at=midnight + timedelta(seconds=n)) for n in range(3)]
    monkeypatch.setitem(os.environ, "TZ", zone)
    time.tzset()
    try:
        there = [decide(ask(), known, at=midnight + timedelta(seconds=n)) for n in range(3)]
    finally:
        monkeypatch.undo()
        time.tzset()
    assert here == there
    assert [decision.outcome for decision in here] == ["permit", "deny", "deny"]


@theorem
@given(situations())
def test_a_segment_is_decided_as_if_it_stood_alone(situation: Situation) -> None:
    record = situation.facts.record
    assume(not record.unsplittable)
    for name, part in answer(situation).segments.items():
        alone = tuple(segment for segment in record.segments if segment.id == name)
        known = replace(situation.facts, record=replace(record, segments=alone))
        assert answer(replace(situation, facts=known)).segments[name] == part


@theorem
@given(situations())
def test_the_outcome_sums_up_the_segments(situation: Situation) -> None:
    decision = answer(situation)
    effects = {part.effect for part in decision.segments.values()}
    anything = bool(effects & {"permit", "extract"})
    assert (decision.outcome in {"permit", "redact"}) == anything
    assert (decision.outcome == "permit") == (effects == {"permit"})
    assert (decision.outcome == "hold") == ("hold" in effects and not anything)
    assert not (decision.silent and (anything or "hold" in effects))
    for part in decision.segments.values():
        assert part.obligations <= decision.obligations
