"""What either of two children's parts may have said is shown with neither; a person is asked."""

from uuid import UUID

import pytest

from adapters.contract import PersonKey, Translation
from gateway.exchange.erasure.erase_child import alone_with, erase_now
from gateway.exchange.links.link_identity import confirm_match, matches_to_decide
from gateway.exchange.records.review_queue import close_review
from tests.integration.changes.desk import AT, HEIR, OLD, Desk, file, part, said
from tests.integration.changes.test_split_after_merger import (
    HEIRS,
    LATER,
    NOOR,
    OTHER,
    STRANGE,
    WRONG,
    known,
    merge,
    under_one_key,
    undone,
    words,
)

NAME = "organization/990"


def team(word: str, subject: PersonKey, **more: str) -> Translation:
    return file(
        part(said(NAME, word, kind="Organization"), on="2024-06-01", subject=subject, **more)
    )


def both(own: str, theirs: str) -> Translation:
    """One delivery that calls two children's teams by one name."""
    return file(*team(own, NOOR).parts, *team(theirs, OTHER, id="2").parts)


def read_otherwise(desk: Desk, before: Translation, now: Translation) -> None:
    """Let a newer adapter make other words of the bytes that were kept."""
    for raw, found in desk.files.items():
        if found == before:
            desk.files[raw] = now


def split(desk: Desk, noor: UUID, own: str, theirs: str) -> UUID:
    told = both(own, theirs)
    receipt = desk.deliver(told, partner=OLD)
    (item,) = matches_to_decide(desk.hub)
    assert confirm_match(desk.hub, item.id, str(noor), by="test", at=AT)
    read_otherwise(desk, told, both("of noor, read anew", "of the other, read anew"))
    return undone(desk, receipt)


@pytest.mark.parametrize("order", [("team N", "team A"), ("team N", "team Z")])
def test_what_cannot_be_told_apart_is_shown_with_neither_child(
    desk: Desk, order: tuple[str, str]
) -> None:
    noor = known(desk)
    other = split(desk, noor, *order)
    assert words(desk, noor, status="active") == {"x", "of noor, read anew"}
    assert words(desk, other, status="active") == {"of the other, read anew"}
    # Under no name by which anybody could tell more of it, end it or read it.
    assert words(desk, noor) | words(desk, other) == {
        "x", "of noor, read anew", "of the other, read anew",
    }  # fmt: skip


@pytest.mark.parametrize("closed", [False, True], ids=["conflict open", "conflict closed"])
def test_it_is_kept_and_a_person_is_asked(desk: Desk, *, closed: bool) -> None:
    """Also who dealt before with the conflict that the two teams of one moment were."""
    noor = known(desk)
    told = both("team N", "team A")
    receipt = desk.deliver(told, partner=OLD)
    (item,) = matches_to_decide(desk.hub)
    assert confirm_match(desk.hub, item.id, str(noor), by="test", at=AT)
    (conflict,) = desk.asked("conflict")
    if closed:
        assert close_review(desk.hub, str(conflict.id), by="test", at=AT)
    read_otherwise(desk, told, both("of noor, read anew", "of the other, read anew"))
    undone(desk, receipt)
    (kept,) = desk.rows("select id, version from resource where status = 'kept'")
    (item,) = desk.asked("not_told_apart")
    assert item.evidence["statement"] == str(kept.id)
    versions = desk.rows("select version from resource_version where resource = :id", id=kept.id)
    assert [row.version for row in versions] == list(range(1, kept.version + 1))


def test_what_can_be_told_apart_goes_on_as_it_was(desk: Desk) -> None:
    """Only the words of the shared delivery are read otherwise, not what each said later."""
    noor = known(desk)
    desk.deliver(
        file(part(said(NAME, "before", kind="Organization"), on="2024-01-01", subject=NOOR)),
        partner=OLD,
    )
    other = split(desk, noor, "team N", "team Z")
    assert words(desk, noor, status="active") == {"x", "of noor, read anew"}
    assert words(desk, other, status="active") == {"of the other, read anew"}
    assert "before" in {word for _, word in desk.versions(noor)}
    assert not {"team N", "team Z"} & {word for _, word in desk.versions(noor)}


def test_erasing_both_children_leaves_nothing_of_it(desk: Desk) -> None:
    noor = known(desk)
    other = split(desk, noor, "team N", "team A")
    alone_with(desk.hub, noor, lambda tx: erase_now(tx, desk.hub, noor, at=AT))
    alone_with(desk.hub, other, lambda tx: erase_now(tx, desk.hub, other, at=AT))
    assert desk.rows("select 1 from resource_version v where content <> ''") == []
    assert desk.asked("not_told_apart") == []


@pytest.mark.parametrize("heir_first", [False, True], ids=["heir last", "heir first"])
def test_what_another_part_said_that_no_adapter_reads_any_more_is_shown_with_neither(
    desk: Desk, *, heir_first: bool
) -> None:
    """Whether that part tells of the wrong record's child too, nobody can say."""
    noor = known(desk)
    wrong, _ = under_one_key(desk, noor, heir_first=heir_first)
    for own in (HEIRS, LATER):
        read_otherwise(desk, own, file())
    other = undone(desk, wrong)
    assert (words(desk, noor), words(desk, other)) == ({"x"}, {STRANGE})
    assert len(desk.asked("not_told_apart")) == 1


def test_nor_is_it_where_the_wrong_record_said_it_too_late_to_count(desk: Desk) -> None:
    noor = known(desk)
    merge(desk)
    desk.deliver(LATER, partner=HEIR)
    receipt = desk.deliver(WRONG, partner=OLD)
    (item,) = matches_to_decide(desk.hub)
    assert confirm_match(desk.hub, item.id, str(noor), by="test", at=AT)
    read_otherwise(desk, LATER, file())
    other = undone(desk, receipt)
    assert (words(desk, noor), words(desk, other)) == ({"x"}, {STRANGE})
    assert len(desk.asked("not_told_apart")) == 1


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside a part that is read"])
def test_in_one_delivery_with_an_unread_part_other_words_are_nobodys(
    desk: Desk, *, beside: bool
) -> None:
    noor = known(desk)
    rest = part(said("2/rest", "rest of noor"), on="2024-06-01", subject=NOOR, id="0")
    own = (rest,) if beside else ()
    told = file(*own, *both("team N", "team Z").parts)
    receipt = desk.deliver(told, partner=OLD)
    (item,) = matches_to_decide(desk.hub)
    assert confirm_match(desk.hub, item.id, str(noor), by="test", at=AT)
    read_otherwise(desk, told, file(*own, *team("read anew", OTHER, id="2").parts))
    other = undone(desk, receipt)
    assert words(desk, noor) == {"x"} | ({"rest of noor"} if beside else set())
    assert words(desk, other) == {"read anew"}
    assert len(desk.asked("not_told_apart")) == 1
