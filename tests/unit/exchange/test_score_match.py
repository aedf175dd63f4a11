"""What two descriptions of a child agree on, and how much that says."""

from uuid import UUID

import pytest

from gateway.exchange.identities.compare_names import (
    Agreement,
    compare_family,
    compare_given,
    sound_of,
)
from gateway.exchange.identities.match_keys import keys_to_index
from gateway.exchange.identities.score_match import (
    Description,
    Name,
    Strength,
    score_match,
    weigh_rivals,
)

MOTHER = UUID(int=1)
BORN = "2019-03-14"


def child(
    family: str,
    given: str,
    born: str = BORN,
    *,
    sex: str = "",
    parents: tuple[UUID, ...] = (),
) -> Description:
    return Description(
        names=(Name.heard(family, given),),
        born=frozenset({born} if born else ()),
        genders=frozenset({sex} if sex else ()),
        parents=frozenset(parents),
    )


@pytest.mark.parametrize(
    ("one", "other", "agreement"),
    [
        ("García Iñíguez", "GARCIA INIGUEZ", "agrees"),
        ("García Iñíguez", "Iñíguez García", "agrees"),
        ("Van den Broeck", "VANDENBROECK", "agrees"),
        ("D'hondt", "Dhondt", "agrees"),
        ("Y\u0131ld\u0131z", "Yildiz", "agrees"),
        ("García Iñíguez", "Garcia", "nearly"),
        ("Peeters", "Peters", "nearly"),
        ("Peeters", "P.", "abbreviated"),
        ("Peeters", "M.", "differs"),
        ("Çağlayan", "Ça?layan", "damaged"),
        ("Y\u0131ld\u0131z", "Y?ld?z", "damaged"),
        ("Y\u0131ld\u0131z", "?", "differs"),
        ("Peeters", "Claes", "differs"),
        ("Peeters", "", "missing"),
        ("Peeters", "BABY", "missing"),
    ],
)
def test_two_spellings_of_a_family_name(one: str, other: str, agreement: str) -> None:
    assert compare_family(one, other) == compare_family(other, one) == agreement


@pytest.mark.parametrize(
    ("one", "other", "agreement"),
    [
        ("Aïssatou", "AISSATOU", "agrees"),
        ("Lisa", "Lise", "nearly"),
        ("Noor", "Noortje", "nearly"),
        ("Aïssatou", "BABY", "missing"),
        ("Lisa", "L.", "abbreviated"),
        ("Mo", "Jo", "differs"),
        ("Noor", "Emma", "differs"),
    ],
)
def test_two_spellings_of_a_given_name(one: str, other: str, agreement: str) -> None:
    assert compare_given(one, other) == compare_given(other, one) == agreement


@pytest.mark.parametrize(
    ("one", "other", "score", "strength"),
    [
        (child("Peeters", "Noor"), child("PEETERS", "Noor"), 85, "strong"),
        (child("Peeters", "Noor", sex="female"), child("Peeters", "Noor", sex="male"), 70, "weak"),
        (child("García Iñíguez", "Mateo"), child("Garcia", "Mateo"), 75, "weak"),
        (child("Çağlayan", "Zeynep"), child("Ça?layan", "Zeynep"), 75, "weak"),
        (child("Mertens", "Lisa"), child("Mertens", "Lise"), 74, "ambiguous"),
        (child("Mertens", "Lisa"), child("Mertens", "L."), 68, "ambiguous"),
        (child("Peeters", "Milan"), child("P.", "Milan"), 68, "weak"),
        (child("Touré", "Mamadi", "2017"), child("Toure", "Mamadi", "2017-05-04"), 70, "weak"),
        (
            child("Peeters", "Noor", "2019-03-14"),
            child("Peeters", "Noor", "2019-14-03"),
            65,
            "weak",
        ),
    ],
)
def test_a_pair_gets_a_score_and_a_class(
    one: Description, other: Description, score: int, strength: str
) -> None:
    found = score_match(one, other)
    assert (found.score, found.strength) == (score, strength)
    assert found.proposed


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (child("Peeters", "Noor", "2019-03-14"), child("Peeters", "Noor", "2018-07-01")),
        (child("Peeters", "Noor", ""), child("Peeters", "Noor", "")),
        (child("Peeters", "Noor"), child("Claes", "Tuur")),
        (child("", ""), child("", "")),
    ],
)
def test_a_day_alone_or_a_name_alone_is_no_proposal(one: Description, other: Description) -> None:
    assert not score_match(one, other).proposed


def test_a_newborn_is_recognised_by_its_mother_and_its_day() -> None:
    newborn = child("", "BABY", parents=(MOTHER,))
    named = child("Vandenberghe", "Aïssatou", parents=(MOTHER,))
    older = child("Vandenberghe", "Fatou", "2017-01-02", parents=(MOTHER,))
    assert score_match(newborn, named).proposed
    assert not score_match(newborn, older).proposed


def test_two_candidates_that_may_be_twins_are_both_ambiguous() -> None:
    told = child("Mertens", "Lisa")
    known = {UUID(int=1): child("Mertens", "Lisa"), UUID(int=2): child("Mertens", "Lise")}
    found = weigh_rivals({one: score_match(told, known[one]) for one in known})
    assert [one.strength for one in found.values()] == [Strength.AMBIGUOUS] * 2
    assert all("twin-suspicion" in one.notes for one in found.values())


def test_who_is_known_by_several_spellings_is_compared_by_the_best() -> None:
    names = (Name.heard("Y\u0131ld\u0131z", "Zeynep"), Name.heard("Y?ld?z", "Zeynep"))
    known = Description(names=names, born=frozenset({BORN, "2019"}))
    found = score_match(known, child("Yildiz", "Zeynep"))
    assert (found.score, found.strength) == (85, "strong")


def test_spellings_of_one_child_share_a_key_and_no_key_is_a_name_or_a_day() -> None:
    spelled = [
        child("Peeters", "Noor"),
        child("PETERS", "Noor"),
        child("Pieters", "noor", "2019"),
        child("P.", "Noor"),
    ]
    whole = keys_to_index(spelled[0])
    assert all(whole & keys_to_index(one) for one in spelled)
    assert all(key.count("|") >= 2 for key in whole)
    assert keys_to_index(child("Peeters", "Noor", "")) == frozenset()
    assert sound_of("peeters") == sound_of("pieters") == "ptrs"


def test_every_agreement_has_a_word() -> None:
    assert {str(one) for one in Agreement} == {
        "agrees", "nearly", "partial", "damaged", "abbreviated", "differs", "missing",
    }  # fmt: skip
