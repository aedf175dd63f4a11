"""Theorems about a no: a refusal, a withdrawal, an end; none of them ever opens a door."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from consent.model import Consent
from consent.rules import RULES
from tests.support.situations import (
    AT,
    Situation,
    consents,
    goes,
    situations,
)
from tests.support.theorems import (
    ON_CONSENT_ALONE,
    OUTSIDE_TEAMS,
    WHATEVER_THE_FAMILY_SAID,
    answer,
    everybody,
    granted_by_everybody,
    never_wider,
    tried_on,
    with_consents,
)

theorem = tried_on(200)


@theorem
@given(OUTSIDE_TEAMS, consents(effect="refuse"), st.sampled_from(["refuse", "exclude", "object"]))
def test_adding_a_refusal_never_widens(situation: Situation, no: Consent, effect: str) -> None:
    aimed = [Consent(id="aimed", by=name, effect=effect) for name in everybody(situation)]
    for refused in (replace(no, effect=effect), *aimed):
        after = with_consents(situation, *situation.facts.consents, refused)
        assert never_wider(situation, after)


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
    no = [Consent(id=f"no-{name}", by=name, effect=effect) for name in everybody(situation)]
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
def test_withdrawing_is_idempotent_and_never_opens_a_door(
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
def test_expired_equals_absent(situation: Situation, old: Consent, days: int) -> None:
    ended = AT.date() - timedelta(days=days + 1)
    begun = ended - timedelta(days=30)
    all_of_it = [replace(one, since=begun, until=ended) for one in granted_by_everybody(situation)]
    for expired in ([replace(old, id="expired", until=ended, withdrawn=None)], all_of_it):
        with_it = with_consents(situation, *situation.facts.consents, *expired)
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
def test_order_and_duplicates_do_not_matter(situation: Situation, random: Any) -> None:
    said = [*situation.facts.consents, *granted_by_everybody(situation)]
    said += [replace(one, id=f"{one.id}-again") for one in said]
    shuffled = [*said, *said[:3]]
    random.shuffle(shuffled)
    assert answer(with_consents(situation, *shuffled)) == answer(with_consents(situation, *said))
