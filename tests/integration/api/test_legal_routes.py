"""A holder speaks without consent over HTTP."""

import json
from typing import Any

import httpx
import pytest

from gateway import clock
from gateway.identity.jose import unseal
from tests.integration.api.by_law import ABSENT, VK, Case, case, looks
from tests.support.route_records import CANARY, concern, necessity
from tests.support.running_hub import CAW, CLB, VAPH, RunningHub, eventually
from tests.support.topics import read_topic

__all__ = ["case"]


def test_a_report_of_concern_reaches_the_vk_by_the_topic_and_opens_with_its_key(
    case: Case, system: RunningHub
) -> None:
    before = len(read_topic(system.bootstrap, f"partner.{VK}"))
    answer = case.speaks(case.body("concern_report", concern(clock.now())))
    assert answer.status_code == httpx.codes.CREATED, answer.text
    told = answer.json()
    assert {one["state"] for one in told["resources"]} == {"goes"}
    assert told["resources"][0]["why"].startswith("Een hulpverlener maakt zich ernstig zorgen")
    count = len(told["resources"])

    def arrived() -> Any:
        messages = read_topic(system.bootstrap, f"partner.{VK}")[before:]
        return messages if len(messages) >= count else None

    messages = {dict(one.headers)["ce_id"].decode(): one.value for one in eventually(arrived)}
    keys = system.call(VK, "POST", "/keys", json={"ids": list(messages)}).json()["keys"]
    opened = [
        json.loads(unseal(one["jwk"], messages[one["id"]]) or b"") for one in keys if "jwk" in one
    ]
    assert len(opened) == count
    assert {one["entry"][0]["resource"]["resourceType"] for one in opened} == {"Observation"}


def test_an_incomplete_record_names_every_missing_part_and_stops_nobody(case: Case) -> None:
    record = necessity(clock.now())
    del record["danger"]["imminence"], record["consulted"], record["legal_basis"]
    answer = case.speaks(case.body("necessity", record))
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    told = answer.json()
    assert told["code"] == "record_incomplete"
    assert set(told["where"].split(", ")) == {
        "record.danger.imminence",
        "record.consulted.who",
        "record.consulted.on",
        "record.legal_basis",
    }
    assert "does not stop anybody from speaking or calling in person" in told["detail"]
    assert "complete the record afterwards" in told["detail"]
    assert CANARY not in answer.text
    assert case.lines("legal_route")[-1].outcome == "refused"
    other = case.speaks(case.body("concern_report", {}))
    assert "in person" not in other.json()["detail"]


@pytest.mark.parametrize(
    ("ground", "sentence"),
    [
        ("statutory", "second person who validates"),
        ("court_order", "second person who validates"),
        ("article_458bis", "in person, outside the hub"),
        ("case_conference", "said there"),
        ("vital_emergency", "/emergency-access"),
        ("curiosity", "use one of: necessity"),
    ],
)
def test_a_ground_that_is_not_for_here_is_refused_in_a_clear_sentence(
    case: Case, ground: str, sentence: str
) -> None:
    answer = case.speaks(case.body(ground, {}))
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert sentence in answer.json()["detail"]
    assert answer.json()["where"] == "body.ground"


def test_a_repeat_gets_the_same_answer_and_a_reused_key_is_refused(case: Case) -> None:
    body = case.body("concern_report", concern(clock.now()))
    key = {"Idempotency-Key": f"k-{case.patient}"}
    first, again = case.speaks(body, **key), case.speaks(body | {"language": "en"}, **key)
    assert (first.status_code, again.status_code) == (httpx.codes.CREATED, httpx.codes.OK)
    assert again.json() == first.json() | {"repeated": True}
    other = case.speaks(body | {"to": CAW}, **key)
    assert other.status_code == httpx.codes.CONFLICT
    assert other.json()["code"] == "idempotency-key-reused"
    assert case.speaks(body, **{"Idempotency-Key": "x" * 201}).status_code == 400


def test_unknown_child_unknown_resource_and_anothers_resource_are_the_same_404(
    case: Case, system: RunningHub
) -> None:
    record = necessity(clock.now())
    vaph = system.hub.vault.resolve(CLB, case.patient)
    assert vaph is not None
    answers = [
        case.speaks(case.body("necessity", record, patient=ABSENT)),
        case.speaks(case.body("necessity", record, patient="Noor")),
        case.speaks(case.body("necessity", record, resources=[ABSENT])),
        case.speaks(case.body("necessity", record), by=CAW),
    ]
    assert {looks(one)[:2] for one in answers} == {looks(answers[0])[:2]}
    assert answers[0].status_code == httpx.codes.NOT_FOUND


def test_what_the_description_does_not_name_is_refused(case: Case) -> None:
    record = necessity(clock.now())
    for changes, where in (
        ({"source": VAPH}, "(unknown)"),
        ({"purpose": "curiosity"}, "body.purpose"),
        ({"to": "nobody-at-all"}, "body.to"),
        ({"resources": []}, "body.resources"),
    ):
        answer = case.speaks(case.body("necessity", record) | changes)
        assert answer.status_code == httpx.codes.BAD_REQUEST
        assert where in answer.json()["where"]


def test_a_partner_that_only_reads_cannot_speak(case: Case) -> None:
    answer = case.speaks(case.body("necessity", necessity(clock.now())), by=VK)
    assert answer.status_code == httpx.codes.FORBIDDEN


def test_ones_own_statements_are_listed_and_an_unknown_child_has_none(
    case: Case, system: RunningHub
) -> None:
    assert case.own("functional")
    for patient in (ABSENT, "Noor"):
        path = f"/legal-routes/resources?patient={patient}"
        assert system.call(CLB, "GET", path).json() == {"resources": []}
