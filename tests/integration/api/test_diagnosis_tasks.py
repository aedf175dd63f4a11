"""A partner reads what it is asked about diagnoses and sends what its professional decided."""

import httpx
import pytest

from tests.support.families import a_family
from tests.support.running_hub import CLB, VAPH, RunningHub

DECISION = {"outcome": "confirm", "version": 1, "role": "medical", "decider": "An Peeters, arts"}


@pytest.fixture
def task(system: RunningHub) -> str:
    """Return the task about the language disorder of a child that VAPH just told about."""
    receipt = system.delivered(VAPH, a_family().vaph_2023)
    patient = receipt["parts"][0]["patient"]
    answer = system.call(VAPH, "GET", f"/diagnosis-tasks?patient={patient}")
    assert answer.headers["Cache-Control"] == "no-store"
    (entry,) = answer.json()["entry"]
    assert entry["resource"]["resourceType"] == "Task"
    return str(entry["resource"]["id"])


def test_a_decision_is_recorded_once_and_only_for_the_owner(system: RunningHub, task: str) -> None:
    path = f"/diagnosis-tasks/{task}/decision"
    assert system.call(CLB, "POST", path, json=DECISION | {"role": "care"}).status_code == (
        httpx.codes.NOT_FOUND
    )
    assert system.call(VAPH, "POST", path, json=DECISION | {"role": "decision"}).status_code == (
        httpx.codes.FORBIDDEN
    )
    assert system.call(VAPH, "POST", path, json=DECISION | {"role": "x"}).status_code == (
        httpx.codes.BAD_REQUEST
    )
    late = system.call(VAPH, "POST", path, json=DECISION | {"version": 2})
    assert (late.status_code, late.json()["code"]) == (httpx.codes.CONFLICT, "overtaken")
    for _ in range(2):
        assert system.call(VAPH, "POST", path, json=DECISION).json() == {"status": "completed"}
    other = {"outcome": "reject", "reason": "no"}
    opposite = system.call(VAPH, "POST", path, json=DECISION | other)
    assert opposite.json()["code"] == "already_decided"


def test_an_unknown_child_or_task_is_the_same_nothing(system: RunningHub, task: str) -> None:
    nobody = "0123456789abcdef0123456789abcdef"
    empty = {"resourceType": "Bundle", "type": "searchset"}
    assert system.call(CLB, "GET", f"/diagnosis-tasks?patient={nobody}").json() == empty
    path = f"/diagnosis-tasks/{nobody}/decision"
    assert system.call(VAPH, "POST", path, json=DECISION).status_code == httpx.codes.NOT_FOUND
    unknown = system.call(CLB, "GET", f"/fhir/Provenance?target=Condition/{nobody}")
    assert unknown.json() == empty
    missing = system.call(CLB, "GET", "/fhir/Provenance")
    assert missing.status_code == httpx.codes.BAD_REQUEST
