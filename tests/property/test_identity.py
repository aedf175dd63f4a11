"""Theorems of recognising a child: likeness is even-handed, bounded and never decides."""

import random
from functools import reduce
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from gateway.exchange.identities.compare_names import Agreement
from gateway.exchange.identities.describe_child import MOST, together
from gateway.exchange.identities.score_match import (
    Description,
    Name,
    Strength,
    score_match,
    weigh_rivals,
)

LETTERS = st.sampled_from(
    [*"abcdeilnorstuyABCLMNP", "é", "ç", "ğ", "\u0131", "?", "-", "'", " ", "."]
)
FREE = st.text(LETTERS, max_size=12)
FAMILIES = st.sampled_from(["Peeters", "PEETERS", "Peters", "García Iñíguez", "Garcia", "P.", ""])
GIVEN = st.sampled_from(["Noor", "Noortje", "Lisa", "Lise", "L.", "BABY", "Zeynep", ""])
BORN = st.sampled_from(["2019-03-14", "2019-14-03", "2019-03", "2019", "2019-03-15", "2017-05-04"])
PEOPLE = st.integers(1, 3).map(lambda number: UUID(int=number))
NAMES = st.builds(
    Name.heard,
    FAMILIES | FREE,
    GIVEN | FREE,
    damaged=st.booleans(),
    abbreviated=st.booleans(),
)
DESCRIPTIONS = st.builds(
    Description,
    names=st.lists(NAMES, max_size=3).map(tuple),
    born=st.frozensets(BORN, max_size=2),
    genders=st.frozensets(st.sampled_from(["male", "female"]), max_size=2),
    parents=st.frozensets(PEOPLE, max_size=2),
)


@given(DESCRIPTIONS, DESCRIPTIONS)
def test_it_does_not_matter_who_is_compared_with_whom(one: Description, other: Description) -> None:
    assert score_match(one, other) == score_match(other, one)


@given(DESCRIPTIONS, DESCRIPTIONS)
def test_a_score_lies_between_0_and_100(one: Description, other: Description) -> None:
    assert 0 <= score_match(one, other).score <= 100


@given(DESCRIPTIONS, DESCRIPTIONS)
def test_strong_means_the_same_day_and_the_same_whole_given_name(
    one: Description, other: Description
) -> None:
    found = score_match(one, other)
    if found.strength is Strength.STRONG:
        assert found.features["birth_date"] == found.features["given_name"] == Agreement.AGREES
        assert found.features["sex"] != Agreement.DIFFERS
        assert found.notes == ()
        assert found.proposed


@given(st.text(LETTERS, min_size=3, max_size=10), st.data())
def test_twins_whose_names_differ_by_one_letter_are_never_strong(
    given_name: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(given_name) - 1))
    letter = data.draw(st.sampled_from("aeiouz").filter(lambda one: one != given_name[place]))
    twin = given_name[:place] + letter + given_name[place + 1 :]
    both = [
        Description(names=(Name.heard("Mertens", one),), born=frozenset({"2023-06-21"}))
        for one in (given_name, twin)
    ]
    known = {UUID(int=number): one for number, one in enumerate(both)}
    for told in both:
        found = weigh_rivals({child: score_match(told, one) for child, one in known.items()})
        if len(found) > 1:
            assert {one.strength for one in found.values()} == {Strength.AMBIGUOUS}


@given(DESCRIPTIONS, st.lists(DESCRIPTIONS, max_size=5))
def test_rivals_never_make_a_proposal_stronger(told: Description, known: list[Description]) -> None:
    alone = {UUID(int=number): score_match(told, one) for number, one in enumerate(known)}
    for child, one in weigh_rivals(alone).items():
        assert one.strength in {alone[child].strength, Strength.AMBIGUOUS}
        assert one.score == alone[child].score


@given(st.lists(DESCRIPTIONS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_any_order_of_hearing_ends_in_the_same_description(
    heard: list[Description], dice: random.Random
) -> None:
    other = heard + heard[:2]
    dice.shuffle(other)
    assert reduce(together, heard, Description()) == reduce(together, other, Description())


@given(st.lists(NAMES, max_size=20), NAMES)
def test_a_damaged_name_never_takes_the_place_of_a_better_one(
    known: list[Name], told: Name
) -> None:
    before = together(Description(names=tuple(known)), Description())
    after = together(before, Description(names=(told,)))
    if told.damaged:
        whole = [one for one in before.names if not one.damaged]
        assert [one for one in after.names if not one.damaged] == whole
    assert len(after.names) <= MOST
    assert list(after.names) == sorted(after.names)
