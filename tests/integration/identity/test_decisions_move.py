"""What people decided about statements, and who said or ended them, goes with the statements."""

from uuid import UUID

from adapters.contract import Ending, Part, Retraction
from gateway.exchange.links.split_identity import Split
from gateway.store import children, diagnosis_tasks
from gateway.store.engine import transaction
from tests.integration.identity.test_after_a_split import grant
from tests.integration.identity.world import Desk, diagnosis, number, somebody
from tests.support.running_hub import CLB, VAPH

NOOR, MOTHER = number(1), number(2, year="90")


def noor_with(desk: Desk, partner: str, *says: str) -> UUID:
    told = tuple(diagnosis(one, key=f"noor/{one}") for one in says)
    known = somebody("Peeters", "Noor", insz=NOOR, parents=(MOTHER,), says=told)
    child = desk.child_of(desk.tell(partner, known))
    assert child is not None
    return child


def other(code: str, *, on: str = "2025-02-01", version: str = "1") -> Part:
    told = diagnosis(code, key=f"other/{code}", on=on)
    return somebody("Peeters", "Noor", local="77", says=(told,), version=version)


def linked_wrongly(desk: Desk, code: str, to: UUID) -> UUID:
    told = desk.tell(VAPH, other(code))
    [waiting] = desk.queue()
    assert desk.confirm(waiting.id, to)
    return told


def undone(desk: Desk, receipt: UUID) -> UUID:
    done = desk.split(receipt)
    assert isinstance(done, Split)
    return done.child


def test_a_rejected_diagnosis_does_not_lead_with_the_other_child_either(desk: Desk) -> None:
    noor = noor_with(desk, CLB, "F80.2")
    wrong = linked_wrongly(desk, "F84.0", noor)
    [task] = desk.tasks(VAPH)
    assert desk.answer(VAPH, task, "reject") == "rejected"
    assert desk.statements(noor, "leading") == 1
    child = undone(desk, wrong)
    desk.tell(VAPH, other("F84.0", version="2"))
    assert (desk.statements(child), desk.statements(child, "leading")) == (1, 0)
    assert desk.tasks(VAPH) == []
    with transaction(desk.hub.engine) as tx:
        key = children.key_of(tx, desk.hub.vault, child)
        [kept] = diagnosis_tasks.of_child(tx, child)
        assert key is not None
        assert b"An Peeters" in (diagnosis_tasks.open_words(key, kept) or b"")
        assert kept.statement == kept.focus
        assert {one.owner for one in diagnosis_tasks.of_child(tx, noor)} == {CLB}


def test_what_waits_is_asked_about_the_right_child(desk: Desk) -> None:
    noor = noor_with(desk, CLB, "F80.2")
    wrong = linked_wrongly(desk, "F84.0", noor)
    [before] = desk.tasks(VAPH)
    child = undone(desk, wrong)
    [task] = desk.tasks(VAPH)
    assert task["for"] == {"reference": f"Patient/{desk.hub.vault.pairwise(VAPH, child)}"}
    assert before["focus"] != task["focus"]
    assert desk.answer(VAPH, task, "confirm") == "completed"


def test_what_was_agreed_by_the_wrong_link_is_undone_with_it(desk: Desk) -> None:
    noor = noor_with(desk, VAPH, "F84.5")
    wrong = linked_wrongly(desk, "F84.0", noor)
    [task] = desk.tasks(VAPH)
    # Who confirms F84.0 agrees that F84.5, of the same author, is superseded.
    assert desk.answer(VAPH, task, "confirm") == "completed"
    assert desk.statements(noor) == 1
    child = undone(desk, wrong)
    assert (desk.statements(noor), desk.statements(noor, "leading")) == (1, 1)
    assert (desk.statements(child), desk.statements(child, "leading")) == (1, 1)
    # The confirmation was about the statement that went; about the other one nobody decided.
    [task] = desk.tasks(VAPH)
    assert task["for"] == {"reference": f"Patient/{desk.hub.vault.pairwise(VAPH, noor)}"}


def test_who_accompanies_the_wrong_child_confirmed_nothing_for_the_other(desk: Desk) -> None:
    noor = noor_with(desk, CLB, "F80.2")
    grant(desk, noor, CLB)
    wrong = linked_wrongly(desk, "F84.0", noor)
    asked = desk.tasks(CLB, noor, "trajectory_supporter")
    # A task about another's statement repeats none of its words.
    [task] = [one for one in asked if len(one["input"]) == 2]
    assert desk.answer(CLB, task, "confirm", "trajectory_supporter") == "completed"
    assert desk.tasks(VAPH) == []
    undone(desk, wrong)
    assert len(desk.tasks(VAPH)) == 1


def test_who_said_and_ended_it_is_known_with_the_other_child_only(desk: Desk) -> None:
    noor = noor_with(desk, CLB, "F80.2")
    wrong = linked_wrongly(desk, "F84.0", noor)
    end = Retraction(
        key="other/F84.0", ending=Ending.WITHDRAWN, asserted_at="2026-02-01", version="1", where="1"
    )
    desk.tell(VAPH, retractions=(end,))
    child = undone(desk, wrong)
    query = """select partner, type, layer, status from resource
        where child = :child and (type = 'Provenance' or layer = 'leading') order by layer"""
    here = [tuple(row) for row in desk.rows(query, child=noor)]
    assert here == [
        (CLB, "Condition", "leading", "active"),
        (CLB, "Provenance", "provenance", "active"),
    ]
    there = [tuple(row) for row in desk.rows(query, child=child)]
    assert set(there) == {
        (VAPH, "Provenance", "assertion", "kept"),
        (VAPH, "Condition", "leading", "superseded"),
        (VAPH, "Provenance", "provenance", "superseded"),
    }


def test_a_team_that_two_children_share_is_no_common_story(desk: Desk) -> None:
    team = diagnosis("F80.2", key="organization/mdt")
    shared = type(team)(
        resource={"resourceType": "Organization", "name": "Team"},
        data_class="logistics",
        key="organization/mdt",
    )
    said = diagnosis("F80.2", key="noor/F80.2")
    known = desk.tell(VAPH, somebody("Peeters", "Noor", insz=NOOR, says=(said, shared)))
    noor = desk.child_of(known)
    told = diagnosis("F84.0", key="other/F84.0")
    wrong = desk.tell(VAPH, somebody("Peeters", "Noor", local="77", says=(told, shared)))
    [waiting] = desk.queue()
    assert noor is not None
    assert desk.confirm(waiting.id, noor)
    child = undone(desk, wrong)
    assert desk.child_of(known) == noor
    assert desk.found(NOOR) == noor
    assert (desk.statements(noor), desk.statements(child)) == (2, 2)
