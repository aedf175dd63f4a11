"""Saying no, shutting out, objecting, and taking a no away again."""

from datetime import timedelta
from typing import Any

import pytest

from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.exchange.refusal import Refusal
from tests.support.family_world import CAW, CLB, SEVEN, VAPH, FamilyWorld

LATER = SEVEN + timedelta(hours=1)
LAST = SEVEN + timedelta(hours=2)
CLASSES = {"diagnosis", "functional"}


@pytest.fixture
def shared(world: FamilyWorld) -> FamilyWorld:
    """Both parents let the CLB see two classes; the messages are sealed and nobody read them."""
    for parent in (world.mother, world.father):
        world.given(parent, CLASSES, at=SEVEN)
    world.seal(at=SEVEN)
    return world


@pytest.mark.parametrize(
    ("no", "left"),
    [
        ({}, set()),
        ({"classes": {"diagnosis"}}, {"functional"}),
        ({"purpose": "care", "to": CLB}, set()),
        ({"effect": "exclude", "to": CLB}, set()),
        ({"effect": "object_gdpr", "sources": {VAPH}}, set()),
        ({"effect": "restrict_gdpr", "classes": {"functional"}}, {"diagnosis"}),
    ],
)
def test_a_no_of_either_parent_stops_what_lies_undelivered_in_its_scope(
    shared: FamilyWorld, no: dict[str, Any], left: set[str]
) -> None:
    messages = shared.keys()
    consent = shared.said_no(shared.father, at=LATER, **no)
    keys = shared.keys()
    kept = {one: name for one, name in messages.items() if one in keys}
    sources = no.get("sources")
    assert sources or set(kept.values()) == left
    assert not sources or len(kept) < len(messages)
    states = shared.open(list(messages), at=LATER)
    assert {messages[one] for one, state in states.items() if state == "released"} <= left
    assert shared.events(consent) == ["given"]


@pytest.mark.parametrize(
    "no",
    [
        {"purpose": "referral"},
        {"to": CAW},
        {"effect": "exclude", "to": CAW},
        {"classes": {"medical"}},
        {"effect": "object"},
        {"effect": "object_gdpr", "sources": {CAW}},
    ],
)
def test_a_no_to_something_else_stops_nothing(shared: FamilyWorld, no: dict[str, Any]) -> None:
    before = shared.keys()
    shared.said_no(shared.father, at=LATER, **no)
    assert shared.keys() == before
    assert shared.told() == 0


def test_who_read_is_told_and_nobody_else(shared: FamilyWorld) -> None:
    ids = list(shared.keys())
    shared.open(ids, at=SEVEN)
    shared.given(shared.mother, CLASSES, to=CAW, at=SEVEN)
    shared.given(shared.father, CLASSES, to=CAW, at=SEVEN)
    shared.seal(at=SEVEN)
    shared.said_no(shared.father, at=LATER)
    (notice,) = [one for one in shared.seal(at=LATER) if one.type.endswith("withdrawn.v1")]
    assert notice.partner == CLB
    assert {one for one in ids if one.encode() in notice.jwe} == set(ids)
    assert shared.keys(CAW) == {}


def test_a_message_that_was_queued_before_a_no_is_never_sealed_after_it(
    world: FamilyWorld,
) -> None:
    for parent in (world.mother, world.father):
        world.given(parent, CLASSES, at=SEVEN)
    world.said_no(world.father, at=LATER, classes={"diagnosis"}, to=CLB)
    world.seal(at=LATER)
    assert set(world.keys().values()) == {"functional"}


def test_a_reader_whose_clock_ran_behind_gets_nothing_after_a_no(shared: FamilyWorld) -> None:
    shared.said_no(shared.father, at=LATER)
    assert shared.reads(at=SEVEN) == 0


def test_a_no_whose_clock_ran_behind_still_stops_the_yes_before_it(shared: FamilyWorld) -> None:
    shared.said_no(shared.father, at=SEVEN - timedelta(minutes=1), classes={"diagnosis"}, to=CLB)
    assert shared.reads(at=LATER) == 0


def test_taking_a_no_away_lets_go_again_what_others_allowed(shared: FamilyWorld) -> None:
    consent = shared.said_no(shared.father, at=LATER, effect="exclude", to=CLB)
    assert shared.keys() == {}
    assert withdraw_consent(shared.hub, shared.father, consent, at=LAST)
    assert shared.reads(at=LAST) == 1
    shared.seal(at=LAST)
    assert set(shared.keys().values()) == CLASSES
    assert "refusal_lifted" in shared.acts()
    assert shared.decisions(shared.father, at=LAST)[consent].state == "withdrawn"


def test_only_who_said_no_takes_it_away(shared: FamilyWorld) -> None:
    consent = shared.said_no(shared.father, at=LATER)
    assert not withdraw_consent(shared.hub, shared.mother, consent, at=LAST)
    assert shared.reads(at=LAST) == 0


def test_the_same_no_twice_is_one_decision_but_not_after_a_yes(shared: FamilyWorld) -> None:
    no = {"classes": {"diagnosis"}, "to": CLB, "purpose": "care"}
    first = shared.said_no(shared.father, at=LATER, **no)
    assert shared.said_no(shared.father, at=LATER, **no) == first
    shared.given(shared.father, {"diagnosis"}, at=LAST)
    assert shared.reads(at=LAST) == 1
    assert shared.said_no(shared.father, at=LAST + timedelta(minutes=1), **no) != first
    assert shared.reads(at=LAST + timedelta(minutes=1)) == 0


def test_a_later_yes_that_is_as_exact_as_a_no_lifts_it(shared: FamilyWorld) -> None:
    shared.said_no(shared.father, at=LATER, effect="exclude", to=CLB)
    shared.given(shared.father, {"diagnosis"}, at=LAST)
    assert shared.reads(at=LAST) == 1


def test_a_no_with_a_last_day_ends_by_itself(shared: FamilyWorld) -> None:
    until = LATER.date() + timedelta(days=1)
    consent = shared.said_no(shared.father, at=LATER, until=until)
    assert shared.reads(at=LATER + timedelta(days=1)) == 0
    assert shared.reads(at=LATER + timedelta(days=2)) == 1
    after = LATER + timedelta(days=2)
    assert shared.decisions(shared.father, at=after)[consent].state == "expired"


@pytest.mark.parametrize(
    ("no", "code"),
    [
        ({"effect": "exclude", "to": None}, "unknown_service"),
        ({"effect": "exclude", "to": CLB, "classes": {"diagnosis"}}, "unknown_service"),
        ({"to": "nobody"}, "unknown_service"),
        ({"effect": "object_gdpr", "to": CLB}, "unknown_service"),
        ({"sources": {VAPH}}, "unknown_service"),
        ({"purpose": "justice"}, "unknown_purpose"),
        ({"until": SEVEN.date()}, "until_out_of_range"),
        ({"assisted_by": "iemand"}, "unknown_assistant"),
    ],
)
def test_a_no_that_cannot_mean_anything_is_refused_with_the_remedy(
    shared: FamilyWorld, no: dict[str, Any], code: str
) -> None:
    later = SEVEN + timedelta(days=1)
    refused = shared.say_no(shared.father, at=later, **no)
    assert isinstance(refused, Refusal)
    assert refused.code == code
    assert shared.reads(at=later) == 1


def test_only_the_words_that_were_shown_make_a_no(shared: FamilyWorld) -> None:
    words = shared.words(shared.father, at=LATER, effect="refuse")
    others = shared.words(shared.father, at=LATER, effect="refuse", to=CLB)
    assert not isinstance(words, Refusal)
    assert not isinstance(others, Refusal)
    assert words.sha256 != others.sha256
    assert words.text_id == "refuse"
