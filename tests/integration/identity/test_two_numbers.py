"""Two numbers that lead to two children: a person decides once, and may undo it."""

from uuid import UUID

import pytest

from adapters.contract import Part
from gateway.exchange.links.split_identity import Split
from tests.integration.identity.world import Desk, number, replaced, somebody
from tests.support.running_hub import CAW, CHILDCARE, CLB, VAPH

BIS, NEW, THIRD = number(1), number(2), number(3)


def with_both(name: str = "Touré") -> Part:
    return somebody(name, "Mamadi", "2017", change=replaced(BIS, NEW))


@pytest.fixture
def two(desk: Desk) -> tuple[UUID, UUID]:
    one = desk.child_of(desk.tell(CLB, somebody("Touré", "Mamadi", "2017", insz=BIS)))
    other = desk.child_of(desk.tell(VAPH, somebody("Sylla", "Mamadi", "2017", insz=NEW)))
    assert one is not None
    assert other is not None
    return one, other


def test_who_was_confirmed_is_not_asked_again(desk: Desk, two: tuple[UUID, UUID]) -> None:
    first, waiting = desk.tell(CHILDCARE, with_both()), desk.tell(CAW, with_both("Toure"))
    item, _ = desk.queue()
    assert desk.confirm(item.id, two[0])
    again = desk.tell(CHILDCARE, with_both("Toure Sylla"))
    # Also what waited with the same two numbers, whoever said it and however it spelled the name.
    assert desk.queue() == ()
    assert {desk.child_of(one) for one in (first, waiting, again)} == {two[0]}
    assert (desk.found(BIS), desk.found(NEW)) == two


def test_a_new_child_that_was_confirmed_stays_so(desk: Desk, two: tuple[UUID, UUID]) -> None:
    first = desk.tell(CHILDCARE, with_both())
    [item] = desk.queue()
    assert desk.confirm(item.id, "new")
    again = desk.tell(CAW, with_both("Toure"))
    assert desk.child_of(again) == desk.child_of(first)
    assert desk.child_of(again) not in {None, *two}


@pytest.mark.usefixtures("two")
def test_who_was_rejected_is_not_asked_again(desk: Desk) -> None:
    desk.tell(CHILDCARE, with_both())
    [item] = desk.queue()
    assert desk.reject(item.id)
    again = desk.tell(CAW, with_both("Toure"))
    assert desk.queue() == ()
    assert [part.outcome for part in desk.what_became(again)] == ["not_linked"]


def test_a_split_takes_the_decision_along(desk: Desk, two: tuple[UUID, UUID]) -> None:
    wrong = desk.tell(CHILDCARE, with_both())
    [item] = desk.queue()
    assert desk.confirm(item.id, two[0])
    assert isinstance(desk.split(wrong, to=two[1]), Split)
    assert desk.child_of(desk.tell(CAW, with_both("Toure"))) == two[1]
    verdicts = desk.rows(
        "select same, decided_by from match_verdict where child = any(:two)", two=[*two]
    )
    assert {row.decided_by for row in verdicts} == {"operator"}


def test_what_leads_elsewhere_since_is_asked_again(desk: Desk, two: tuple[UUID, UUID]) -> None:
    desk.tell(CHILDCARE, with_both())
    [item] = desk.queue()
    assert desk.confirm(item.id, two[0])
    known = desk.tell(CLB, somebody("Touré", "Mamadi", "2017", insz=BIS, version="2"))
    # BIS was never hers: it leads to a third child from now on.
    desk.rows("update child_lookup set child = :other where value_hash = :bis returning 1",
              other=desk.child_of(desk.tell(CAW, somebody("Diallo", "Awa", insz=THIRD))),
              bis=desk.hub.vault.lookup("insz", BIS))  # fmt: skip
    assert desk.child_of(known) == two[0]
    assert desk.child_of(desk.tell(CAW, with_both("Toure"))) is None
    assert len(desk.queue()) == 1


def test_one_number_for_two_children_is_asked_about_each_time(desk: Desk) -> None:
    desk.tell(VAPH, somebody("Peeters", "Noor", insz=BIS, local="7"))
    desk.tell(VAPH, somebody("Claes", "Tuur", insz=NEW, local="7"))
    desk.tell(VAPH, somebody("Claes", "Tuur", local="7"))
    [item] = desk.queue()
    assert desk.confirm(item.id, item.candidates[0])
    assert desk.child_of(desk.tell(VAPH, somebody("Peeters", "Noor", local="7"))) is None


def test_who_looked_at_a_number_used_twice_is_not_asked_again(desk: Desk) -> None:
    desk.tell(VAPH, somebody("Peeters", "Noor", insz=BIS, local="7"))
    desk.tell(VAPH, somebody("Claes", "Tuur", insz=NEW, local="7"))
    desk.rows("update review_item set state = 'decided' returning 1")
    desk.tell(VAPH, somebody("Claes", "Tuur", insz=NEW, local="7", version="2"))
    assert desk.rows("select 1 from review_item where state = 'open'") == []
