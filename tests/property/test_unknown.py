"""Theorems about what nobody understands: an unknown word denies, and anything gets an answer."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from consent.model import Decision, ToActor, ToPerson, ToService
from consent.rules import RULES
from tests.support.situations import (
    Situation,
    goes,
    situations,
)
from tests.support.theorems import OUTSIDE_TEAMS, answer, never_wider, tried_on

theorem = tried_on(200)


UNKNOWN = "mystery"


def _unknown_words(situation: Situation) -> Iterator[Situation]:
    """The situation with one word nobody knows, at every place that carries weight."""
    request, known = situation.request, situation.facts
    for to in (ToService(UNKNOWN), ToActor(UNKNOWN), ToPerson(UNKNOWN)):
        yield replace(situation, request=replace(request, to=to))
    yield replace(situation, request=replace(request, purpose=UNKNOWN))
    yield replace(situation, request=replace(request, kind=UNKNOWN))
    odd = tuple(replace(one, data_class=UNKNOWN) for one in known.record.segments)
    services = {name: replace(one, kind=UNKNOWN) for name, one in known.services.items()}
    statuses = {name: replace(one, status=UNKNOWN) for name, one in known.services.items()}
    for change in (
        {"record": replace(known.record, source=UNKNOWN)},
        {"record": replace(known.record, segments=odd)},
        {"services": services},
        {"services": statuses},
        {"child": replace(known.child, flags=frozenset({UNKNOWN}))},
    ):
        yield replace(situation, facts=replace(known, **change))


@tried_on(100)
@given(OUTSIDE_TEAMS)
def test_unknown_denies(situation: Situation) -> None:
    for odd in _unknown_words(situation):
        assert not goes(odd)


@tried_on(100)
@given(OUTSIDE_TEAMS)
def test_an_unknown_word_about_people_never_widens(situation: Situation) -> None:
    known = situation.facts
    for name, person in known.people.items():
        for odd in (replace(person, relation=UNKNOWN), replace(person, authority=UNKNOWN)):
            people = {**known.people, name: odd}
            odd_situation = replace(situation, facts=replace(known, people=people))
            assert never_wider(situation, odd_situation)


WEIRD = st.sampled_from(
    [
        None,
        0,
        -1,
        "",
        "x",
        2.5,
        b"b",
        (),
        [],
        {},
        object(),
        frozenset({None}),
        date.max,
        datetime.min,
    ]
)


def _warp(value: Any, data: st.DataObject, depth: int = 4) -> Any:
    """Replace one field, somewhere, by something that has no business there."""
    if depth and is_dataclass(value) and not isinstance(value, type):
        name = data.draw(st.sampled_from([one.name for one in fields(value)]))
        return replace(value, **{name: _warp(getattr(value, name), data, depth - 1)})
    if depth and isinstance(value, tuple) and value:
        index = data.draw(st.integers(0, len(value) - 1))
        return (*value[:index], _warp(value[index], data, depth - 1), *value[index + 1 :])
    if depth and isinstance(value, dict) and value:
        key = data.draw(st.sampled_from(sorted(value, key=str)))
        return {**value, key: _warp(value[key], data, depth - 1)}
    return data.draw(WEIRD)


@tried_on(200)
@given(situations(), st.data())
def test_it_answers_whatever_the_facts_are(situation: Situation, data: st.DataObject) -> None:
    weird = replace(
        situation,
        facts=_warp(situation.facts, data),
        request=_warp(situation.request, data) if data.draw(st.booleans()) else situation.request,
    )
    decision = answer(weird)
    assert isinstance(decision, Decision)
    assert {part.rule for part in decision.segments.values()} <= set(RULES)


@theorem
@given(situations())
def test_sound_facts_are_always_read(situation: Situation) -> None:
    decision = answer(situation)
    assert all(part.rule != "G0" for part in decision.segments.values())
    asked = situation.request
    if asked.kind != "pull" or asked.classes is None:
        assert set(decision.segments) == {one.id for one in situation.facts.record.segments}
