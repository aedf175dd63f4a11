"""Theorems about what a decision depends on: the facts given, and nothing else."""

import copy
import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import assume, given

from consent.decide import decide
from tests.support.situations import (
    Situation,
    a_sample,
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
ROOT = Path(__file__).parents[2]


@theorem
@given(situations())
def test_a_decision_depends_on_nothing_outside_the_facts_given(situation: Situation) -> None:
    """Not on which objects hold the facts, nor on having been asked before."""
    first = answer(situation)
    other = replace(situation, request=copy.deepcopy(situation.request))
    assert answer(replace(other, facts=copy.deepcopy(situation.facts))) == first
    assert answer(situation) == first


ELSEWHERE = """
import sys
from tests.support.situations import a_sample
from tests.support.theorems import answer
for told in reversed(list(a_sample(int(sys.argv[1])))):
    parts = answer(told).segments
    print({name: [*part[:2], sorted(part[2]), *part[3:]] for name, part in parts.items()})
"""


def test_a_process_on_another_clock_that_decided_other_things_before_decides_the_same() -> None:
    size = 300
    elsewhere = {**os.environ, "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7", "PYTHONPATH": "."}
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, str(size)],
        capture_output=True,
        text=True,
        check=True,
        env=elsewhere,
        cwd=ROOT,
    )
    here = [answer(told).segments for told in a_sample(size)]
    told = [
        str({name: [*part[:2], sorted(part[2]), *part[3:]] for name, part in parts.items()})
        for parts in here
    ]
    assert done.stdout.splitlines() == told[::-1]


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
