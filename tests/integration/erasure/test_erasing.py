"""Erasing one child: it is gone everywhere, and nobody else notices."""

from datetime import timedelta

from gateway.exchange.erasure.erase_child import VALID, Decider, Erased, NotErased
from tests.integration.erasure.world import (
    AUDITOR,
    DPO,
    FATHER,
    MOTHER,
    NOOR,
    SAM,
    Family,
    Rows,
    fill_every_table,
    shared,
)
from tests.integration.identity.world import diagnosis, somebody
from tests.support.running_hub import CLB, VAPH


def test_an_erased_child_is_found_by_nothing_and_a_new_delivery_makes_a_new_child(
    family: Family,
) -> None:
    shared(family)
    family.erase()
    assert family.desk.found(NOOR) is None
    assert family.desk.found(SAM) == family.sam
    again = somebody("Peeters", "Noor", insz=NOOR, says=(diagnosis("F80.2"),))
    receipt = family.desk.tell(VAPH, again)
    assert family.desk.child_of(receipt) not in {None, family.noor, family.sam}


def test_everybody_else_is_untouched_byte_for_byte(family: Family) -> None:
    shared(family)
    fill_every_table(family, family.noor)
    fill_every_table(family, family.sam)
    before = family.rows()
    hers = _about(family)
    family.erase()
    after = family.rows()
    for table, rows in before.items():
        gone = set(rows) - set(after[table])
        others = [row for row in gone if not any(name in row for name in hers)]
        assert others == [], table


def _about(family: Family) -> list[str]:
    """Return what names Noor: her id, her statements and decisions, and who is hers alone."""
    noor = {"child": family.noor}
    ids = [str(family.noor), str(family.feed), str(family.alone), str(family.person(FATHER))]
    for statement in (
        "select id::text from resource where child = :child",
        "select id::text from consent where child = :child",
        "select id::text from consent_proposal where child = :child",
        "select id::text from legal_route where child = :child",
        "select encode(value_hash, 'hex') from child_lookup where child = :child",
        "select encode(uuid_send(:child), 'hex')",
    ):
        ids += [row[0] for row in family.desk.rows(statement, **noor)]
    # A stream goes on counting, with the notice.
    return [*ids, f"({CLB},"]


def test_only_shells_are_left_that_lead_to_nothing(family: Family) -> None:
    shared(family)
    fill_every_table(family, family.noor)
    family.erase()
    family.send()
    left = {table for table, rows in family.rows().items() if any(_hers(family, rows))}
    assert left == {"child", "access_log", "decision_basis", "delivery", "outbox", "erasure"}


def _hers(family: Family, rows: list[str]) -> list[str]:
    names = (str(family.noor), family.noor.bytes.hex())
    return [row for row in rows if any(name in row for name in names)]


def test_the_parent_of_no_other_child_is_forgotten_and_the_other_stays(family: Family) -> None:
    family.erase()
    assert family.person(FATHER) is None
    assert family.person(MOTHER) is not None


def test_no_key_of_a_message_is_left_and_the_services_are_told_which_messages(
    family: Family,
) -> None:
    sent = shared(family)
    done = family.erase()
    assert done.services_told == 1
    hers = {
        str(row.id): row.state
        for row in family.desk.rows(
            "select id, state from delivery where child = :child and wrapped_key is null",
            child=family.noor,
        )
    }
    assert set(hers.values()) == {"released", "gone"}
    assert set(family.keys(sorted(hers)).values()) == {"gone"}
    assert set(sent) - set(hers), "what went out about Sam keeps its keys"
    [notice] = family.send()
    assert notice.type == "be.deelregie.record.ended.v1"
    told = notice.jwe.decode()
    assert next(one for one, state in hers.items() if state == "released") in told
    assert not [one for one in ("Noor", "F80", str(family.noor)) if one in told]


def test_on_http_the_erased_and_the_unknown_are_the_same(family: Family) -> None:
    shared(family)
    family.erase()
    assert family.reads(family.noor) == []
    assert family.reads(family.sam) != []


def test_a_shared_original_keeps_the_other_child_and_no_key_opens_the_erased_one(
    family: Family,
) -> None:
    before = _wrapped(family)
    family.erase()
    after = _wrapped(family)
    assert set(after) == {family.feed}
    assert after[family.feed] != before[family.feed]
    [part] = family.desk.what_became(family.feed)
    assert part.child == family.sam
    assert family.desk.rows("select 1 from receipt where id = :id", id=family.alone) == []


def _wrapped(family: Family) -> dict[object, bytes]:
    return {row.id: bytes(row.wrapped_key) for row in family.desk.rows("select * from receipt")}


def test_a_wrong_link_of_the_other_child_can_still_be_undone(family: Family) -> None:
    receipt = family.desk.tell(
        VAPH, somebody("Peeters", "Sam", insz=SAM, local="L-2", says=(diagnosis("F98"),))
    )
    family.erase()
    done = family.desk.split(receipt)
    # Its file told the same story as the feed, which is read from what is left of it.
    assert getattr(done, "why", None) == "nothing_else"


def test_whoever_asked_cannot_confirm_and_one_of_two_is_the_dpo(family: Family) -> None:
    asked = family.ask(by=AUDITOR)
    assert family.confirm(asked, by=AUDITOR) == NotErased("same_person")
    third = Decider(name="auditor/third")
    assert family.confirm(asked, by=third) == NotErased("no_data_protection_officer")
    assert isinstance(family.confirm(asked, by=DPO), Erased)
    assert family.confirm(asked, by=DPO) == NotErased("not_waiting")


def test_a_request_needs_a_ground_a_reason_and_a_child_and_is_over_after_thirty_days(
    family: Family,
) -> None:
    assert family.ask(ground="because") == NotErased("no_such_ground")
    assert family.ask(reason=" ") == NotErased("no_reason")
    asked = family.ask()
    family.desk.at += VALID + timedelta(days=1)
    assert family.confirm(asked) == NotErased("not_waiting")
    family.desk.at -= VALID
    family.erase()
    assert family.ask() == NotErased("no_such_child")


def test_a_match_that_a_person_must_decide_comes_first(family: Family) -> None:
    family.desk.tell(VAPH, somebody("Peeters", "Noor", says=(diagnosis("F80.2"),)))
    assert family.desk.queue()
    assert family.confirm(family.ask()) == NotErased("match_waits")


def test_both_acts_are_lines_of_the_log_that_stays(family: Family) -> None:
    shared(family)
    before = family.desk.acts(family.noor)
    family.erase()
    after = family.desk.acts(family.noor)
    assert after == [*before, "erasure_asked", "child_erased"]


def test_a_second_pass_finds_nothing(family: Family) -> None:
    family.erase()
    before: Rows = family.rows()
    family.ask()
    assert family.rows()["child"] == before["child"]
