"""What is said to change a decision changes it, and a preview never tells more than `decide`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.changes import Asked, Kind, facts_after
from consent.counterfactual import would_go_if, would_stop_if
from consent.decide import decide
from consent.model import Effect, SegmentDecision
from consent.vocabulary import DATA_CLASSES
from consent.what_if import Given, delivery_to, facts_if_granted, preview, who_can_see
from tests.support.situations import NAMES, PEOPLE, Situation, situations
from tests.support.theorems import tried_on

pytestmark = pytest.mark.property
GOES = {Effect.PERMIT, Effect.EXTRACT}


def parts(told: Situation) -> dict[str, SegmentDecision]:
    return dict(decide(told.request, told.facts, at=told.at).segments)


@tried_on(100)
@given(situations())
def test_every_suggestion_really_changes_the_decision(told: Situation) -> None:
    now = parts(told)
    for segment in told.facts.record.segments:
        asked = Asked(request=told.request, segment=segment, at=told.at)
        opens = would_go_if(told.request, told.facts, segment.id, at=told.at)
        stops = would_stop_if(told.request, told.facts, segment.id, at=told.at)
        for one in (*opens, *stops):
            then = decide(told.request, facts_after(one.changes, told.facts, asked), at=told.at)
            part = then.segments[segment.id]
            assert (part.effect, part.rule) == (one.effect, one.rule)
            assert (part.effect in GOES) is not (now[segment.id].effect in GOES)


@tried_on(100)
@given(situations())
def test_every_suggestion_is_needed_whole(told: Situation) -> None:
    for segment in told.facts.record.segments:
        asked = Asked(request=told.request, segment=segment, at=told.at)
        for one in would_go_if(told.request, told.facts, segment.id, at=told.at):
            for left_out in one.changes:
                fewer = [change for change in one.changes if change != left_out]
                then = decide(told.request, facts_after(fewer, told.facts, asked), at=told.at)
                assert then.segments[segment.id].effect not in GOES


@tried_on(100)
@given(situations())
def test_what_stops_is_a_single_no_of_somebody(told: Situation) -> None:
    for segment in told.facts.record.segments:
        for one in would_stop_if(told.request, told.facts, segment.id, at=told.at):
            [change] = one.changes
            assert change.kind in {Kind.WITHDRAW, Kind.REFUSE}


@tried_on(100)
@given(situations())
def test_who_can_see_is_what_decide_says_for_every_service(told: Situation) -> None:
    seen = who_can_see(told.request, told.facts, at=told.at)
    assert set(seen) == set(told.facts.services) - {told.facts.record.source}
    for name, view in seen.items():
        assert view == decide(delivery_to(name, told.request), told.facts, at=told.at)


grants = st.lists(
    st.builds(
        Given,
        by=st.sampled_from(PEOPLE),
        classes=st.none() | st.frozensets(st.sampled_from(sorted(DATA_CLASSES)), min_size=1),
        to=st.frozensets(st.sampled_from(NAMES), min_size=1),
    ),
    max_size=4,
)


@tried_on(100)
@given(situations(), grants)
def test_a_preview_is_what_decide_says_on_the_changed_facts(
    told: Situation, granted: list[Given]
) -> None:
    after = facts_if_granted(granted, told.request, told.facts, at=told.at)
    for name, one in preview(granted, told.request, told.facts, at=told.at).items():
        asked = delivery_to(name, told.request)
        assert one.before == decide(asked, told.facts, at=told.at)
        assert one.after == decide(asked, after, at=told.at)


@tried_on(100)
@given(situations(), grants)
def test_a_preview_opens_nothing_for_a_service_nobody_granted(
    told: Situation, granted: list[Given]
) -> None:
    named = {name for one in granted for name in one.to}
    merged = {name for name, one in told.facts.services.items() if one.merged_into is not None}
    for name, one in preview(granted, told.request, told.facts, at=told.at).items():
        if name not in named and not named & merged:
            before = {key for key, part in one.before.segments.items() if part.effect in GOES}
            then = {key for key, part in one.after.segments.items() if part.effect in GOES}
            assert then <= before
