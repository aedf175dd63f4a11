"""Theorems about the states of a decision, beside the engine that weighs all decisions."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from consent.asker import asker_of
from consent.decide import decide
from consent.lifecycle import SELF, Recorded, State, last_day, state_of
from consent.model import CHILD, Child, Consent
from consent.moments import BRUSSELS, now_at
from consent.vocabulary import JUDICIAL_KINDS
from tests.support.situations import Situation, situations

theorem = settings(max_examples=300, deadline=None)
DAYS = st.dates(date(2010, 1, 1), date(2040, 12, 31))
_NAIVE = st.datetimes(datetime(2010, 1, 1), datetime(2040, 12, 31))
INSTANTS = _NAIVE | _NAIVE.map(lambda instant: instant.replace(tzinfo=UTC))
CHILDREN = st.builds(
    Child,
    born=st.none() | DAYS,
    capacity=st.sampled_from(["presumed", "capable", "incapable", "unheard of"]),
    capacity_motivated=st.booleans(),
    capacity_contested=st.booleans(),
)
DECISIONS = st.builds(
    Recorded,
    effect=st.sampled_from(["grant", "refuse", "exclude", "object", "object_gdpr", "unheard of"]),
    giver=st.sampled_from(["self", "parent", "guardian", "foster_parent", "unheard of"]),
    given=st.booleans(),
    since=st.none() | DAYS | INSTANTS,
    until=st.none() | DAYS | INSTANTS,
    withdrawn_at=st.none() | INSTANTS,
    superseded_at=st.none() | INSTANTS,
    contested_at=st.none() | INSTANTS,
    text_changed=st.booleans(),
)


@theorem
@given(DECISIONS, CHILDREN, INSTANTS)
def test_every_decision_is_in_exactly_one_state_at_every_instant(
    recorded: Recorded, child: Child, at: datetime
) -> None:
    assert state_of(recorded, child, at=at) in set(State)


@theorem
@given(DECISIONS, CHILDREN, INSTANTS, st.timedeltas(timedelta(0), timedelta(days=4000)))
def test_what_was_stopped_or_superseded_never_comes_back(
    recorded: Recorded, child: Child, at: datetime, later: timedelta
) -> None:
    ended = {State.WITHDRAWN, State.SUPERSEDED}
    if state_of(recorded, child, at=at) in ended:
        assert state_of(recorded, child, at=at + later) in ended or at.tzinfo is None


@theorem
@given(DECISIONS, CHILDREN, DAYS)
def test_after_its_last_day_no_decision_counts(recorded: Recorded, child: Child, day: date) -> None:
    last = last_day(recorded, child)
    morning = datetime(day.year, day.month, day.day, 9, tzinfo=BRUSSELS)
    now = now_at(morning)
    if last is not None and now is not None and day > last and _who_decides_is_settled(child):
        counts = {State.ACTIVE, State.RECONFIRM_DUE, State.CONTESTED, State.PROPOSED}
        assert state_of(recorded, child, at=morning) not in counts


def _who_decides_is_settled(child: Child) -> bool:
    # A contested or unreasoned assessment leaves the presumption, with its own thirty days.
    return child.capacity == "presumed" and child.born is not None


@theorem
@given(situations(in_teams=False, on_routes=False))
def test_an_expired_decision_about_the_child_is_as_good_as_absent(situation: Situation) -> None:
    situation = _about_the_child(situation)
    facts = situation.facts
    # A court may ask that parents agree beside a capable minor (rule H3).
    assume(asker_of(situation.request.to, facts).kind not in JUDICIAL_KINDS)
    counting = tuple(
        said
        for said in facts.consents
        if state_of(_recorded(said), facts.child, at=situation.at) is not State.EXPIRED
    )
    without = replace(facts, consents=counting)
    answer = decide(situation.request, facts, at=situation.at)
    assert decide(situation.request, without, at=situation.at) == answer


def test_enough_of_those_situations_hold_an_expired_decision() -> None:
    seen = {"expired": 0, "all": 0}

    @settings(max_examples=100, deadline=None, database=None, derandomize=True)
    @given(situations(in_teams=False, on_routes=False))
    def count(situation: Situation) -> None:
        for said in situation.facts.consents:
            state = state_of(_recorded(said), situation.facts.child, at=situation.at)
            seen["expired"] += state is State.EXPIRED
            seen["all"] += 1

    count()
    assert seen["all"] > seen["expired"] > seen["all"] / 20


def _about_the_child(situation: Situation) -> Situation:
    # Of what is about somebody else as well, that person decides at any age of the child.
    segments = tuple(
        replace(one, about=frozenset({CHILD}), given_by=None)
        for one in situation.facts.record.segments
    )
    record = replace(situation.facts.record, segments=segments)
    return replace(situation, facts=replace(situation.facts, record=record))


def _recorded(said: Consent) -> Recorded:
    return Recorded(
        effect=said.effect,
        giver=SELF if said.by == CHILD else "parent",
        since=said.since,
        until=said.until,
        withdrawn_at=said.withdrawn,
        text_changed=said.text_changed,
    )
