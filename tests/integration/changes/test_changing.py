"""A source changes one element, contradicts itself, or says again what it said."""

from dataclasses import replace

from tests.integration.changes.desk import NOOR, Desk, changes, ends, file, part, said


def test_one_element_changes_and_the_rest_stands(desk: Desk) -> None:
    desk.deliver(file(part(said("a", "one"), on="2024-01-01")))
    receipt = desk.deliver(changes("a", "valueString", "two", on="2024-02-01"))
    (one,) = desk.stored()
    assert (one["content"]["valueString"], one["content"]["status"]) == ("two", "final")
    assert desk.history("a") == [("active", True), ("active", False)]
    assert [(one.outcome, one.resources) for one in desk.parts(receipt)] == [("amended", 1)]


def test_a_change_waits_for_what_it_changes(desk: Desk) -> None:
    receipt = desk.deliver(changes("a", "valueString", "two", on="2024-02-01"))
    assert desk.parts(receipt)[0].code == "unknown-statement"
    desk.deliver(file(part(said("a", "one"), on="2024-01-01")))
    assert desk.words() == {"a": "two"}


def test_a_change_that_waits_lies_encrypted_and_then_under_the_childs_key(desk: Desk) -> None:
    desk.deliver(changes("a", "valueString", "Geheim", on="2024-02-01"))
    (row,) = desk.rows("select child, content from statement_amendment")
    assert row.child is None
    assert b"Geheim" not in bytes(row.content)
    desk.deliver(file(part(said("a", "one"), on="2024-01-01")))
    (row,) = desk.rows("select child from statement_amendment")
    assert row.child is not None


def test_an_older_statement_does_not_undo_a_newer_change(desk: Desk) -> None:
    desk.deliver(file(part(said("a", "one"), on="2024-01-01")))
    desk.deliver(changes("a", "valueString", "three", on="2024-03-01"))
    desk.deliver(file(part(said("a", "two"), on="2024-02-01")))
    assert desk.words() == {"a": "three"}
    desk.deliver(file(part(said("a", "four"), on="2024-04-01")))
    assert desk.words() == {"a": "four"}


def test_an_element_can_be_taken_away(desk: Desk) -> None:
    desk.deliver(file(part(said("a", "one"), on="2024-01-01")))
    desk.deliver(changes("a", "valueString", None, on="2024-02-01"))
    assert desk.words() == {"a": ""}


def test_what_ended_is_changed_no_more(desk: Desk) -> None:
    desk.deliver(file(part(said("a", "one"), on="2024-01-01")))
    desk.deliver(ends("a", on="2024-02-01"))
    desk.deliver(changes("a", "valueString", "two", on="2024-03-01"))
    assert desk.words() == {}
    assert desk.words(status="entered-in-error") == {"a": "one"}


def test_two_words_from_one_moment_are_a_conflict_that_one_of_them_wins_in_any_order(
    desk: Desk,
) -> None:
    told = [file(part(said("a", word), on="2024-01-01")) for word in ("one", "two")]
    stands = []
    for order in (told, told[::-1]):
        desk.forget()
        for one in order:
            desk.deliver(one)
        stands.append(desk.words())
        assert len(desk.asked("conflict")) == 1
    assert stands[0] == stands[1]


def test_two_changes_from_one_moment_are_a_conflict_too(desk: Desk) -> None:
    desk.deliver(file(part(said("a", "one"), on="2024-01-01")))
    for word in ("two", "three"):
        desk.deliver(changes("a", "valueString", word, on="2024-02-01"))
    assert desk.words() == {"a": "two"}
    assert [one.evidence["code"] for one in desk.asked("conflict")] == ["conflicting-change"]


def test_the_same_again_is_no_new_version_and_no_conflict(desk: Desk) -> None:
    for _ in range(2):
        desk.deliver(file(part(said("a", "one"), on="2024-01-01")))
        desk.deliver(changes("a", "valueString", "two", on="2024-02-01"))
    assert len(desk.history("a")) == 2
    assert desk.asked("conflict") == []


def test_what_one_file_says_twice_of_one_moment_is_told_in_its_order(desk: Desk) -> None:
    desk.deliver(file(part(said("a", "one"), said("a", "corrected"), on="2024-01-01")))
    assert desk.words() == {"a": "corrected"}
    assert desk.asked("conflict") == []


def test_a_version_counts_by_its_number(desk: Desk) -> None:
    desk.deliver(file(part(said("a", "tenth"), on="2024-01-01", version="10")))
    desk.deliver(file(part(said("a", "ninth"), on="2024-01-01", version="9")))
    assert desk.words() == {"a": "tenth"}


def test_the_same_words_later_bring_back_what_had_ended(desk: Desk) -> None:
    desk.deliver(file(part(said("a", "one"), on="2024-01-01")))
    desk.deliver(ends("a", on="2024-02-01"))
    desk.deliver(file(part(said("a", "one"), on="2024-03-01", subject=NOOR)))
    assert desk.words() == {"a": "one"}


def test_an_old_version_exported_again_brings_nothing_back(desk: Desk) -> None:
    first, second = (
        replace(said("a", word), version=f"v00000000{number}")
        for number, word in ((1, "one"), (2, "two"))
    )
    desk.deliver(file(part(first, on="2024-01-01")))
    desk.deliver(file(part(second, on="2024-02-01")))
    desk.deliver(file(part(first, on="2024-03-01")))
    assert desk.words() == {"a": "two"}
    desk.deliver(ends("a", on="v999999999"))
    desk.deliver(file(part(replace(second, version="v000000003"), on="2024-05-01")))
    assert desk.words() == {}
