"""A source takes back what it said: by key, by what lies under it, or everything it said."""

import pytest

from adapters.contract import Ending, PersonKey, Segment, Translation
from gateway.exchange.records.store_record import process_accepted
from gateway.exchange.services.organisations import merge_partner
from tests.integration.changes.desk import (
    AT,
    CHILD,
    CLB,
    HEIR,
    NOOR,
    OLD,
    VAPH,
    Desk,
    asks,
    changes,
    ends,
    file,
    part,
    refuses,
    said,
)

UNKNOWN = PersonKey(insz=None, family="", given="", born=None, local="L-9")
STRUCK = PersonKey(insz=CHILD, family="", given="", born=None)


def test_what_was_taken_back_ends_as_a_new_version_and_its_history_stays(desk: Desk) -> None:
    desk.deliver(file(part(said("a", "one"), said("b", "two"), on="2024-01-01")))
    receipt = desk.deliver(ends("a", on="2024-02-01"))
    assert desk.words() == {"b": "two"}
    assert desk.words(status="entered-in-error") == {"a": "one"}
    assert desk.history("a") == [("active", True), ("entered-in-error", False)]
    (told,) = desk.parts(receipt)
    assert (told.outcome, told.resources, told.place, told.code) == ("retracted", 1, "line 2", None)


def test_who_ended_it_and_what_it_was_before_stays_as_provenance(desk: Desk) -> None:
    desk.deliver(file(part(said("a", "one"), on="2024-01-01")))
    desk.deliver(ends("a", on="2024-02-01", how=Ending.WITHDRAWN))
    kept = desk.rows("select type, data_class from resource where status = 'kept'")
    assert [tuple(one) for one in kept] == [("Provenance", "logistics")]


def test_a_diagnosis_in_error_leads_no_more(desk: Desk) -> None:
    desk.deliver(file(part(said("d", "F80.2", kind="Condition"), on="2024-01-01")))
    assert [one["status"] for one in desk.stored("leading")] == ["active"]
    desk.deliver(ends("d", on="2024-02-01"))
    assert [one["status"] for one in desk.stored("leading")] != ["active"]
    (one,) = desk.stored()
    assert "clinicalStatus" not in one["content"]


def test_what_another_service_says_of_the_same_disorder_leads_on(desk: Desk) -> None:
    for partner in (VAPH, CLB):
        desk.deliver(
            file(part(said("d", "F80.2", kind="Condition"), on="2024-01-01")), partner=partner
        )
    desk.deliver(ends("d", on="2024-02-01"))
    (leading,) = [one for one in desk.stored("leading") if one["status"] == "active"]
    assert leading["partner"] == CLB


def test_what_lies_under_a_key_ends_with_it(desk: Desk) -> None:
    segments = (said("report/1", "it"), said("report/1/weight", "kg"), said("report/10", "other"))
    desk.deliver(file(part(*segments, on="2024-01-01")))
    desk.deliver(ends("report/1", on="2024-02-01", how=Ending.DELETED))
    assert desk.words() == {"report/10": "other"}


def test_a_deleted_message_takes_along_what_it_said_last(desk: Desk) -> None:
    def message(number: str, *segments: Segment, on: str) -> Translation:
        provenance = said(f"message/{number}", number, kind="Provenance")
        return file(part(*segments, provenance, on=on))

    desk.deliver(message("1", said("a", "one"), said("b", "two"), on="2024-01-01"))
    desk.deliver(message("2", said("b", "two"), on="2024-02-01"))
    desk.deliver(ends("message/1", on="2024-03-01", how=Ending.DELETED))
    assert set(desk.words()) == {"b", "message/2"}
    desk.deliver(message("1", said("c", "late"), on="2024-01-01"))
    assert set(desk.words()) == {"b", "message/2"}


def test_a_struck_file_ends_all_that_this_source_said_and_nothing_of_another(desk: Desk) -> None:
    desk.deliver(file(part(said("a", "one"), said("b", "two"), on="2024-01-01")))
    desk.deliver(file(part(said("a", "theirs"), on="2024-01-01")), partner=CLB)
    receipt = desk.deliver(ends(None, on="2025-02-11", how=Ending.WITHDRAWN, subject=STRUCK))
    assert desk.words() == {"a": "theirs"}
    assert desk.words(status="withdrawn") == {"a": "one", "b": "two"}
    assert desk.parts(receipt)[0].resources == 2


def test_a_file_is_struck_by_the_source_s_own_number_too(desk: Desk) -> None:
    desk.deliver(file(part(said("a", "one"), on="2024-01-01")))
    local = PersonKey(insz=None, family="", given="", born=None, local=NOOR.local)
    desk.deliver(ends(None, on="2025-02-11", subject=local))
    assert desk.words() == {}


@pytest.mark.parametrize("subject", [None, STRUCK])
def test_what_arrives_late_and_is_older_stays_out_and_a_newer_word_stands(
    desk: Desk, subject: PersonKey | None
) -> None:
    receipt = desk.deliver(ends(None if subject else "a", on="2024-02-01", subject=subject))
    (told,) = desk.parts(receipt)
    assert (told.outcome, told.resources, told.code) == ("retracted", 0, "unknown-statement")
    assert [one.evidence["where"] for one in desk.asked("unknown_statement")] == ["line 2"]
    desk.deliver(file(part(said("a", "old"), on="2024-01-01")))
    assert desk.words() == {}
    desk.deliver(file(part(said("a", "new"), on="2024-03-01")))
    assert desk.words() == {"a": "new"}


def test_a_file_struck_by_a_number_nobody_knew_yet_stays_out_when_the_number_turns_up(
    desk: Desk,
) -> None:
    desk.deliver(file(part(said("a", "one"), on="2024-01-01", subject=STRUCK)))
    desk.deliver(ends(None, on="2024-06-01", subject=UNKNOWN))
    assert desk.words() == {"a": "one"}
    both = PersonKey(insz=CHILD, family="", given="", born=None, local=UNKNOWN.local)
    desk.deliver(file(part(said("b", "two"), on="2024-07-01", subject=both)))
    assert desk.words() == {"b": "two"}


def test_an_end_of_something_unknown_makes_no_child_known(desk: Desk) -> None:
    desk.deliver(ends(None, on="2024-02-01", subject=STRUCK))
    assert desk.rows("select id from child") == []


def test_a_part_that_waits_for_a_person_obeys_what_was_taken_back_meanwhile(desk: Desk) -> None:
    nameless = PersonKey(insz=None, family="Peeters", given="Noor", born="2019-03-14")
    desk.deliver(file(part(said("a", "one"), said("b", "two"), on="2024-01-01", subject=nameless)))
    desk.deliver(ends("a", on="2024-02-01"))
    desk.confirm_new()
    assert desk.words() == {"b": "two"}


def test_a_service_that_goes_on_in_another_one_takes_along_what_it_took_back(desk: Desk) -> None:
    desk.deliver(file(part(said("a", "one"), said("b", "two"), on="2024-01-01")), partner=OLD)
    desk.deliver(ends("a", on="2024-02-01"), partner=OLD)
    desk.deliver(ends("late", on="2024-02-01"), partner=OLD)
    late = desk.hand_in(file(part(said("late", "three"), on="2024-01-01")), partner=OLD)
    merge_partner(desk.hub, OLD, HEIR, at=AT)
    assert process_accepted(desk.hub, limit=10, at=AT) == 1
    assert desk.parts(late)[0].outcome == "stored"
    assert desk.words() == {"b": "two"}
    desk.deliver(changes("a", "valueString", "again", on="2024-01-15"), partner=HEIR)
    assert desk.words() == {"b": "two"}
    desk.deliver(ends(None, on="2025-01-01", subject=STRUCK), partner=HEIR)
    assert desk.words() == {}


def test_a_question_waits_for_a_person_and_stands_in_the_receipt(desk: Desk) -> None:
    receipt = desk.deliver(
        file(questions=(asks("wish-about-sharing"),), rejections=(refuses("x"),))
    )
    told = {one.outcome: one for one in desk.parts(receipt)}
    assert set(told) == {"question", "rejected"}
    question = told["question"]
    assert (question.code, question.place, question.field) == (
        "wish-about-sharing", "line 4", "opmerkingen"
    )  # fmt: skip
    (asked,) = desk.asked("question")
    assert asked.evidence == {
        "code": "wish-about-sharing", "where": "line 4", "field": "opmerkingen"
    }  # fmt: skip
