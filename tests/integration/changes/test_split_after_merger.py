"""A wrong link is undone after its service went on in another one that uses the same keys."""

from uuid import UUID

import pytest

from adapters.contract import PersonKey, Translation
from gateway.exchange.erasure.erase_child import alone_with, erase_now
from gateway.exchange.links.link_identity import confirm_match, matches_to_decide
from gateway.exchange.links.split_identity import Split, Wrong, split_identity
from gateway.exchange.services.organisations import merge_partner
from gateway.store import access_log
from gateway.store.engine import transaction
from tests.integration.changes.desk import (
    AT,
    CAW,
    CHILD,
    CLB,
    HEIR,
    OLD,
    Desk,
    ends,
    file,
    part,
    said,
    word,
)

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


LATER = file(part(said(KEY, OWN), on="2025-01-01", subject=NOOR))


def every_version(desk: Desk, child: UUID) -> set[str]:
    """Return the words of every version about a child, however old and in whatever layer."""
    return {word for _, word in desk.versions(child)}


def under_one_key(desk: Desk, noor: UUID, *, heir_first: bool) -> tuple[UUID, UUID]:
    """Let both children's words become versions of one resource; return the receipt and it."""
    if heir_first:
        merge(desk)
        desk.deliver(HEIRS, partner=HEIR)
        wrong = linked_wrongly(desk, noor)
    else:
        wrong = linked_wrongly(desk, noor)
        merge(desk)
        desk.deliver(LATER, partner=HEIR)
    (one,) = [each["id"] for each in desk.stored() if each["partner"] == HEIR]
    assert {OWN, STRANGE} <= every_version(desk, noor)
    return wrong, one


@pytest.mark.parametrize("heir_first", [False, True], ids=["heir last", "heir first"])
def test_no_version_of_the_other_child_stays_under_a_key_that_the_successor_uses(
    desk: Desk, heir_first: bool
) -> None:
    noor = known(desk)
    wrong, one = under_one_key(desk, noor, heir_first=heir_first)
    before = {number for found, number in numbers(desk) if found == one}
    other = undone(desk, wrong)
    assert every_version(desk, noor) == {"x", OWN}
    assert every_version(desk, other) == {STRANGE}
    assert (words(desk, noor, status="active"), words(desk, other)) == ({"x", OWN}, {STRANGE})
    # A number that was given is never given to another version: the log names it.
    (stays,) = [each for each in desk.stored() if each["id"] == one]
    assert stays["child"] == noor
    assert stays["version"] == (max(before) + 1 if heir_first else max(before))


def test_a_statement_of_which_nothing_stood_before_migration_0005_is_divided_too(
    desk: Desk,
) -> None:
    """That migration could not tell of what had ended by then what its source had said."""
    noor = known(desk)
    wrong, one = under_one_key(desk, noor, heir_first=True)
    desk.run(
        "update resource_version set said = false, status = 'superseded'"
        " where resource = :one and version = 1",
        one=one,
    )
    other = undone(desk, wrong)
    assert (every_version(desk, noor), every_version(desk, other)) == ({"x", OWN}, {STRANGE})
    assert (words(desk, noor, status="active"), words(desk, other)) == ({"x", OWN}, {STRANGE})


@pytest.mark.parametrize("heir_first", [False, True], ids=["heir last", "heir first"])
def test_what_went_back_to_the_wrong_child_for_a_while_stands_with_the_right_one_again(
    desk: Desk, heir_first: bool
) -> None:
    """With the wrong child it gives way to what that child's own sources say under its name."""
    noor = known(desk)
    wrong, _ = under_one_key(desk, noor, heir_first=heir_first)
    other = undone(desk, wrong)
    name = desk.parts(wrong)[-1].part
    for child in (noor, other):
        link = Wrong(receipt=wrong, part=name, to=str(child))
        assert isinstance(split_identity(desk.hub, link, by="test", at=AT), Split)
    assert words(desk, noor, status="active") == {"x", OWN}
    assert words(desk, other, status="active") == {STRANGE}
    assert (every_version(desk, noor), every_version(desk, other)) == ({"x", OWN}, {STRANGE})


def test_who_read_the_wrong_version_only_is_told_and_who_read_the_right_one_is_not(
    desk: Desk,
) -> None:
    noor = known(desk)
    wrong, one = under_one_key(desk, noor, heir_first=False)
    read = access_log.Entry(
        at=AT, act="read", actor=CAW, partner=CAW, child=noor, outcome="permit",
        resources=(f"{one}/2",),
    )  # fmt: skip
    with transaction(desk.hub.engine) as tx:
        access_log.append(tx, read)
    undone(desk, wrong)
    assert told(desk, noor) == {CLB}
    rows = desk.rows("select partner, resource, version from corrected")
    assert [tuple(row) for row in rows] == [(CLB, one, 1)]


def test_each_child_can_be_erased_after_its_versions_went(desk: Desk) -> None:
    noor = known(desk)
    wrong, _ = under_one_key(desk, noor, heir_first=False)
    other = undone(desk, wrong)
    alone_with(desk.hub, noor, lambda tx: erase_now(tx, desk.hub, noor, at=AT))
    assert every_version(desk, other) == {STRANGE}
    alone_with(desk.hub, other, lambda tx: erase_now(tx, desk.hub, other, at=AT))
    assert desk.stored() == []


def test_what_the_successor_ended_of_its_own_goes_nowhere(desk: Desk) -> None:
    noor = known(desk)
    wrong, _ = under_one_key(desk, noor, heir_first=False)
    desk.deliver(ends(KEY, on="2025-02-01"), partner=HEIR)
    other = undone(desk, wrong)
    assert every_version(desk, noor) == {"x", OWN}
    # As the sources name it, both ended: one key is one thing to who takes it back.
    assert words(desk, noor, status="entered-in-error") == {OWN}
    assert words(desk, other, status="entered-in-error") == {STRANGE}
    kept = desk.rows("select child, count(*) as n from resource where status = 'kept' group by 1")
    assert {row.child: row.n for row in kept} == {noor: 1, other: 1}


@pytest.mark.parametrize("theirs", ["team A", "team Z"])
def test_what_one_delivery_calls_by_one_name_for_both_is_told_apart_by_its_words(
    desk: Desk, theirs: str
) -> None:
    """Of one moment the greater bytes stand; whose they are does not depend on that."""
    noor = known(desk)
    team, other_team = (
        said("organization/990", name, kind="Organization") for name in ("team N", theirs)
    )
    both = file(
        part(team, on="2024-06-01", subject=NOOR),
        part(other_team, on="2024-06-01", subject=OTHER, id="2"),
    )
    receipt = desk.deliver(both, partner=OLD)
    (item,) = matches_to_decide(desk.hub)
    assert confirm_match(desk.hub, item.id, str(noor), by="test", at=AT)
    other = undone(desk, receipt)
    assert every_version(desk, noor) == {"x", "team N"}
    assert every_version(desk, other) == words(desk, other, status="active") == {theirs}


def numbers(desk: Desk) -> set[tuple[UUID, int]]:
    rows = desk.rows("select resource, version from resource_version")
    return {(row.resource, row.version) for row in rows}


def diagnosed(code: str, *, on: str, subject: PersonKey) -> Translation:
    return file(part(said(KEY, code, kind="Condition"), on=on, subject=subject))


# Of one group, so that one leading diagnosis has versions of both; and of two.
@pytest.mark.parametrize("code", ["F84.5", "F80.2"], ids=["one group", "two groups"])
@pytest.mark.parametrize("wrong_first", [True, False], ids=["wrong first", "wrong last"])
def test_leading_diagnoses_keep_no_version_of_the_other_child(
    desk: Desk, code: str, wrong_first: bool
) -> None:
    noor = known(desk)
    if not wrong_first:
        merge(desk)
        desk.deliver(diagnosed(code, on="2024-01-01", subject=NOOR), partner=HEIR)
    receipt = desk.deliver(diagnosed("F84.0", on="2024-06-01", subject=OTHER), partner=OLD)
    (item,) = matches_to_decide(desk.hub)
    assert confirm_match(desk.hub, item.id, str(noor), by="test", at=AT)
    if wrong_first:
        merge(desk)
        desk.deliver(diagnosed(code, on="2025-01-01", subject=NOOR), partner=HEIR)
    assert {"F84.0", code} <= every_version(desk, noor)
    other = undone(desk, receipt)
    assert every_version(desk, noor) == {"x", code}
    assert every_version(desk, other) == {"F84.0"}
    leading = {one["child"]: word(one["content"]) for one in desk.stored("leading")
               if one["status"] == "active"}  # fmt: skip
    assert leading == {noor: code, other: "F84.0"}
    said_by = {(child, layer) for child in (noor, other) for layer, _ in desk.versions(child)}
    assert {(noor, "leading"), (other, "leading")} <= said_by
