"""Theorems of the consent engine, over every situation the strategies can think of."""

import copy
import os
import time
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from consent.authority import capacity_of
from consent.decide import decide
from consent.model import Actor, Consent, Decision, ToActor, ToPerson, ToService
from consent.moments import BRUSSELS
from consent.rules import RULES
from tests.support.situations import (
    AT,
    Situation,
    a_record,
    a_sample,
    a_segment,
    ask,
    consents,
    facts,
    goes,
    grant,
    granted_by_both,
    reach,
    situations,
)
from tests.support.theorems import tried_on

theorem = tried_on(200)
# Inside a team joint secrecy needs no grant, so that a grant there can only explain a refusal.
OUTSIDE_TEAMS = situations(in_teams=False)
# Nobody invokes a legal route, and nobody asks to read a file: consent alone decides.
ON_CONSENT_ALONE = situations(in_teams=False, on_routes=False)
WITHOUT_CONSENT = {"J1", "L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8"}
# The duty, the danger, the report and the conference do not ask what the family decided. What
# does ask: L1 beyond the compulsory part, L6, and L8 where a child keeps its confidant out.
WHATEVER_THE_FAMILY_SAID = {"L2", "L3", "L4", "L5", "L7"}


def with_consents(situation: Situation, *decisions: Consent) -> Situation:
    return replace(situation, facts=replace(situation.facts, consents=decisions))


def answer(situation: Situation) -> Decision:
    return decide(situation.request, situation.facts, at=situation.at)


def never_wider(before: Situation, after: Situation) -> bool:
    was = reach(before)
    return all(how_far <= was[name] for name, how_far in reach(after).items())


def test_the_dice_reach_every_rule_but_the_rarest() -> None:
    reached = {
        part.rule for situation in a_sample(3000) for part in answer(situation).segments.values()
    }
    assert reached >= set(RULES) - {"G0", "G7", "K5"}


@theorem
@given(situations())
def test_without_any_grant_nothing_goes_but_in_a_team_or_on_a_route(situation: Situation) -> None:
    without = [said for said in situation.facts.consents if said.effect != "grant"]
    for part in answer(with_consents(situation, *without)).segments.values():
        assert part.effect in {"withhold", "hold"} or part.rule in WITHOUT_CONSENT


@theorem
@given(ON_CONSENT_ALONE)
def test_without_grant_team_or_route_nothing_goes(situation: Situation) -> None:
    without = [said for said in situation.facts.consents if said.effect != "grant"]
    assert not goes(with_consents(situation, *without))


@theorem
@given(situations())
def test_what_goes_rests_on_grants_a_team_or_a_route(situation: Situation) -> None:
    grants = {said.id for said in situation.facts.consents if said.effect == "grant"}
    for part in answer(situation).segments.values():
        assert part.basis == RULES[part.rule].basis
        if part.effect in {"permit", "extract"} and part.rule not in WITHOUT_CONSENT:
            assert part.consents
            assert grants >= set(part.consents)
        elif part.rule not in {"K7", "L8"}:
            assert not part.consents


@theorem
@given(situations())
def test_a_route_decides_only_where_it_was_invoked_or_a_person_asks(situation: Situation) -> None:
    request = situation.request
    kinds = {
        "L1": {"clb_transfer"},
        "L2": {"statutory", "court_order"},
        "L3": {"necessity"},
        "L4": {"concern_report"},
        "L5": {"case_conference"},
        "L6": {"unanswered"},
        "L6b": {"unanswered"},
        "L7": {"vital_emergency"},
        "L9": {"article_458bis"},
    }
    for part in answer(situation).segments.values():
        if part.rule == "L8":
            assert request.purpose == "subject_access"
        elif part.rule.startswith("L"):
            assert request.ground is not None
            assert request.ground.kind in kinds[part.rule]


@theorem
@given(situations())
def test_a_reporter_and_a_secret_place_never_show(situation: Situation) -> None:
    hidden = "secret_address" in situation.facts.child.flags
    parts = answer(situation).segments
    for segment in situation.facts.record.segments:
        place = segment.data_class == "placement" or (segment.reveals_place and hidden)
        if (place or segment.reporter) and segment.id in parts:
            assert parts[segment.id].effect == "withhold"


@theorem
@given(OUTSIDE_TEAMS, consents(effect="refuse"), st.sampled_from(["refuse", "exclude", "object"]))
def test_adding_a_refusal_never_widens(situation: Situation, no: Consent, effect: str) -> None:
    refused = replace(no, effect=effect)
    assert never_wider(situation, with_consents(situation, *situation.facts.consents, refused))


@theorem
@given(
    OUTSIDE_TEAMS, consents(effect="refuse"), st.sampled_from(["refuse", "exclude", "object_gdpr"])
)
def test_what_the_family_says_changes_nothing_where_the_law_does_not_ask_it(
    situation: Situation, no: Consent, effect: str
) -> None:
    before = answer(situation).segments
    refused = replace(no, effect=effect)
    after = answer(with_consents(situation, *situation.facts.consents, refused)).segments
    for name, part in before.items():
        if part.rule in WHATEVER_THE_FAMILY_SAID:
            # A bar is lifted by a grant of the person concerned; then a refusal lowers it again.
            assert after[name] == part or RULES[after[name].rule].tier in {"T0", "T1"}


@theorem
@given(ON_CONSENT_ALONE, st.sampled_from(["refuse", "exclude"]))
def test_a_refusal_of_everything_by_everybody_stops_all(situation: Situation, effect: str) -> None:
    """Only a legal route, or a team, carries what everybody refused."""
    everybody = {"child", *situation.facts.people}
    everybody |= {name for one in situation.facts.record.segments for name in one.about}
    no = [Consent(id=f"no-{name}", by=name, effect=effect) for name in sorted(everybody)]
    assert not goes(with_consents(situation, *no, *_older(situation)))


def _older(situation: Situation) -> list[Consent]:
    """What was said before, so that none of it is newer than a refusal of today."""
    return [replace(said, since=None) for said in situation.facts.consents]


@theorem
@given(OUTSIDE_TEAMS, consents(effect="object_gdpr"))
def test_adding_a_gdpr_objection_never_widens(situation: Situation, objection: Consent) -> None:
    assert never_wider(situation, with_consents(situation, *situation.facts.consents, objection))


@theorem
@given(OUTSIDE_TEAMS, st.data())
def test_withdrawing_never_opens_a_door_and_twice_is_once(
    situation: Situation, data: st.DataObject
) -> None:
    said = situation.facts.consents
    grants = [index for index, consent in enumerate(said) if consent.effect == "grant"]
    assume(grants)
    chosen = data.draw(st.sampled_from(grants))
    assume(said[chosen].withdrawn is None)
    withdrawn = replace(said[chosen], withdrawn=AT - timedelta(minutes=1))
    once = [withdrawn if index == chosen else one for index, one in enumerate(said)]
    after = with_consents(situation, *once)
    assert never_wider(situation, after)
    assert answer(after) == answer(with_consents(situation, *once, withdrawn))
    for part in answer(after).segments.values():
        assert withdrawn.id not in part.consents or withdrawn.id in {
            one.id for index, one in enumerate(said) if index != chosen
        }


@theorem
@given(ON_CONSENT_ALONE)
def test_when_everybody_withdrew_everything_nothing_goes(situation: Situation) -> None:
    gone = [
        replace(consent, withdrawn=AT) if consent.effect == "grant" else consent
        for consent in situation.facts.consents
    ]
    assert not goes(with_consents(situation, *gone))


@theorem
@given(situations(), consents(), st.integers(0, 400))
def test_an_expired_decision_is_as_good_as_absent(
    situation: Situation, old: Consent, days: int
) -> None:
    ended = AT.date() - timedelta(days=days + 1)
    expired = replace(old, id="expired", until=ended, withdrawn=None)
    with_it = with_consents(situation, *situation.facts.consents, expired)
    assert answer(with_it) == answer(situation)


@theorem
@given(situations(), consents(effect="grant"))
def test_a_grant_that_has_not_begun_is_as_good_as_absent(
    situation: Situation, early: Consent
) -> None:
    assume(early.by != "child")
    later = replace(early, since=AT + timedelta(seconds=1), withdrawn=None)
    with_it = with_consents(situation, *situation.facts.consents, later)
    assert answer(with_it) == answer(situation)


@theorem
@given(situations(), st.randoms(use_true_random=False))
def test_order_and_duplicates_of_decisions_do_not_matter(situation: Situation, random: Any) -> None:
    shuffled = [*situation.facts.consents, *situation.facts.consents[:3]]
    random.shuffle(shuffled)
    assert answer(with_consents(situation, *shuffled)) == answer(situation)


@theorem
@given(situations())
def test_ones_grant_never_releases_another_persons_segment(situation: Situation) -> None:
    """Whatever goes on consent, everybody else it is about has a running grant of their own."""
    about = {segment.id: segment for segment in situation.facts.record.segments}
    known = {*situation.facts.people, "child"}
    for name, part in answer(situation).segments.items():
        if part.effect in {"permit", "extract"} and part.rule not in WITHOUT_CONSENT:
            others = about[name].about - {"child"}
            assert others <= known
            assert others <= givers_of(situation, part.consents)


def givers_of(situation: Situation, ids: tuple[str, ...]) -> set[str]:
    """Who gave the named consents; ids may repeat in a drawn list."""
    return {consent.by for consent in situation.facts.consents if consent.id in ids}


@theorem
@given(situations())
def test_nothing_about_a_child_of_unknown_age_goes_on_consent(situation: Situation) -> None:
    child = replace(situation.facts.child, born=None)
    unknown = replace(situation, facts=replace(situation.facts, child=child))
    about = {segment.id: segment.about for segment in situation.facts.record.segments}
    for name, part in answer(unknown).segments.items():
        on_consent = part.rule not in WITHOUT_CONSENT
        assert "child" not in about[name] or part.effect != "permit" or not on_consent
        # Neither silence, nor days to object, nor a right to read count while age is unknown.
        assert part.rule not in {"L6", "L8"} or "child" not in about[name]


@theorem
@given(situations())
def test_a_capable_childs_segment_goes_on_its_own_grant_or_just_after_twelve(
    situation: Situation,
) -> None:
    capacity = capacity_of(situation.facts.child, AT.date())
    assume(capacity.capable)
    for name, part in answer(situation).segments.items():
        about = next(one.about for one in situation.facts.record.segments if one.id == name)
        if (
            "child" in about
            and part.effect in {"permit", "extract"}
            and part.rule not in WITHOUT_CONSENT
        ):
            own = "child" in givers_of(situation, part.consents)
            assert own or "reconfirm" in part.obligations
            assert own or capacity.turned_twelve


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
def test_an_unknown_word_is_denied(situation: Situation) -> None:
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


@theorem
@given(situations())
def test_the_same_facts_give_the_same_answer(situation: Situation) -> None:
    first = answer(situation)
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
@given(situations(), st.frozensets(st.sampled_from(["diagnosis", "functional", "medical"])))
def test_asking_for_less_never_gives_more(situation: Situation, classes: frozenset[str]) -> None:
    pulled = replace(situation, request=replace(situation.request, kind="pull", classes=None))
    narrowed = replace(situation, request=replace(pulled.request, classes=classes))
    assert goes(narrowed) <= goes(pulled)


SAID = st.builds(
    grant,
    st.sampled_from(["mother", "mother", "father", "father", "aunt"]),
    st.sampled_from(["diagnosis", "diagnosis", "medical"]),
    id=st.uuids().map(str),
    effect=st.sampled_from(["grant", "grant", "refuse"]),
    to=st.sampled_from([None, frozenset({"vaph-1"}), frozenset({"vaph-1"}), frozenset({"caw-9"})]),
    since=st.dates(date(2026, 2, 20), date(2026, 3, 3)),
    until=st.dates(date(2026, 2, 27), date(2026, 3, 20)),
    withdrawn=st.sampled_from([None, None, AT - timedelta(days=5), AT + timedelta(days=1)]),
)


def begin_of(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), tzinfo=BRUSSELS)


def agrees(said: list[Any], by: str, data_class: str) -> bool | None:
    """Whether a parent agrees, differs, or said nothing: the rules once more, naively."""
    mine = [c for c in said if c.by == by and data_class in c.classes and c.to != {"caw-9"}]
    gone = [c for c in mine if c.withdrawn and c.withdrawn <= AT]
    runs = [c for c in mine if c not in gone and c.since <= AT.date() <= c.until]
    yes = [(begin_of(c.since), bool(c.to)) for c in runs if c.effect == "grant"]
    no = [(begin_of(c.since), bool(c.to)) for c in runs if c.effect == "refuse"]
    no += [(c.withdrawn, bool(c.to)) for c in gone if c.effect == "grant"]
    if any(not any(y > n and named >= only for y, named in yes) for n, only in no):
        return False
    return True if yes else None


@tried_on(500)
@given(st.lists(SAID, max_size=6), st.sampled_from(["diagnosis", "medical"]))
def test_for_two_parents_it_agrees_with_the_rules_written_down_once_more(
    said: list[Consent], data_class: str
) -> None:
    known = facts(
        *said,
        record=a_record(a_segment(data_class)),
        actors={"bo": Actor(service="vaph-1", role="medical")},
    )
    parents = [agrees(said, by, data_class) for by in ("mother", "father")]
    one_is_enough = data_class == "diagnosis" and set(parents) == {True, None}
    expected = parents == [True, True] or one_is_enough
    assert bool(goes(Situation(request=ask(ToActor("bo")), facts=known))) == expected
