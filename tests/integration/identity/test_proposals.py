"""A person is asked with evidence; nothing is linked by likeness, and a no is remembered."""

import json

from gateway.exchange.links.link_waiting import link_waiting
from tests.integration.identity.world import Desk, number, somebody
from tests.support.running_hub import CAW, CHILDCARE, CLB, VAPH

NOOR, LISA, LISE, MOTHER = number(1), number(2), number(3), number(4, year="90")
DAY = "2019-03-14"


def test_the_same_child_is_proposed_with_evidence_and_not_linked(desk: Desk) -> None:
    known = desk.tell(VAPH, somebody("García Iñíguez", "Mateo", insz=NOOR, parents=(MOTHER,)))
    told = desk.tell(CAW, somebody("Garcia", "Mateo", parents=(MOTHER,)))
    assert desk.child_of(told) is None
    [waiting] = desk.queue()
    [proposal] = waiting.proposals
    assert proposal["child"] == str(desk.child_of(known))
    assert proposal["class"] == "strong"
    assert proposal["score"] == 85
    assert proposal["features"] == {
        "family_name": "nearly",
        "given_name": "agrees",
        "birth_date": "agrees",
        "sex": "missing",
        "parent": "shared",
    }


def test_the_evidence_holds_no_value_that_was_compared(desk: Desk) -> None:
    desk.tell(VAPH, somebody("Çağlayan", "Zeynep", "2016-06-05", insz=NOOR, parents=(MOTHER,)))
    desk.tell(CAW, somebody("Ça?layan", "Zeynep", "2016-06-05", damaged=True, parents=(MOTHER,)))
    [row] = desk.rows("select evidence from review_item")
    told = json.dumps(row.evidence).casefold()
    for value in ("layan", "zeynep", "2016", NOOR, MOTHER):
        assert value.casefold() not in told
    assert row.evidence["proposals"][0]["notes"] == ["damaged-letters"]


def test_no_clear_column_holds_a_name_a_day_or_a_number(desk: Desk) -> None:
    desk.tell(VAPH, somebody("Zwaluwenburg", "Odilon", "2016-06-05", insz=NOOR, local="KG-77"))
    for table in ("match_key", "known_description", "child_lookup", "match_verdict", "review_item"):
        stored = " ".join(str(row) for row in desk.rows(f"select t::text from {table} t"))
        for value in ("Zwaluwenburg", "Odilon", "2016-06-05", NOOR, "KG-77"):
            assert value not in stored
            assert value.encode().hex() not in stored


def test_twins_are_never_strong(desk: Desk) -> None:
    desk.tell(VAPH, somebody("Mertens", "Lisa", insz=LISA), somebody("Mertens", "Lise", insz=LISE))
    desk.tell(CHILDCARE, somebody("Mertens", "Lisa"))
    desk.tell(CHILDCARE, somebody("Mertens", "L."))
    for waiting in desk.queue():
        assert len(waiting.candidates) == 2
        assert {one["class"] for one in waiting.proposals} == {"ambiguous"}


def test_a_newborn_without_a_name_is_proposed_by_its_mother(desk: Desk) -> None:
    named = somebody("Vandenberghe", "Aïssatou", "2024-11-28", insz=NOOR, parents=(MOTHER,))
    older = somebody("Vandenberghe", "Fatou", "2021-01-02", insz=LISA, parents=(MOTHER,))
    desk.tell(VAPH, named)
    desk.tell(VAPH, older)
    told = desk.tell(CHILDCARE, somebody("", "BABY", "2024-11-28", parents=(MOTHER,)))
    assert desk.child_of(told) is None
    [waiting] = desk.queue()
    assert waiting.candidates == (str(desk.found(NOOR)),)


def test_a_rejected_pair_is_not_proposed_again_but_another_child_is(desk: Desk) -> None:
    desk.tell(VAPH, somebody("Peeters", "Noor", insz=NOOR))
    desk.tell(CHILDCARE, somebody("Peeters", "Noor"))
    [waiting] = desk.queue()
    assert desk.reject(waiting.id)
    assert not desk.reject(waiting.id)
    repeat = desk.tell(CHILDCARE, somebody("Peeters", "Noor"))
    assert desk.queue() == ()
    assert [part.outcome for part in desk.what_became(repeat)] == ["not_linked"]
    desk.tell(VAPH, somebody("Peeters", "Noor", insz=LISA))
    desk.tell(CHILDCARE, somebody("Peeters", "Noor"))
    [waiting] = desk.queue()
    assert waiting.candidates == (str(desk.found(LISA)),)


def test_a_confirmed_pair_is_proposed_again_as_such(desk: Desk) -> None:
    desk.tell(VAPH, somebody("Peeters", "Noor", insz=NOOR))
    first = desk.tell(CHILDCARE, somebody("Peeters", "Noor"))
    [waiting] = desk.queue()
    assert not desk.confirm(waiting.id, "00000000-0000-0000-0000-000000000000")
    assert desk.confirm(waiting.id, waiting.candidates[0])
    assert desk.child_of(first) == desk.found(NOOR)
    desk.tell(CHILDCARE, somebody("Peeters", "Noor"))
    [waiting] = desk.queue()
    assert waiting.proposals[0]["notes"] == ["confirmed-before"]


def test_a_damaged_name_never_takes_the_place_of_a_better_one(desk: Desk) -> None:
    child = desk.child_of(desk.tell(VAPH, somebody("Y\u0131ld\u0131z", "Zeynep", insz=NOOR)))
    desk.tell(CAW, somebody("Y?ld?z", "Zeynep", insz=NOOR, damaged=True))
    assert child is not None
    assert [one[:1] + one[2:] for one in desk.spellings(child)] == [
        [False, "Y\u0131ld\u0131z", "Zeynep"],
        [True, "Y?ld?z", "Zeynep"],
    ]


def test_a_record_that_resembles_nobody_may_become_a_new_child(desk: Desk) -> None:
    told = desk.tell(CLB, somebody("Claes", "Tuur", local="5"))
    [waiting] = desk.queue()
    assert waiting.candidates == ()
    assert desk.confirm(waiting.id, "new")
    child = desk.child_of(told)
    assert child is not None
    assert desk.child_of(desk.tell(CLB, somebody("Claes", "T.", local="5"))) == child


def test_one_confirmation_is_enough_for_all_that_wait_under_one_number(desk: Desk) -> None:
    told = [desk.tell(CLB, somebody("Claes", "Tuur", local="5")) for _ in range(3)]
    first, *_ = desk.queue()
    assert desk.confirm(first.id, "new")
    assert link_waiting(desk.hub, at=desk.at) == 2
    assert len({desk.child_of(one) for one in told}) == 1
    assert desk.queue() == ()
    assert link_waiting(desk.hub, at=desk.at) == 0
