"""A child that becomes known after a record began to wait is proposed for it too."""

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text

from gateway.exchange.links import propose_again
from gateway.exchange.links.link_waiting import link_waiting
from gateway.store import reviews
from gateway.store.engine import transaction
from tests.integration.identity.world import Desk, number, somebody
from tests.support.running_hub import CAW, CHILDCARE, CLB, VAPH

NOOR, LISA, LISE, MOTHER = number(1), number(2), number(3), number(4, year="90")


def test_who_becomes_known_later_is_proposed_with_evidence_and_not_linked(desk: Desk) -> None:
    told = desk.tell(CAW, somebody("Peeters", "Noor"))
    [waiting] = desk.queue()
    assert waiting.candidates == ()
    child = desk.child_of(desk.tell(VAPH, somebody("Peeters", "Noor", insz=NOOR)))
    [waiting] = desk.queue()
    assert waiting.candidates == (str(child),)
    assert [one["class"] for one in waiting.proposals] == ["strong"]
    assert waiting.agrees == ("family name", "given name", "birth date")
    assert desk.child_of(told) is None
    assert desk.confirm(waiting.id, waiting.candidates[0])
    assert desk.child_of(told) == child
    assert desk.rows("select 1 from waiting_key") == []


def test_who_is_described_better_later_is_proposed_then(desk: Desk) -> None:
    child = desk.child_of(desk.tell(VAPH, somebody("", "", born=None, insz=NOOR)))
    desk.tell(CAW, somebody("Peeters", "Noor"))
    assert [one.candidates for one in desk.queue()] == [()]
    desk.tell(CLB, somebody("Peeters", "Noor", insz=NOOR))
    assert [one.candidates for one in desk.queue()] == [(str(child),)]
    assert desk.rows("select 1 from match_again") == []


def test_a_newborn_without_a_name_is_proposed_once_its_mother_s_child_is_known(desk: Desk) -> None:
    desk.tell(CHILDCARE, somebody("", "BABY", "2024-11-28", parents=(MOTHER,)))
    named = somebody("Vandenberghe", "Aïssatou", "2024-11-28", insz=NOOR, parents=(MOTHER,))
    child = desk.child_of(desk.tell(VAPH, named))
    assert [one.candidates for one in desk.queue()] == [(str(child),)]


def test_a_twin_who_becomes_known_later_makes_a_sure_proposal_ambiguous(desk: Desk) -> None:
    desk.tell(VAPH, somebody("Mertens", "Lisa", insz=LISA))
    desk.tell(CAW, somebody("Mertens", "Lisa"))
    desk.tell(VAPH, somebody("Mertens", "Lise", insz=LISE))
    [waiting] = desk.queue()
    assert {one["class"] for one in waiting.proposals} == {"ambiguous"}
    assert set(waiting.candidates) == {str(desk.found(LISA)), str(desk.found(LISE))}


def test_who_shares_nothing_is_not_looked_at(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.tell(CAW, somebody("Peeters", "Noor"))
    with monkeypatch.context() as patched:
        patched.setattr(propose_again, "read_again", None)
        desk.tell(VAPH, somebody("Claes", "Tuur", "2018-01-02", insz=NOOR))
    assert [one.candidates for one in desk.queue()] == [()]


def test_anonymous_help_is_never_found(desk: Desk) -> None:
    desk.tell(CAW, somebody("Peeters", "Noor", linkable=False))
    desk.tell(VAPH, somebody("Peeters", "Noor", insz=NOOR))
    assert desk.queue() == ()
    assert desk.rows("select 1 from waiting_key") == []


def test_what_turns_out_to_be_anonymous_help_is_proposed_for_nobody_who_comes_later(
    desk: Desk,
) -> None:
    """An adapter that learned to see it finds so when the record is read again."""
    desk.tell(CAW, somebody("Peeters", "Noor"))
    [(raw, told)] = desk.told.items()
    desk.told[raw] = replace(told, parts=tuple(replace(one, linkable=False) for one in told.parts))
    desk.tell(VAPH, somebody("Peeters", "Noor", insz=NOOR))
    assert [one.candidates for one in desk.queue()] == [()]
    assert desk.rows("select 1 from waiting_key") == []


def test_a_no_stays_a_no_and_shows_with_what_still_waits(desk: Desk) -> None:
    """Two records of one person wait; a person says no to one of them."""
    desk.tell(VAPH, somebody("Peeters", "Noor", insz=NOOR))
    for _ in range(2):
        desk.tell(CHILDCARE, somebody("Peeters", "Noor"))
    first, _ = desk.queue()
    assert desk.reject(first.id)
    [waiting] = desk.queue()
    assert waiting.candidates == (str(desk.found(NOOR)),)
    assert waiting.proposals[0]["notes"] == ["rejected-before"]
    # More becomes known of that child: it still waits, and says so.
    desk.tell(CLB, somebody("Peters", "Noor", insz=NOOR))
    [waiting] = desk.queue()
    assert waiting.proposals[0]["notes"] == ["rejected-before"]
    # Somebody else is another answer; who was refused is proposed no more.
    desk.tell(VAPH, somebody("Peeters", "Noor", insz=LISA))
    [waiting] = desk.queue()
    assert waiting.candidates == (str(desk.found(LISA)),)


def test_a_child_that_became_known_is_not_proposed_where_it_was_refused(desk: Desk) -> None:
    told = desk.tell(CHILDCARE, somebody("Peeters", "Noor", local="5"))
    noor = desk.child_of(desk.tell(VAPH, somebody("Claes", "Tuur", insz=NOOR)))
    assert noor is not None
    refuse(desk, told, noor)
    desk.tell(CLB, somebody("Peeters", "Noor", insz=NOOR))
    assert [one.candidates for one in desk.queue()] == [()]


def refuse(desk: Desk, receipt: UUID, child: UUID) -> None:
    statement = """insert into match_verdict (subject, child, same, decided_by, decided_at)
        select subject, :child, false, 'test', now() from review_item where receipt = :receipt"""
    with transaction(desk.hub.engine) as tx:
        tx.execute(text(statement), {"child": child, "receipt": receipt})


def test_what_somebody_is_deciding_right_now_is_looked_at_again_afterwards(desk: Desk) -> None:
    told = desk.tell(CAW, somebody("Peeters", "Noor"))
    [waiting] = desk.queue()
    with transaction(desk.hub.engine) as tx:
        assert reviews.lock_open(tx, waiting.id) is not None
        child = desk.child_of(desk.tell(VAPH, somebody("Peeters", "Noor", insz=NOOR)))
    assert [one.candidates for one in desk.queue()] == [()]
    link_waiting(desk.hub, at=desk.at)
    assert [one.candidates for one in desk.queue()] == [(str(child),)]
    assert desk.child_of(told) is None


def test_a_child_is_kept_until_whoever_may_have_missed_it_is_done(desk: Desk) -> None:
    """A record that was weighed before the child was known, and waits only afterwards."""
    desk.tell(CAW, somebody("Peeters", "Noor"))
    with transaction(desk.hub.engine) as tx:
        tx.execute(text("select pg_current_xact_id()"))
        child = desk.child_of(desk.tell(VAPH, somebody("Peeters", "Noor", insz=NOOR)))
        assert [one.child for one in desk.rows("select child from match_again")] == [child]
    link_waiting(desk.hub, at=desk.at)
    assert [one.candidates for one in desk.queue()] == [(str(child),)]


def test_what_waited_before_there_were_keys_is_found_as_well(desk: Desk) -> None:
    desk.tell(CAW, somebody("Peeters", "Noor"))
    with transaction(desk.hub.engine) as tx:
        tx.execute(text("delete from waiting_key"))
        tx.execute(text("update review_item set keyed = false"))
    child = desk.child_of(desk.tell(VAPH, somebody("Peeters", "Noor", insz=NOOR)))
    assert [one.candidates for one in desk.queue()] == [(str(child),)]
    link_waiting(desk.hub, at=desk.at)
    assert desk.rows("select count(*) as n from waiting_key")[0].n > 0
