"""A wrong link is undone after its service went on in another one that uses the same keys."""

from uuid import UUID

import pytest

from adapters.contract import PersonKey, Translation
from gateway.exchange.erase_child import alone_with, erase_now
from gateway.exchange.link_identity import confirm_match, matches_to_decide
from gateway.exchange.organisations import merge_partner
from gateway.exchange.split_identity import Split, Wrong, split_identity
from gateway.store import access_log
from gateway.store.engine import transaction
from tests.integration.changes.desk import AT, CHILD, CLB, HEIR, OLD, Desk, file, part, said

NOOR = PersonKey(insz=CHILD, family="Peeters", given="Noor", born="2019-03-14")
OTHER = PersonKey(insz=None, family="Peeters", given="Noor", born="2019-03-14", local="77")
KEY, OWN, STRANGE = "1/need", "of noor", "of the other"

HEIRS = file(part(said(KEY, OWN), on="2024-01-01", subject=NOOR))
WRONG = file(part(said(KEY, STRANGE), on="2024-06-01", subject=OTHER))
# Noor's own words lie in the same delivery.
TOGETHER = file(
    part(said("2/rest", "rest of noor"), on="2024-06-01", subject=NOOR),
    part(said(KEY, STRANGE), on="2024-06-01", subject=OTHER, id="2"),
)


def known(desk: Desk) -> UUID:
    """Let Noor be known by what a school's service says of her."""
    desk.deliver(file(part(said("clb", "x"), on="2023-01-01", subject=NOOR)), partner=CLB)
    (row,) = desk.rows("select id from child")
    return UUID(str(row.id))


def linked_wrongly(desk: Desk, noor: UUID, found: Translation = WRONG) -> UUID:
    """Link what a service says of another child to Noor, and let somebody read it there."""
    receipt = desk.deliver(found, partner=OLD)
    (item,) = matches_to_decide(desk.hub)
    assert confirm_match(desk.hub, item.id, str(noor), by="test", at=AT)
    (read,) = [one["id"] for one in desk.stored() if one["content"]["valueString"] == STRANGE]
    line = access_log.Entry(
        at=AT,
        act="read",
        actor=CLB,
        partner=CLB,
        child=noor,
        outcome="permit",
        resources=(f"{read}/1",),
    )
    with transaction(desk.hub.engine) as tx:
        access_log.append(tx, line)
    return receipt


def merge(desk: Desk) -> None:
    assert merge_partner(desk.hub, OLD, HEIR, at=AT).settled


def undone(desk: Desk, receipt: UUID) -> UUID:
    """Undo the link; return the other child."""
    name = desk.parts(receipt)[-1].part
    done = split_identity(desk.hub, Wrong(receipt=receipt, part=name, to="new"), by="test", at=AT)
    assert isinstance(done, Split)
    return done.child


def words(desk: Desk, child: UUID, *, status: str | None = None) -> set[str]:
    """Return the words of the statements about a child."""
    return {
        one["content"]["valueString"]
        for one in desk.stored()
        if one["child"] == child and status in (None, one["status"])
    }


def told(desk: Desk, noor: UUID) -> set[str]:
    query = "select partner from access_log where child = :noor and act = 'correction_told'"
    return {row.partner for row in desk.rows(query, noor=noor)}


@pytest.mark.parametrize("merged", [False, True], ids=["no merger", "merger"])
@pytest.mark.parametrize("heir_first", [False, True], ids=["heir last", "heir first"])
def test_nothing_of_the_other_child_stays_and_its_reader_is_told(
    desk: Desk, merged: bool, heir_first: bool
) -> None:
    noor = known(desk)
    if heir_first:
        desk.deliver(HEIRS, partner=HEIR)
    wrong = linked_wrongly(desk, noor)
    if not heir_first:
        desk.deliver(HEIRS, partner=HEIR)
    if merged:
        merge(desk)
    other = undone(desk, wrong)
    assert STRANGE not in words(desk, noor)
    assert OWN in words(desk, noor, status="active")
    assert words(desk, other, status="active") == {STRANGE}
    assert told(desk, noor) == {CLB}


def test_what_lies_in_one_delivery_with_noors_own_words_goes_too(desk: Desk) -> None:
    noor = known(desk)
    desk.deliver(HEIRS, partner=HEIR)
    wrong = linked_wrongly(desk, noor, TOGETHER)
    merge(desk)
    other = undone(desk, wrong)
    assert words(desk, noor) == {"x", OWN, "rest of noor"}
    assert words(desk, other, status="active") == {STRANGE}
    assert told(desk, noor) == {CLB}


def test_erasing_the_other_child_leaves_nothing_of_it(desk: Desk) -> None:
    noor = known(desk)
    desk.deliver(HEIRS, partner=HEIR)
    wrong = linked_wrongly(desk, noor)
    merge(desk)
    other = undone(desk, wrong)
    alone_with(desk.hub, other, lambda tx: erase_now(tx, desk.hub, other, at=AT))
    assert {one["content"]["valueString"] for one in desk.stored()} == {"x", OWN}
