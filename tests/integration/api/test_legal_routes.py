"""Speaking without consent over HTTP: holders, doctors, mandated services and reviewers."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from gateway import clock
from gateway.exchange.register_partner import Registration, register_partner
from gateway.identity.jose import new_signing_jwk, public_part, unseal
from gateway.store import children
from gateway.store.engine import transaction
from gateway.store.lifecycle_tables import metadata, relayed_request
from gateway.store.tables import access_log
from tests.support.families import Family, a_family
from tests.support.route_records import CANARY, concern, day, emergency, necessity
from tests.support.running_hub import CAW, CLB, VAPH, RunningHub, eventually
from tests.support.topics import read_topic

VK, HOSPITAL = "vk-voorbeeldstad", "az-voorbeeld"
ABSENT = "0123456789abcdef0123456789abcdef"
NOBODYS_NUMBER = "99999999999"
OFFICER, CLINICIAN = "dina-deckers", "karim-claes"


@dataclass
class Case:
    """A child that VAPH and CLB told about; a VK and a hospital that know nothing of it."""

    system: RunningHub
    family: Family
    patient: str

    def own(self, *classes: str) -> list[str]:
        path = f"/legal-routes/resources?patient={self.patient}"
        found = self.system.call(CLB, "GET", path).json()["resources"]
        return [one["id"] for one in found if one["data_class"] in classes]

    def body(self, ground: str, record: dict[str, Any], **changes: Any) -> dict[str, Any]:
        return {
            "ground": ground,
            "to": VK,
            "patient": self.patient,
            "resources": self.own("functional"),
            "record": record,
        } | changes

    def speaks(self, body: dict[str, Any], *, by: str = CLB, **headers: str) -> httpx.Response:
        return self.system.call(by, "POST", "/legal-routes", json=body, headers=headers)

    def pulls(self, *, by: str = HOSPITAL, **changes: Any) -> httpx.Response:
        body: dict[str, Any] = {
            "insz": self.family.child,
            "actor": {"id": "dr-7", "role": "medical"},
            "record": emergency(),
        }
        body = {name: value for name, value in (body | changes).items() if value is not None}
        return self.system.call(by, "POST", "/emergency-access", json=body)

    def lines(self, act: str) -> list[Any]:
        query = select(access_log).where(access_log.c.act == act).order_by(access_log.c.id)
        with transaction(self.system.hub.engine) as tx:
            return list(tx.execute(query))


@pytest.fixture
def case(system: RunningHub) -> Case:
    for partner, kind in ((VK, "vk"), (HOSPITAL, "health")):
        if partner not in system.keys:
            key = system.keys[partner] = new_signing_jwk()
            jwks = {"keys": [public_part(key)]}
            registration = Registration(id=partner, name=f"{partner} vzw", kind=kind, jwks=jwks)
            register_partner(system.hub, registration, at=clock.now())
    family = a_family()
    system.delivered(VAPH, family.vaph_2023)
    clb = system.delivered(CLB, family.clb_2024)
    return Case(system, family, clb["parts"][0]["patient"])


def looks(answer: httpx.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    headers = sorted((k, v) for k, v in answer.headers.items() if k != "date")
    return answer.status_code, answer.content, headers


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


def asked(case: Case, **child: str) -> httpx.Response:
    body = {"question": f"Wat weet u? {CANARY}", **child}
    return case.system.call(VK, "POST", "/relay-requests", json=body)


def waiting(case: Case, partner: str) -> list[dict[str, Any]]:
    answer = case.system.call(partner, "GET", "/relay-requests")
    found: list[dict[str, Any]] = answer.json()["requests"]
    child = case.system.hub.vault.resolve(CLB, case.patient)
    assert child is not None
    own = case.system.hub.vault.pairwise(partner, child)
    return [one for one in found if one["patient"] == own]


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


def test_two_reviewers_open_the_record_and_file_a_finding_on_the_pages(case: Case) -> None:
    told = case.speaks(case.body("necessity", necessity(clock.now()))).json()
    place = f"/audit/routes/{told['route']}"
    officer = case.system.person(OFFICER).client
    assert place in officer.get("/audit/routes").text
    page = unescape(officer.get(place).text)
    assert f"geweld {CANARY}" in page
    assert "praten hielp niet" in page
    filed = officer.post(place, data=form(page, "dpo", "justified"))
    assert filed.url.path == "/audit/routes"
    assert "Terecht" in filed.text
    clinician = case.system.person(CLINICIAN).client
    page = clinician.get(place).text
    again = clinician.post(place, data=form(page, "dpo", "justified"))
    assert again.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    clinician.post(place, data=form(page, "clinician", "unjustified"))
    overview = unescape(officer.get("/audit/routes").text)
    assert "Datalekken" in overview
    assert place in overview
    assert "Datalekken" not in clinician.get("/audit/routes").text
    breach = re.search(r'action="(/audit/breaches/[0-9a-f-]{36})"', overview)
    assert breach is not None
    closed = officer.post(breach[1], data={"csrf": csrf(overview)})
    assert closed.url.path == "/audit/routes"


def form(page: str, capacity: str, finding: str) -> dict[str, str]:
    return {
        "csrf": csrf(page),
        "hoedanigheid": capacity,
        "oordeel": finding,
        "redenen": f"omdat {CANARY}",
    }


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def test_others_open_no_record(case: Case) -> None:
    told = case.speaks(case.body("necessity", necessity(clock.now()))).json()
    place = f"/audit/routes/{told['route']}"
    auditor = case.system.person("an-auditor").client
    assert told["route"] not in auditor.get("/audit/routes").text
    assert auditor.get(place).status_code == httpx.codes.NOT_FOUND
    mother = case.system.parent(case.family.mother).client
    for path in ("/audit/routes", place):
        assert mother.get(path).status_code == httpx.codes.FORBIDDEN
        assert CANARY not in httpx.get(case.system.base_url + path).text
    forged = case.system.person(OFFICER).client.post(place, data={"csrf": "x"})
    assert forged.status_code == httpx.codes.FORBIDDEN


def test_an_operator_lists_routes_without_child_or_content(case: Case) -> None:
    told = case.speaks(case.body("necessity", necessity(clock.now()))).json()
    listed = case.system.stack.run("route", "list", "--json", "--waiting")
    row = next(json.loads(line) for line in str(listed).splitlines() if told["route"] in line)
    assert row["ground"] == "necessity"
    assert "child" not in row
    assert CANARY not in str(listed)


def test_nothing_of_a_record_or_question_stands_in_clear_anywhere(case: Case) -> None:
    case.speaks(case.body("necessity", necessity(clock.now())))
    delayed = {"delayed": {"reason": CANARY, "review_on": day(clock.now(), 3)}}
    case.speaks(case.body("concern_report", concern(clock.now()) | {"family": delayed}))
    case.pulls()
    asked(case, insz=case.family.child)
    case.speaks(case.body("necessity", {"danger": CANARY, CANARY: "x"}))
    for log in Path(case.system.stack.addresses.logs).glob("*.log"):
        assert CANARY not in log.read_text(errors="replace"), log.name
    with transaction(case.system.hub.engine) as tx:
        for table in metadata.sorted_tables:
            for row in tx.execute(select(table)):
                told = "\n".join(
                    one.decode("latin-1") if isinstance(one, bytes) else str(one) for one in row
                )
                assert CANARY not in told, table.name
                assert case.family.child not in told, table.name
