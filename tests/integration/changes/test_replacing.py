"""A delivery that is complete for something replaces what an earlier one said of it."""

from dataclasses import replace

from sqlalchemy import text

from adapters.contract import PersonKey, Translation
from gateway.store.engine import transaction
from tests.integration.changes.desk import NOOR, Desk, file, part, said

NAMELESS = PersonKey(insz=None, family="Mertens", given="Lisa", born="2023-06-21")


def month(*words: str, on: str, scope: str = "2024-11", subject: PersonKey = NOOR) -> Translation:
    days = [said(f"day/{one}", one) for one in words]
    return file(part(*days, on=on, subject=subject), scope=scope)


def picture(*words: str, on: str) -> Translation:
    return file(part(*(said(one, one, kind="Condition") for one in words), on=on), snapshot=True)


def test_what_a_later_month_leaves_out_is_deleted_and_other_months_stay(desk: Desk) -> None:
    desk.deliver(month("4", "5", on="2024-12-01"))
    desk.deliver(month("1", on="2024-12-01", scope="2024-10"))
    desk.deliver(month("4", "6", on="2024-12-02"))
    assert set(desk.words()) == {"day/4", "day/6", "day/1"}
    assert set(desk.words(status="deleted")) == {"day/5"}


def test_an_earlier_month_that_arrives_late_brings_nothing_back(desk: Desk) -> None:
    desk.deliver(month("4", "6", on="2024-12-02"))
    desk.deliver(month("4", "5", on="2024-12-01"))
    assert set(desk.words()) == {"day/4", "day/6"}
    desk.deliver(month("5", on="2024-12-03"))
    assert set(desk.words()) == {"day/5"}


def test_of_two_files_without_a_date_the_last_received_counts_and_a_repeat_is_none(
    desk: Desk,
) -> None:
    first, second = month("4", on=""), month("5", on="")
    desk.deliver(first)
    desk.deliver(second)
    assert set(desk.words()) == {"day/5"}
    desk.deliver(first, again=True)
    assert set(desk.words()) == {"day/5"}


def partly(*words: tuple[str, str], on: str, scope: str = "2024-11") -> Translation:
    """A delivery of which a row was refused: what it says of a scope, and no more."""
    days = [said(f"day/{key}", word) for key, word in words]
    return file(part(*days, on=on, within=scope))


def test_good_rows_of_a_later_partial_month_count_and_the_others_stay(desk: Desk) -> None:
    desk.deliver(month("4", "5", on="2024-11-30"))
    desk.deliver(partly(("4", "corrected"), on="2024-11-30"))
    assert desk.words() == {"day/4": "corrected", "day/5": "5"}
    desk.deliver(month("4", "5", on="2024-11-30"), again=True)
    assert desk.words() == {"day/4": "corrected", "day/5": "5"}
    assert desk.asked("conflict") == []


def test_of_two_partial_months_the_last_received_counts_and_a_repeat_is_none(desk: Desk) -> None:
    first, second = (partly(("4", word), on="2024-11-30") for word in ("two", "one"))
    for one in (first, second, first):
        desk.deliver(one, again=True)
    assert desk.words() == {"day/4": "one"}
    assert desk.asked("conflict") == []


def test_a_later_complete_month_replaces_what_a_partial_one_said(desk: Desk) -> None:
    desk.deliver(partly(("4", "corrected"), ("6", "new"), on="2024-11-30"))
    desk.deliver(month("4", on="2024-11-30"))
    assert desk.words() == {"day/4": "4"}
    assert set(desk.words(status="deleted")) == {"day/6"}


def test_one_file_may_speak_of_two_months_without_replacing_either(desk: Desk) -> None:
    desk.deliver(month("4", "5", on="2024-11-30"))
    desk.deliver(month("1", on="2024-10-31", scope="2024-10"))
    mixed = [
        part(said(f"day/{key}", "again"), on=on, within=on[:7], id=key)
        for key, on in (("4", "2024-11-30"), ("1", "2024-10-31"))
    ]
    desk.deliver(file(*mixed))
    assert desk.words() == {"day/4": "again", "day/5": "5", "day/1": "again"}
    desk.deliver(month("7", on="2024-10-31", scope="2024-10"))
    assert desk.words() == {"day/4": "again", "day/5": "5", "day/7": "7"}


def test_a_partial_month_that_waits_for_a_person_counts_from_when_it_came(desk: Desk) -> None:
    nameless = replace(part(said("day/4", "partial"), on="2024-11-30"), within="2024-11")
    desk.deliver(file(replace(nameless, subject=NAMELESS)))
    desk.deliver(month("4", on="2024-11-30", subject=NAMELESS))
    desk.confirm_new()
    desk.confirm_known()
    assert desk.words() == {"day/4": "4"}


def test_what_waits_for_a_person_obeys_a_month_that_came_later(desk: Desk) -> None:
    desk.deliver(month("4", "5", on="2024-12-01", subject=NAMELESS))
    desk.deliver(month("4", on="2024-12-02", subject=NAMELESS))
    desk.confirm_new()
    assert set(desk.words()) == {"day/4"}
    desk.confirm_known()
    assert set(desk.words()) == {"day/4"}


def test_the_scope_lies_there_as_a_keyed_hash_only(desk: Desk) -> None:
    desk.deliver(month("4", on="2024-12-01", scope="Het Pimpeltje 2024-11"))
    (row,) = desk.rows("select scope_hash from scope_delivery")
    assert len(bytes(row.scope_hash)) == 32


def test_a_diagnosis_that_leaves_a_picture_stands_until_a_person_decides(desk: Desk) -> None:
    desk.deliver(picture("F80.2", "F90", on="2023-01-01"))
    desk.deliver(picture("F84.0", "F90", on="2024-01-01"))
    desk.deliver(picture("F84.0", "F90", on="2024-06-01"))
    assert set(desk.words()) == {"F80.2", "F84.0", "F90"}
    assert len(desk.asked("vanished")) == 1


def test_anything_else_that_leaves_a_picture_is_superseded(desk: Desk) -> None:
    desk.deliver(file(part(said("iq", "84"), said("need", "one"), on="2023-01-01"), snapshot=True))
    desk.deliver(file(part(said("need", "one"), on="2024-01-01"), snapshot=True))
    assert set(desk.words()) == {"need"}
    assert set(desk.words(status="superseded")) == {"iq"}


def test_a_file_that_is_no_picture_neither_replaces_nor_is_replaced(desk: Desk) -> None:
    desk.deliver(picture("F84.0", on="2024-01-01"))
    desk.deliver(file(part(said("gir", "day"), on="2024-06-01")))
    desk.deliver(picture("F84.0", on="2024-02-01"))
    assert set(desk.words()) == {"F84.0", "gir"}


def test_what_was_put_aside_in_another_way_stays_so_until_it_is_said_anew(desk: Desk) -> None:
    told = file(part(said("a", "one"), on="2024-01-01"))
    desk.deliver(told)
    with transaction(desk.hub.engine) as tx:
        tx.execute(text("update resource set status = 'superseded' where layer = 'assertion'"))
    desk.deliver(told)
    assert desk.words() == {}
    desk.deliver(file(part(said("a", "one"), on="2024-02-01")))
    assert desk.words() == {"a": "one"}
