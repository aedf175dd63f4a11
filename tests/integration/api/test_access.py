"""A partner that keeps its own records asks whether it may share them."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from sqlalchemy import update

from gateway import clock
from gateway.api.access_requests import MOST_BYTES
from gateway.store import children
from gateway.store.engine import transaction
from gateway.store.tables import consent
from tests.integration.api.asking import (
    ABSENT,
    MANY,
    NO,
    ONE,
    OWN_NAME,
    Case,
    all_lines,
    case,
    looks,
    question,
    service,
)
from tests.support.running_hub import CAW, CHILDCARE, CLB, PATIENCE, VAPH, RunningHub

__all__ = ["case"]


def test_no_before_the_grant_yes_after_it_and_no_after_the_stop(case: Case) -> None:
    assert case.may() == {"decision": False}
    consents = case.both_give(CLB, ["diagnosis"])
    for action in ("read", "send"):
        found = case.may(action={"name": action})
        assert found["decision"] is True
        assert "no_onward" in found["context"]["obligations"]
    assert case.mother.stop(consents[0]).status_code == httpx.codes.OK
    assert case.may() == {"decision": False}


def test_each_answer_is_a_line_with_recipient_class_rule_and_consents_but_no_name(
    case: Case,
) -> None:
    case.may()
    consents = case.both_give(CLB, ["diagnosis"])
    case.may()
    denied, permitted = case.lines()
    assert (denied.outcome, denied.classes, denied.consents) == ("deny", [], [])
    assert denied.rules == ["T6"]
    assert (permitted.outcome, permitted.classes, permitted.rules) == (
        "permit",
        ["diagnosis"],
        ["K1"],
    )
    assert {str(one) for one in permitted.consents} == set(consents)
    for line in (denied, permitted):
        assert (line.actor, line.partner, line.role, line.purpose) == (VAPH, VAPH, "system", "care")
        assert line.resources == [f"to/{CLB}"]
        assert OWN_NAME not in str(line)


def test_unknown_and_denied_are_the_same_bytes_and_all_are_logged(
    system: RunningHub, case: Case
) -> None:
    case.both_give(CLB, ["diagnosis"])
    before = all_lines(system)
    bodies = [
        question(case.patient, to=CAW),
        question(ABSENT),
        question("Noor"),
        question(case.patient, to="nobody-at-all"),
        question(case.patient, data_class="medical"),
        question(case.patient, about=["child", "somebody"]),
        question(case.patient, reporter=True),
        question(case.patient) | {"subject": {"type": "person", "id": CLB}},
        question(case.patient) | {"subject": service("Noor\x00Peeters")},
        question(case.patient) | {"action": {"name": "delete"}},
        question(case.patient) | {"resource": {"type": "file", "id": "x"}},
        question(case.patient) | {"context": {"purpose": "referral"}},
    ]
    answers = [looks(case.asks(body)) for body in bodies]
    assert all(one == answers[0] for one in answers)
    assert answers[0][:2] == (httpx.codes.OK, NO)
    assert all_lines(system) == before + len(bodies)
    # A recipient that is no registered service is a caller's free text, and stays out of the log.
    assert {one for line in case.lines() for one in line.resources} == {f"to/{CLB}", f"to/{CAW}"}


def test_a_partner_cannot_ask_with_the_pseudonym_of_another_source(case: Case) -> None:
    case.both_give(CLB, ["diagnosis"])
    assert case.may()["decision"] is True
    assert case.asks(question(case.patient), by=CAW).content == NO
    stolen = question(case.patient) | {"source": VAPH}
    stolen["context"] = {"purpose": "care", "source": VAPH}
    assert case.asks(stolen, by=CAW).content == NO


def test_a_source_that_does_not_help_the_child_any_more_learns_nothing(
    system: RunningHub, case: Case
) -> None:
    case.both_give(CLB, ["diagnosis"])
    child = system.hub.vault.resolve(VAPH, case.patient)
    # CAW never heard of the child, but somebody showed it what its pseudonym would be.
    leaked = system.hub.vault.pairwise(CAW, child) if child else ""
    assert case.asks(question(leaked), by=CAW).content == NO
    search = {**question(leaked), "subject": {"type": "service"}}
    found = case.asks(search, path="/access/v1/search/subject", by=CAW)
    assert found.json() == {"results": []}
    assert case.lines()[0].rules == ["source_not_around"]
    assert (
        "De dienst die dit vroeg, helpt het kind nu niet."
        in case.mother.client.get("/wie-keek").text
    )


def test_a_suspended_source_or_recipient_gets_no(system: RunningHub, case: Case) -> None:
    case.both_give(CLB, ["diagnosis"])
    assert case.may()["decision"] is True
    for partner in (VAPH, CLB):
        system.stack.run("partner", "suspend", partner)
        try:
            assert case.may() == {"decision": False}
        finally:
            system.stack.run("partner", "activate", partner)


def comes_around(system: RunningHub, case: Case, partner: str) -> str:
    """Let a service that delivered nothing help the child; return its pseudonym."""
    child = system.hub.vault.resolve(VAPH, case.patient)
    assert child is not None
    with transaction(system.hub.engine) as tx:
        children.start_care(tx, child, partner, at=clock.now())
    return system.hub.vault.pairwise(partner, child)


def test_a_source_that_never_delivered_to_the_hub_may_ask_too(
    system: RunningHub, case: Case
) -> None:
    case.both_give(CLB, ["diagnosis"])
    patient = comes_around(system, case, CAW)
    assert case.asks(question(patient), by=CAW).json()["decision"] is True


def test_only_an_extract_may_go_is_a_no_that_says_so(system: RunningHub, case: Case) -> None:
    comes_around(system, case, CHILDCARE)
    case.both_give(CHILDCARE, ["functional"])
    found = case.may(**question(case.patient, to=CHILDCARE, data_class="functional"))
    assert found["decision"] is False
    assert found["context"]["may_go"] == "extract"
    assert case.lines()[-1].outcome == "redact"


def test_only_the_core_may_go_is_a_no_that_says_so(system: RunningHub, case: Case) -> None:
    child = system.hub.vault.resolve(VAPH, case.patient)
    assert child is not None
    for parent in (case.mother, case.father):
        parent.given(VAPH, ["diagnosis", "functional"], purpose="entitlement")
    own = system.hub.vault.pairwise(CLB, child)
    to_decide = {"context": {"purpose": "entitlement"}}
    core, whole = (
        case.asks(question(own, to=VAPH, data_class=one) | to_decide, by=CLB).json()
        for one in ("diagnosis", "functional")
    )
    assert (core["decision"], core["context"]["may_go"]) == (False, "core")
    assert whole["decision"] is True
    assert [line.outcome for line in case.lines()] == ["redact", "permit"]


def test_an_answer_waits_for_a_decision_of_the_family_that_is_being_written(
    system: RunningHub, case: Case
) -> None:
    child = system.hub.vault.resolve(VAPH, case.patient)
    assert child is not None
    case.both_give(CLB, ["diagnosis"])
    with ThreadPoolExecutor(1) as pool:
        with transaction(system.hub.engine) as tx:
            children.lock(tx, child)
            answer = pool.submit(case.may)
            with pytest.raises(TimeoutError):
                answer.result(0.5)
            stop = update(consent).where(consent.c.child == child)
            tx.execute(stop.values(withdrawn_at=clock.now()))
        assert answer.result(PATIENCE) == {"decision": False}


def test_a_bad_body_is_a_problem_that_names_the_place_and_keeps_the_request_id(
    case: Case,
) -> None:
    asked = {"X-Request-ID": "bfe9eb29-ab87"}
    for path, body, where in (
        (ONE, {}, "body.action"),
        (ONE, question(case.patient, reveal_place=True), "properties.(unknown)"),
        (MANY, {"evaluations": [{}] * 101}, "body.evaluations"),
        (MANY, {"options": {"evaluations_semantic": "all"}}, "body.options.evaluations_semantic"),
        ("/access/v1/search/resource", question(case.patient), "resource.properties.(unknown)"),
    ):
        answer = case.system.call(VAPH, "POST", path, json=body, headers=asked)
        assert answer.status_code == httpx.codes.BAD_REQUEST
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["X-Request-ID"] == asked["X-Request-ID"]
        assert where in answer.json()["where"]
        assert case.patient not in answer.text


def test_the_request_id_comes_back_on_answers_and_refusals(system: RunningHub, case: Case) -> None:
    asked = {"X-Request-ID": "my own words"}
    fine = system.call(VAPH, "POST", ONE, json=question(case.patient), headers=asked)
    refused = httpx.post(system.base_url + ONE, json=question(case.patient), headers=asked)
    narrow = system.ask_token(system.assertion(VAPH), scope="system/*.c").json()["access_token"]
    headers = asked | {"Authorization": f"Bearer {narrow}"}
    unreached = httpx.post(system.base_url + ONE, json=question(case.patient), headers=headers)
    assert [one.status_code for one in (fine, refused, unreached)] == [
        httpx.codes.OK,
        httpx.codes.UNAUTHORIZED,
        httpx.codes.FORBIDDEN,
    ]
    for one in (fine, refused, unreached):
        assert one.headers["X-Request-ID"] == asked["X-Request-ID"]
        assert one.headers["Cache-Control"] == "no-store"
        assert "set-cookie" not in one.headers
    assert "X-Request-ID" not in case.asks(question(case.patient)).headers


def test_the_metadata_names_endpoints_that_answer(system: RunningHub, case: Case) -> None:
    found = httpx.get(f"{system.base_url}/.well-known/authzen-configuration").json()
    assert found.pop("policy_decision_point") == system.hub.settings.issuer
    assert set(found) == {
        "access_evaluation_endpoint",
        "access_evaluations_endpoint",
        "search_subject_endpoint",
        "search_resource_endpoint",
    }
    for address in found.values():
        path = address.removeprefix(system.hub.settings.issuer)
        assert case.asks(question(case.patient), path=path).status_code in {200, 400}


def test_the_family_reads_who_asked_about_whom_and_a_question_is_no_look(case: Case) -> None:
    case.may()
    page = case.mother.client.get("/wie-keek").text
    assert "Vroeg of een andere dienst iets mag krijgen. Dat mag niet" in page
    case.both_give(CLB, ["diagnosis"])
    case.may()
    page = case.mother.client.get("/wie-keek").text
    assert "Vroeg of een andere dienst dit mag krijgen" in page
    assert "Over welke dienst" in page
    assert "CLB Voorbeeldstreek" in page
    assert "De voorbije 7 dagen keek niemand." in case.mother.overview


def test_too_large_a_body_is_refused_before_it_is_read(case: Case) -> None:
    body = question(case.patient) | {"context": {"purpose": "care", "more": "x" * MOST_BYTES}}
    assert case.asks(body).status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
