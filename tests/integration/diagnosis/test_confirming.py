"""A person with that role confirms what the hub proposes; nobody else learns that it waits."""

from uuid import UUID

import pytest

from gateway.errors import NotAllowed
from gateway.exchange.audit.recompute import Wanted, recompute
from gateway.exchange.refusal import Refusal
from tests.integration.diagnosis.clinic import (
    CAW,
    CGG,
    CLB,
    STRANGER,
    VAPH,
    Clinic,
    condition,
)

LANGUAGE = "confirm-leading F80.2"


def test_a_physician_of_the_service_that_keeps_the_report_confirms_once(clinic: Clinic) -> None:
    clinic.world.both_grant(to=CAW)
    task = clinic.tasks()[LANGUAGE]
    assert task["owner"]["display"] == VAPH
    said = {"decider": "Dr. Canary", "reason": "Canary said so"}
    assert clinic.decide(task, **said) == "completed"
    assert clinic.codes() == [("F80.2", "2", "leading+confirmed")]
    assert clinic.tasks() == {}
    assert clinic.world.log("diagnosis_confirmed") == [("diagnosis_confirmed", VAPH, [])]
    assert "Canary" not in str(clinic.rows("diagnosis_task"))
    assert b"Dr. Canary" in clinic.words()
    before = clinic.world.everything()
    assert clinic.decide(task) == "completed"
    assert clinic.world.everything() == before
    late = clinic.decide(task, "reject")
    assert isinstance(late, Refusal)
    assert late.code == "already_decided"


def test_what_was_confirmed_stays_so_until_there_is_something_newer(clinic: Clinic) -> None:
    clinic.world.both_grant(to=CAW)
    task = clinic.tasks()[LANGUAGE]
    clinic.decide(task)
    clinic.state(VAPH, condition("F84.0", "2024-10-21"))
    other = clinic.tasks()["confirm-leading F84.0"]
    clinic.decide(other)
    clinic.state(VAPH, condition("F84.0", "2024-10-21"), on="2025-03-01")
    assert ("F84.0", "2", "leading+confirmed") in clinic.codes()
    clinic.state(VAPH, condition("F80.1", "2025-01-01"), on="2025-01-01")
    assert clinic.codes()[0] == ("F80.1", "3", "leading+proposed")
    assert set(clinic.tasks()) == {"confirm-leading F80.1"}


def test_a_proposal_that_changed_meanwhile_is_read_again_first(clinic: Clinic) -> None:
    task = clinic.tasks()[LANGUAGE]
    clinic.state(VAPH, condition("F80.1", "2025-01-01"), on="2025-01-01")
    late = clinic.decide(task)
    assert isinstance(late, Refusal)
    assert late.code == "overtaken"


def test_only_who_diagnoses_decides_and_says_who_and_why(clinic: Clinic) -> None:
    task = clinic.tasks()[LANGUAGE]
    for role in ("decision", "care", "teacher", "judge"):
        with pytest.raises(NotAllowed):
            clinic.decide(task, role=role)
    for change, code in (
        ({"outcome": "perhaps"}, "unknown_outcome"),
        ({"decider": " "}, "decider_required"),
        ({"outcome": "reject", "reason": " "}, "reason_required"),
        ({"reason": "x" * 4_001}, "reason_too_long"),
    ):
        found = clinic.decide(task, **change)
        assert isinstance(found, Refusal)
        assert found.code == code


def test_another_service_finds_no_such_task(clinic: Clinic) -> None:
    task = clinic.tasks()[LANGUAGE]
    for other in (CAW, CLB, STRANGER):
        assert clinic.tasks(other) == {}
        assert clinic.tasks(other, patient=clinic.patient(other)) == {}
        theirs = {**task, "id": clinic.hub.vault.pairwise(other, _internal(clinic, task["id"]))}
        assert clinic.decide(theirs, by=other, role="care") is None
        assert clinic.decide(task, by=other, role="care") is None


def test_a_trajectory_supporter_confirms_only_what_the_service_may_read(clinic: Clinic) -> None:
    asked = {"patient": clinic.patient(CAW), "role": "trajectory_supporter"}
    assert clinic.tasks(CAW, **asked) == {}
    clinic.world.both_grant(to=CAW)
    (task,) = clinic.tasks(CAW, **asked).values()
    # What it confirms it reads as a diagnosis; the task repeats no word of another's statement.
    assert [one["type"]["text"] for one in task["input"]] == ["why", "version"]
    assert task["focus"]["reference"] == f"Condition/{clinic.conditions(CAW)[0]['id']}"
    assert clinic.decide(task, by=CAW, role="trajectory_supporter") == "completed"
    assert clinic.codes() == [("F80.2", "2", "leading+confirmed")]
    # Whether a source's own statement ended is for that source alone.
    clinic.picture(VAPH, condition("F90", "2025"))
    assert set(clinic.tasks(CAW, **asked)) == {"confirm-leading"}
    assert set(clinic.tasks()) == {"confirm-leading F90", "inactivate F80.2"}


def test_a_task_that_repeats_a_statement_is_in_the_childs_log(clinic: Clinic) -> None:
    clinic.world.both_grant(to=CAW)
    assert clinic.shown() == []
    clinic.tasks(CAW, patient=clinic.patient(CAW), role="trajectory_supporter")
    clinic.tasks(CLB)
    # Whom no own words were shown has a line without a child, and no other.
    assert clinic.shown() == []
    clinic.tasks()
    [line] = clinic.shown()
    assert (line.partner, line.role, line.outcome) == (VAPH, "care", "done")
    assert (line.child, line.classes) == (clinic.world.child, ["diagnosis"])
    assert [one.partition("/")[2] for one in line.resources] == ["1"]


def test_each_author_is_shown_only_to_whom_that_source_may_go(clinic: Clinic) -> None:
    clinic.state(CLB, condition("F80.2", "2024-04-22", author=CGG, basis="quoted"))
    clinic.world.both_grant(to=CAW)
    (one,) = clinic.conditions()
    assert len(clinic.authors(CAW, one["id"])) == 2
    clinic.only_from(VAPH)
    # Every line about them is decided again to the same answer.
    again = [
        *recompute(clinic.hub, Wanted(child=clinic.world.child), by="test", at=clinic.world.at)
    ]
    assert {str(one.result) for one in again} == {"equal"}
    (left,) = clinic.authors(CAW, one["id"])
    assert left[0] != CGG
    assert clinic.authors(CLB, clinic.hub.vault.pairwise(CLB, clinic.leading_id())) == []


def _internal(clinic: Clinic, task: str) -> UUID:
    found = clinic.hub.vault.resolve(VAPH, task)
    assert found is not None
    return found
