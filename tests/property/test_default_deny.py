"""Theorems about what goes at all: default deny, and what a yes must rest on."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from consent.rules import RULES
from tests.support.situations import (
    Situation,
    a_sample,
    goes,
    situations,
)
from tests.support.theorems import (
    ON_CONSENT_ALONE,
    WITHOUT_CONSENT,
    answer,
    tried_on,
    with_consents,
)

theorem = tried_on(200)


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
def test_default_deny_without_grant_team_or_route_nothing_goes(situation: Situation) -> None:
    without = [said for said in situation.facts.consents if said.effect != "grant"]
    assert not goes(with_consents(situation, *without))


@theorem
@given(situations())
def test_what_goes_rests_on_grants_a_team_or_a_route(situation: Situation) -> None:
    grants = {said.id for said in situation.facts.consents if said.effect == "grant"}
    for part in answer(situation).segments.values():
        assert part.basis == RULES[part.rule].basis
        goes_now = part.effect in {"permit", "extract"}
        if goes_now and part.rule not in WITHOUT_CONSENT:
            assert part.consents
        # What goes by law or in a team may still name the grants that lifted a bar for it.
        if goes_now or part.rule == "K7":
            assert grants >= set(part.consents)
        else:
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
@given(situations(), st.frozensets(st.sampled_from(["diagnosis", "functional", "medical"])))
def test_asking_for_less_never_gives_more(situation: Situation, classes: frozenset[str]) -> None:
    pulled = replace(situation, request=replace(situation.request, kind="pull", classes=None))
    narrowed = replace(situation, request=replace(pulled.request, classes=classes))
    assert goes(narrowed) <= goes(pulled)
