"""What numbers lead to, whichever way they change and in whatever order that is told."""

import itertools

import pytest

from tests.integration.identity.world import Desk, assigned, cancelled, number, replaced, somebody
from tests.support.running_hub import CAW, CHILDCARE, CLB, VAPH

BIS, NEW, MOTHER = number(1), number(2), number(3, year="90")


def test_a_valid_number_leads_to_one_child_whatever_the_name_is(desk: Desk) -> None:
    first = desk.tell(VAPH, somebody("Peeters", "Noor", insz=BIS))
    second = desk.tell(CLB, somebody("PEETERS", "Nora", None, insz=BIS))
    assert desk.child_of(first) == desk.child_of(second) is not None
    assert desk.queue() == ()


def test_a_sources_own_number_means_the_child_in_that_source_only(desk: Desk) -> None:
    known = desk.tell(VAPH, somebody("Peeters", "Noor", insz=BIS, local="7"))
    again = desk.tell(VAPH, somebody("Peters", "N.", None, local="7"))
    elsewhere = desk.tell(CLB, somebody("Peeters", "Noor", None, local="7"))
    assert desk.child_of(again) == desk.child_of(known)
    assert desk.child_of(elsewhere) is None
    [waiting] = desk.queue()
    assert waiting.receipt == str(elsewhere)


def test_a_newborn_is_the_same_child_whether_its_number_comes_first_or_last(desk: Desk) -> None:
    newborn = somebody("VANDENBERGHE", "BABY", "2024-11-28", local="KG-1", parents=(MOTHER,))
    named = somebody("Vandenberghe", "Aïssatou", "2024-11-28", local="KG-1", change=assigned(NEW))
    first = desk.tell(CHILDCARE, newborn)
    assert desk.child_of(first) is None
    second = desk.tell(CHILDCARE, named)
    assert desk.child_of(first) == desk.child_of(second) == desk.found(NEW)
    assert desk.queue() == ()
    child = desk.child_of(first)
    assert child is not None
    assert "identity_confirmed" in desk.acts(child)


def test_a_number_is_assigned_to_a_child_that_a_person_made_known(desk: Desk) -> None:
    newborn = desk.tell(CHILDCARE, somebody("Vandenberghe", "BABY", "2024-11-28", local="KG-1"))
    [waiting] = desk.queue()
    assert desk.confirm(waiting.id, "new")
    named = somebody("Vandenberghe", "Aïssatou", "2024-11-28", local="KG-1", change=assigned(NEW))
    assert desk.child_of(desk.tell(CHILDCARE, named)) == desk.child_of(newborn) == desk.found(NEW)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_replaced_number_still_leads_to_the_child_in_any_order(
    desk: Desk, order: tuple[int, ...]
) -> None:
    parts = (
        somebody("Touré Sylla", "Mamadi", "2017", insz=BIS),
        somebody("Touré Sylla", "Mamadi", "2017", change=replaced(BIS, NEW)),
        somebody("Toure", "Mamadi", "2017", insz=BIS),
    )
    told = [desk.tell(CHILDCARE, parts[one]) for one in order]
    assert len({desk.child_of(one) for one in told}) == 1
    assert desk.found(BIS) == desk.found(NEW) == desk.child_of(told[0])
    states = desk.rows("select state from child_lookup where kind = 'insz' order by state")
    assert [row.state for row in states] == ["current", "old"]


def test_a_replacing_number_of_another_child_merges_nothing(desk: Desk) -> None:
    one = desk.child_of(desk.tell(CLB, somebody("Touré", "Mamadi", "2017", insz=BIS)))
    other = desk.child_of(desk.tell(VAPH, somebody("Sylla", "Mamadi", "2017", insz=NEW)))
    told = desk.tell(CHILDCARE, somebody("Touré", "Mamadi", "2017", change=replaced(BIS, NEW)))
    assert desk.child_of(told) is None
    [waiting] = desk.queue()
    assert waiting.reason == "numbers-lead-to-two-children"
    assert set(waiting.candidates) == {str(one), str(other)}
    assert (desk.found(BIS), desk.found(NEW)) == (one, other)
    assert desk.confirm(waiting.id, str(one))
    assert (desk.found(BIS), desk.found(NEW)) == (one, other)


@pytest.mark.parametrize("first", [True, False])
def test_a_cancelled_number_leads_to_nobody_and_its_history_stays(desk: Desk, first: bool) -> None:
    known = somebody("Peeters", "Noor", insz=BIS)
    ended = somebody("Peeters", "Noor", change=cancelled(BIS))
    child = None
    if first:
        child = desk.child_of(desk.tell(VAPH, known))
        assert desk.child_of(desk.tell(CHILDCARE, ended)) == child
    else:
        desk.tell(CHILDCARE, ended)
        assert desk.child_of(desk.tell(VAPH, known)) is None
    assert desk.found(BIS) is None
    later = desk.tell(CLB, somebody("Peeters", "Noor", insz=BIS))
    assert desk.child_of(later) is None
    assert [one.reason for one in desk.queue()][-1] == "cancelled-number"
    if first:
        assert desk.queue()[-1].candidates == (str(child),)


def test_a_source_that_uses_its_own_number_twice_is_looked_at(desk: Desk) -> None:
    desk.tell(VAPH, somebody("Peeters", "Noor", insz=BIS, local="7"))
    desk.tell(VAPH, somebody("Claes", "Tuur", insz=NEW, local="7"))
    assert desk.child_of(desk.tell(VAPH, somebody("Claes", "Tuur", local="7"))) is None
    rows = desk.rows("select kind from review_item order by raised_at")
    assert [row.kind for row in rows] == ["number_of_two_children", "identity_match"]


def test_anonymous_help_is_no_proposal_and_leaves_no_trace(desk: Desk) -> None:
    desk.tell(VAPH, somebody("Peeters", "Noor", insz=BIS))
    before = desk.rows("select count(*) from match_key")[0]
    told = desk.tell(CAW, somebody("Peeters", "Noor", insz=BIS, local="9", linkable=False))
    assert desk.child_of(told) is None
    assert [part.code for part in desk.what_became(told)] == ["anonymous"]
    assert desk.queue() == ()
    assert desk.rows("select count(*) from match_key")[0] == before
    assert desk.rows("select 1 from child_lookup where kind = 'local'") == []
