"""A mandated service asks blindly, and learns nothing from being answered."""

import httpx
from sqlalchemy import select

from gateway import clock
from gateway.store import children
from gateway.store.engine import transaction
from gateway.store.lifecycle_tables import relayed_request
from tests.integration.api.by_law import (
    ABSENT,
    HOSPITAL,
    NOBODYS_NUMBER,
    VK,
    Case,
    asked,
    case,
    looks,
    waiting,
)
from tests.support.route_records import CANARY, concern
from tests.support.running_hub import CAW, CLB, VAPH

__all__ = ["case"]


def test_a_blind_question_gets_the_same_bytes_whether_or_not_anybody_knows_the_child(
    case: Case,
) -> None:
    answers = [
        asked(case, insz=case.family.child),
        asked(case, insz=NOBODYS_NUMBER),
        asked(case, patient=ABSENT),
        asked(case, patient="Noor"),
    ]
    assert all(looks(one) == looks(answers[0]) for one in answers)
    assert answers[0].status_code == httpx.codes.ACCEPTED
    assert answers[0].json() == {"status": "request relayed"}
    for holder in (VAPH, CLB):
        (one,) = waiting(case, holder)
        assert one["asked_by"] == VK
        assert one["question"] == f"Wat weet u? {CANARY}"
    assert waiting(case, CAW) == []


def test_only_a_mandated_service_asks_blindly(case: Case) -> None:
    body = {"question": "Wat weet u?", "insz": case.family.child}
    for partner in (CLB, CAW, HOSPITAL):
        answer = case.system.call(partner, "POST", "/relay-requests", json=body)
        assert answer.status_code == httpx.codes.FORBIDDEN
    assert waiting(case, CLB) == []
    assert asked(case).status_code == httpx.codes.BAD_REQUEST


def test_a_holder_answers_by_speaking_or_closes_and_the_asker_learns_neither(case: Case) -> None:
    asked(case, insz=case.family.child)
    (to_clb,), (to_vaph,) = waiting(case, CLB), waiting(case, VAPH)
    body = case.body("concern_report", concern(clock.now()), answers=to_clb["id"])
    assert case.speaks(body).status_code == httpx.codes.CREATED
    assert waiting(case, CLB) == []
    path = f"/relay-requests/{to_vaph['id']}/close"
    assert case.system.call(CLB, "POST", path).status_code == httpx.codes.NOT_FOUND
    assert case.system.call(VAPH, "POST", path).status_code == httpx.codes.NO_CONTENT
    assert case.system.call(VAPH, "POST", path).status_code == httpx.codes.NOT_FOUND
    assert waiting(case, VAPH) == []
    assert asked(case, insz=case.family.child).content == asked(case, patient=ABSENT).content


def test_a_former_helper_and_the_asker_itself_hear_nothing(case: Case) -> None:
    child = case.system.hub.vault.resolve(CLB, case.patient)
    assert child is not None
    with transaction(case.system.hub.engine) as tx:
        children.start_care(tx, child, VK, at=clock.now())
    asked(case, insz=case.family.child)
    with transaction(case.system.hub.engine) as tx:
        query = select(relayed_request.c.holder).where(relayed_request.c.child == child)
        assert sorted(tx.execute(query).scalars()) == [CLB, VAPH]
