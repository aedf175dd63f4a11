"""A person with that role confirms what the hub proposes; nobody else learns that it waits."""

import pytest

from gateway.errors import NotAllowed
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


def test_a_physician_of_the_service_that_keeps_the_report_confirms(clinic: Clinic) -> None:
    clinic.world.both_grant(to=CAW)
    task = clinic.tasks()[LANGUAGE]
    assert task["owner"]["display"] == VAPH
    assert clinic.decide(task) == "completed"
    assert clinic.codes() == [("F80.2", "2", "leading+confirmed")]
    assert clinic.tasks() == {}
    assert ("diagnosis_confirmed", VAPH, []) in clinic.world.log("diagnosis_confirmed")


def test_a_repeat_changes_nothing_and_the_opposite_comes_too_late(clinic: Clinic) -> None:
    task = clinic.tasks()[LANGUAGE]
    clinic.decide(task)
    before = clinic.world.everything()
    assert clinic.decide(task) == "completed"
    assert clinic.world.everything() == before
    late = clinic.decide(task, "reject")
    assert isinstance(late, Refusal)
    assert late.code == "already_decided"


def test_what_was_confirmed_stays_so_when_its_source_says_it_again(clinic: Clinic) -> None:
    clinic.world.both_grant(to=CAW)
    clinic.state(VAPH, condition("F84.0", "2024-10-21"))
    clinic.decide(clinic.tasks()["confirm-leading F84.0"])
    clinic.state(VAPH, condition("F84.0", "2024-10-21"), on="2025-03-01")
    assert ("F84.0", "2", "leading+confirmed") in clinic.codes()


def test_a_newer_statement_is_a_new_proposal(clinic: Clinic) -> None:
    clinic.world.both_grant(to=CAW)
    clinic.decide(clinic.tasks()[LANGUAGE])
    clinic.state(VAPH, condition("F80.1", "2025-01-01"), on="2025-01-01")
    assert clinic.codes() == [("F80.1", "3", "leading+proposed")]
    assert set(clinic.tasks()) == {"confirm-leading F80.1"}


def test_a_proposal_that_changed_meanwhile_is_read_again_first(clinic: Clinic) -> None:
    task = clinic.tasks()[LANGUAGE]
    clinic.state(VAPH, condition("F80.1", "2025-01-01"), on="2025-01-01")
    late = clinic.decide(task)
    assert isinstance(late, Refusal)
    assert late.code == "overtaken"


def test_a_role_that_does_not_diagnose_decides_nothing(clinic: Clinic) -> None:
    task = clinic.tasks()[LANGUAGE]
    for role in ("decision", "care", "teacher", "judge"):
        with pytest.raises(NotAllowed):
            clinic.decide(task, role=role)


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


def test_a_supporter_does_not_decide_about_a_sources_own_statement(clinic: Clinic) -> None:
    clinic.world.both_grant(to=CAW)
    clinic.state(VAPH, condition("F84.0", "2024-10-21"))
    asked = {"patient": clinic.patient(CAW), "role": "trajectory_supporter"}
    assert {one.split()[0] for one in clinic.tasks(CAW, **asked)} == {"confirm-leading"}


def test_what_is_missing_is_named(clinic: Clinic) -> None:
    task = clinic.tasks()[LANGUAGE]
    for change, code in (
        ({"outcome": "perhaps"}, "unknown_outcome"),
        ({"decider": " "}, "decider_required"),
        ({"outcome": "reject", "reason": " "}, "reason_required"),
        ({"reason": "x" * 4_001}, "reason_too_long"),
    ):
        found = clinic.decide(task, **change)
        assert isinstance(found, Refusal)
        assert found.code == code


def test_the_words_of_who_decided_lie_encrypted(clinic: Clinic) -> None:
    clinic.decide(clinic.tasks()[LANGUAGE], decider="Dr. Canary", reason="Canary said so")
    assert "Canary" not in str(clinic.rows("diagnosis_task"))


def test_each_author_is_shown_only_to_whom_that_source_may_go(clinic: Clinic) -> None:
    clinic.state(CLB, condition("F80.2", "2024-04-22", author=CGG, basis="quoted"))
    clinic.world.both_grant(to=CAW)
    (one,) = clinic.conditions()
    assert len(clinic.authors(CAW, one["id"])) == 2
    clinic.only_from(VAPH)
    (left,) = clinic.authors(CAW, one["id"])
    assert left[0] != CGG
    assert clinic.authors(CLB, clinic.hub.vault.pairwise(CLB, clinic.leading_id())) == []


def _internal(clinic: Clinic, task: str) -> object:
    found = clinic.hub.vault.resolve(VAPH, task)
    assert found is not None
    return found
