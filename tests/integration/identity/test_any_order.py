"""Who is linked to whom does not depend on the order in which sources speak."""

from random import Random
from uuid import UUID

from adapters.contract import Part
from tests.integration.identity.world import Desk, assigned, number, replaced, somebody
from tests.support.running_hub import CAW, CHILDCARE, CLB, VAPH

TRIALS = 8


def deliveries(trial: int) -> dict[str, tuple[str, Part]]:
    """Return what four services say about a newborn, a child whose number changes, and twins."""
    own, bis, new, lisa, lise = (number(trial * 10 + one) for one in range(1, 6))
    local, born = f"KG-{trial}", "2019-03-14"
    return {
        "newborn": (CHILDCARE, somebody("", "BABY", born, local=local)),
        "named": (CHILDCARE, somebody("Aerts", "Mo", born, local=local, change=assigned(own))),
        "corrected": (CHILDCARE, somebody("Aerts", "Mo", born, insz=own, local=local)),
        "elsewhere": (VAPH, somebody("AERTS", "Mo", born, insz=own)),
        "unnumbered": (CAW, somebody("Aerts", "Mo", born)),
        "by bis": (CLB, somebody("Sylla", "Mamadi", "2017", insz=bis)),
        "replaced": (CHILDCARE, somebody("Sylla", "Mamadi", "2017", change=replaced(bis, new))),
        "by bis again": (VAPH, somebody("Sylla", "Mamadi", "2017", insz=bis)),
        "lisa": (VAPH, somebody("Mertens", "Lisa", born, insz=lisa)),
        "lise": (CLB, somebody("Mertens", "Lise", born, insz=lise)),
        "anonymous": (CAW, somebody("Mertens", "Lisa", born, linkable=False)),
    }


def together(desk: Desk, told: dict[str, UUID]) -> set[frozenset[str]]:
    """Return which deliveries are about one child; one that waits stands alone."""
    of = {name: desk.child_of(receipt) or name for name, receipt in told.items()}
    return {frozenset(name for name in of if of[name] == one) for one in of.values()}


def test_any_order_and_any_repetition_links_the_same(desk: Desk) -> None:
    expected = {
        frozenset({"newborn", "named", "corrected", "elsewhere"}),
        frozenset({"unnumbered"}),
        frozenset({"by bis", "replaced", "by bis again"}),
        frozenset({"lisa"}),
        frozenset({"lise"}),
        frozenset({"anonymous"}),
    }
    dice = Random(20261122)
    for trial in range(TRIALS):
        said = deliveries(trial)
        order = [*said, *dice.sample([*said], 3)]
        dice.shuffle(order)
        told = {name: desk.tell(*said[name]) for name in order}
        assert together(desk, told) == expected, order


def test_two_numbers_are_two_children_however_alike_they_are(desk: Desk) -> None:
    desk.tell(VAPH, somebody("Peeters", "Noor", insz=number(1)))
    desk.tell(CLB, somebody("Peeters", "Noor", insz=number(2)))
    assert desk.found(number(1)) != desk.found(number(2))
    assert desk.queue() == ()
