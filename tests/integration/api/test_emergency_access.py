"""A doctor pulls what is needed for a child in vital danger."""

from datetime import datetime, timedelta

import httpx

from gateway import clock
from tests.integration.api.by_law import ABSENT, HOSPITAL, NOBODYS_NUMBER, VK, Case, case, looks
from tests.support.route_records import emergency
from tests.support.running_hub import CAW, CLB, RunningHub

__all__ = ["case"]


def test_a_doctor_pulls_medical_data_and_diagnoses_at_once(case: Case, system: RunningHub) -> None:
    answer = case.pulls()
    assert answer.status_code == httpx.codes.OK
    assert answer.headers["Cache-Control"] == "no-store"
    bundle = answer.json()
    (entry,) = bundle["entry"]
    assert entry["resource"]["code"]["coding"][0]["code"] == "F80.2"
    tags = {one["code"] for one in bundle["meta"]["tag"]}
    assert {"ttl_24h", "break_glass", "review_72h", "notify_family"} <= tags
    expires = datetime.fromisoformat(bundle["meta"]["extension"][0]["valueInstant"])
    assert timedelta(hours=23) < expires - clock.now() <= timedelta(hours=24)
    line = case.lines("emergency_access")[-1]
    assert (line.partner, line.role, line.outcome, line.rules) == (
        HOSPITAL,
        "medical",
        "permit",
        ["L7"],
    )
    child = system.hub.vault.resolve(CLB, case.patient)
    assert child is not None
    by_pseudonym = case.pulls(insz=None, patient=system.hub.vault.pairwise(HOSPITAL, child))
    assert by_pseudonym.json()["entry"] == bundle["entry"]


def test_an_emergency_is_denied_exactly_as_an_unknown_child(case: Case) -> None:
    answers = [
        case.pulls(insz=NOBODYS_NUMBER),
        case.pulls(insz="Noor"),
        case.pulls(insz=None, patient=ABSENT),
        case.pulls(by=CAW),
        case.pulls(by=VK),
        case.pulls(by=CLB),
    ]
    assert all(looks(one) == looks(answers[0]) for one in answers)
    assert answers[0].json() == {"resourceType": "Bundle", "type": "collection"}
    assert {one.outcome for one in case.lines("emergency_access")[-len(answers) :]} == {"deny"}


def test_an_emergency_without_a_reason_or_for_another_role_is_refused(case: Case) -> None:
    for part in emergency():
        record = {name: text for name, text in emergency().items() if name != part}
        answer = case.pulls(record=record)
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert answer.json()["where"] == f"record.{part}"
    nurse = case.pulls(actor={"id": "x", "role": "care"})
    both = case.pulls(patient=case.patient)
    neither = case.pulls(insz=None)
    assert {one.status_code for one in (nurse, both, neither)} == {httpx.codes.BAD_REQUEST}
