"""What a legal route does not do: nothing beyond its ground, no effect twice, no early trace."""

import threading
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from consent.model import Segment
from gateway import clock
from gateway.exchange.audit.recompute import Result, Wanted, recompute
from gateway.exchange.calendar.keep_calendar import keep_calendar
from gateway.exchange.deliveries.seal_delivery import claim_and_seal
from gateway.exchange.family_views.family_view import who_looked
from gateway.exchange.grounds.route_record import EMERGENCY
from gateway.exchange.legal_routes import answer_access
from gateway.exchange.legal_routes.emergency import Emergency, Pulled, pull_in_emergency
from gateway.exchange.legal_routes.relay_request import Question, relay_request, requests_for
from gateway.exchange.legal_routes.review_route import Finding, file_finding
from gateway.identity.callers import PersonCaller
from gateway.store import children, outbox
from gateway.store.engine import transaction
from tests.integration.lifecycle.speaking import (
    CAW,
    CLB,
    CLINICIAN,
    HOSPITAL,
    OFFICER,
    OTHER_CLB,
    VK,
    Speaking,
    caller,
    hub,
    record,
    speaking,
)
from tests.support.route_records import concern, day, emergency, necessity, unanswered

__all__ = ["hub", "speaking"]


def grant(
    speaking: Speaking,
    to: str,
    *classes: str,
    purpose: str = "care",
    withdrawn_at: datetime | None = None,
) -> None:
    """Let both parents share with a service, and perhaps withdraw it."""
    at = clock.now()
    for parent in speaking.parents:
        speaking.sql(
            "insert into consent (id, child, person, effect, classes, purpose, partner, since,"
            " until, wording_id, wording_version, wording_language, wording_sha256, channel,"
            " withdrawn_at, withdrawn_by) values (:id, :child, :person, 'grant', :classes,"
            " :purpose, :to, :since, :until, 'share', '1', 'nl', '', 'portal', :withdrawn, :by)",
            id=uuid4(),
            child=speaking.child,
            person=parent,
            classes=list(classes),
            purpose=purpose,
            to=to,
            since=at - timedelta(days=5),
            until=at.date() + timedelta(days=60),
            withdrawn=withdrawn_at,
            by=parent if withdrawn_at else None,
        )


def equal_again(speaking: Speaking, *acts: str) -> bool:
    """Whether every line of these acts is decided equally again."""
    lines = tuple(one.id for one in speaking.lines(*acts))
    found = recompute(speaking.hub, Wanted(lines=lines), by="operator", at=clock.now())
    return {one.result for one in found} == {Result.EQUAL}


def pulls(speaking: Speaking, partner: str) -> Pulled:
    at = clock.now()
    call = Emergency(
        patient=speaking.patient(partner),
        insz=None,
        doctor="dr-7",
        record=record(EMERGENCY, emergency(), at),
    )
    return pull_in_emergency(speaking.hub, caller(partner), call, at=at)


@pytest.fixture
def granted(speaking: Speaking) -> Speaking:
    """The family lets another CLB and the hospital have diagnoses."""
    for partner in (OTHER_CLB, HOSPITAL):
        with transaction(speaking.hub.engine) as tx:
            children.start_care(tx, speaking.child, partner, at=clock.now() - timedelta(days=1))
        grant(speaking, partner, "diagnosis", "medical")
    return speaking


def test_an_emergency_gives_nobody_what_only_the_family_lets_it_have(granted: Speaking) -> None:
    assert pulls(granted, OTHER_CLB) == Pulled()
    assert granted.sql("select * from legal_route") == []
    (line,) = granted.lines("emergency_access")
    told = (line.outcome, line.resources, line.classes, line.rules, line.consents)
    assert told == ("deny", [], [], [], [])
    assert equal_again(granted, "emergency_access")


def test_a_doctors_emergency_rests_on_the_law_alone(granted: Speaking) -> None:
    assert pulls(granted, HOSPITAL).found
    (line,) = granted.lines("emergency_access")
    assert (line.outcome, line.rules, line.consents) == ("permit", ["L7"], [])
    assert equal_again(granted, "emergency_access")


@pytest.mark.parametrize("purpose", ["care", "diagnosis", "safety"])
def test_a_withdrawal_for_any_purpose_is_an_answer(speaking: Speaking, purpose: str) -> None:
    at = clock.now()
    grant(speaking, CAW, "functional", purpose=purpose, withdrawn_at=at - timedelta(days=1))
    answer = speaking.spoken("unanswered", unanswered(at), to=CAW)
    assert {(one.state, one.rule) for one in answer.resources} == {("stays", "L6b")}
    assert answer.route is None
    assert speaking.read(CAW) == []


def test_a_withdrawal_for_another_purpose_stops_what_was_not_sealed(speaking: Speaking) -> None:
    at = clock.now()
    assert speaking.spoken("unanswered", unanswered(at), to=CAW).route
    grant(speaking, CAW, "functional", withdrawn_at=clock.now())
    assert speaking.sealed(CAW) == {}
    line = speaking.lines("route")[-1]
    assert (line.outcome, line.rules, line.purpose) == ("deny", ["L6b"], "care")
    assert equal_again(speaking, "route")


def test_a_withdrawal_for_another_purpose_stops_the_key(speaking: Speaking) -> None:
    at = clock.now()
    speaking.spoken("unanswered", unanswered(at), to=CAW)
    messages = speaking.sealed(CAW)
    assert messages
    grant(speaking, CAW, "functional", withdrawn_at=clock.now())
    assert {one.state for one in speaking.keys(CAW, messages)} == {"gone"}
    lines = speaking.lines("key_release")
    assert {(one.outcome, *one.rules) for one in lines} == {("deny", "L6b")}
    assert equal_again(speaking, "key_release")


def test_a_no_about_one_class_leaves_the_others(speaking: Speaking) -> None:
    at = clock.now()
    grant(speaking, CAW, "development", withdrawn_at=at - timedelta(days=1))
    answer = speaking.spoken("unanswered", unanswered(at), to=CAW)
    assert {(one.state, one.rule) for one in answer.resources} == {("goes", "L6")}
    assert speaking.read(CAW)
    assert equal_again(speaking, "route", "key_release")


def unjustified(speaking: Speaking, route: str | None, *, at: datetime | None = None) -> None:
    """Let both reviewers find a route unjustified; what waits goes out after each."""
    for who, capacity in ((OFFICER, "dpo"), (CLINICIAN, "clinician")):
        said = Finding(route=route or "", capacity=capacity, finding="unjustified", reasons="x")
        assert file_finding(speaking.hub, who, said, at=at or clock.now())


def test_a_review_and_the_relay_do_not_wait_for_each_other(
    speaking: Speaking, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = speaking.spoken("necessity", necessity(clock.now()))
    stop, locked = outbox.stop_routes, threading.Event()
    done: dict[str, Any] = {}

    def slowly(tx: Any, ended: list[UUID], *, at: datetime) -> int:
        # The review holds the child's lock; the relay takes its rows and then waits for it.
        locked.set()
        time.sleep(0.7)
        return stop(tx, ended, at=at)

    def review() -> None:
        said = Finding(route=answer.route or "", capacity="dpo", finding="unjustified", reasons="x")
        done["review"] = file_finding(speaking.hub, OFFICER, said, at=clock.now())

    def relay() -> None:
        locked.wait()
        done["relay"] = len(claim_and_seal(speaking.hub, limit=10, at=clock.now()))

    monkeypatch.setattr(outbox, "stop_routes", slowly)
    threads = [threading.Thread(target=one) for one in (review, relay)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert done == {"review": True, "relay": 0}
    assert {one.state for one in speaking.sql("select state from outbox")} == {"denied"}


def seen(speaking: Speaking) -> list[tuple[str, str | None]]:
    who = PersonCaller(person=str(speaking.parents[0]), correlation="t")
    lines = who_looked(speaking.hub, who, str(speaking.child), at=clock.now())
    return [(one.act, one.reason) for one in lines]


def test_the_holders_own_question_does_not_show_a_route_that_waits(speaking: Speaking) -> None:
    at = clock.now()
    before = seen(speaking)
    question = answer_access.Question(
        recipient=VK,
        patient=speaking.patient(CLB),
        purpose="safety",
        kind="routed",
        segments=(Segment(id="1", data_class="functional", about=frozenset({"child"})),),
    )
    answer_access.evaluate(speaking.hub, caller(CLB), [question], at=at)
    assert seen(speaking) != before
    delayed = {"delayed": {"reason": "gevaar", "review_on": day(at, 10)}}
    speaking.spoken("concern_report", concern(at) | {"family": delayed})
    answer_access.evaluate(speaking.hub, caller(CLB), [question], at=clock.now())
    assert seen(speaking) == before
    other = answer_access.Question(
        recipient=CAW,
        patient=speaking.patient(CLB),
        purpose="care",
        kind="routed",
        segments=question.segments,
    )
    answer_access.evaluate(speaking.hub, caller(CLB), [other], at=clock.now())
    assert seen(speaking) != before


def test_two_findings_of_unjustified_stop_tell_and_log_once(speaking: Speaking) -> None:
    answer = speaking.spoken("necessity", necessity(clock.now()))
    assert speaking.read(VK)
    unjustified(speaking, answer.route)
    assert len(speaking.sealed(VK)) == 1
    acts = [one.act for one in speaking.lines("route_ended", "breach_started")]
    assert acts == ["route_ended", "breach_started"]


def test_what_was_over_by_time_is_still_a_breach_and_its_readers_are_told_once(
    speaking: Speaking,
) -> None:
    answer = speaking.spoken("necessity", necessity(clock.now()))
    assert speaking.read(VK)
    assert answer.ends_at is not None
    assert keep_calendar(speaking.hub, at=answer.ends_at)["routes_ended"] == 1
    unjustified(speaking, answer.route, at=answer.ends_at + timedelta(minutes=1))
    assert len(speaking.sealed(VK)) == 1
    acts = [one.act for one in speaking.lines("route_ended", "breach_started")]
    assert acts == ["route_ended", "breach_started"]


def asked(speaking: Speaking) -> str:
    question = Question(patient=speaking.patient(VK), insz=None, text="help")
    assert relay_request(speaking.hub, caller(VK), question, at=clock.now())
    return waiting(speaking)[-1]


def waiting(speaking: Speaking) -> list[str]:
    return [one.id for one in requests_for(speaking.hub, caller(CLB), at=clock.now())]


def test_speaking_to_another_does_not_answer_a_request(speaking: Speaking) -> None:
    request = asked(speaking)
    speaking.spoken("necessity", necessity(clock.now()), to=HOSPITAL, answers=request)
    assert waiting(speaking) == [request]
    speaking.spoken("necessity", necessity(clock.now()), answers=request)
    assert waiting(speaking) == []


def test_speaking_of_another_child_does_not_answer_a_request(speaking: Speaking) -> None:
    request = asked(speaking)
    other = speaking.sql(
        "insert into child (id, wrapped_key, facts, known_since)"
        " select gen_random_uuid(), wrapped_key, facts, known_since from child returning id"
    )[0].id
    speaking.sql("update relayed_request set child = :other", other=other)
    speaking.spoken("necessity", necessity(clock.now()), answers=request)
    found = speaking.sql("select closed_at from relayed_request where id = :id", id=request)
    assert found[0].closed_at is None


def test_the_same_words_after_a_route_has_ended_are_a_new_route(speaking: Speaking) -> None:
    at = clock.now()
    first = speaking.spoken("necessity", necessity(at))
    for _ in range(2):
        speaking.sql("update legal_route set ended_at = :at where ended_at is null", at=at)
        new = speaking.spoken("necessity", necessity(at))
        assert (new.repeated, new.route == first.route) == (False, False)
        assert {one.state for one in new.resources} == {"goes"}
        again = speaking.spoken("necessity", necessity(at))
        assert (again.repeated, again.route) == (True, new.route)
    assert len(speaking.sql("select 1 from legal_route")) == 3


def test_a_repeat_with_a_key_tells_that_the_route_has_ended(speaking: Speaking) -> None:
    at = clock.now()
    first = speaking.spoken("necessity", necessity(at), key="one")
    speaking.sql("update legal_route set ended_at = :at", at=at)
    again = speaking.spoken("necessity", necessity(at), key="one")
    assert (again.repeated, again.route, again.ends_at) == (True, first.route, at)
    assert {one.state for one in again.resources} == {"stays"}
    assert len(speaking.sql("select 1 from legal_route")) == 1
