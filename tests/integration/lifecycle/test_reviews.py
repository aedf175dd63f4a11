"""Two people review every break-glass; the family is told at once, or when the delay is over."""

import json
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway import clock
from gateway.exchange.disclose import Asked, disclose
from gateway.exchange.legal_routes.invoke_route import Invoked
from gateway.exchange.legal_routes.review_route import (
    Finding,
    breaches,
    close_breach,
    every_route,
    file_finding,
    open_route,
    routes_to_review,
)
from gateway.exchange.records.review_queue import close_review, reviews_to_do
from gateway.identity.callers import AuditorCaller
from gateway.store import access_log, notices, routes
from gateway.store.engine import transaction
from gateway.store.tables import access_log as log_table
from tests.integration.lifecycle.speaking import (
    BOTH,
    CAW,
    CLINICIAN,
    OFFICER,
    VK,
    Speaking,
    caller,
    hub,
    speaking,
)
from tests.support.route_records import CANARY, concern, day, necessity, unanswered

__all__ = ["hub", "speaking"]

AUDITOR = AuditorCaller(auditor="d" * 32, correlation="t", roles=frozenset({"auditor"}))
LOOKS = ("key_release", "route", "legal_route")


def delayed(written: dict[str, Any], days: int = 10) -> dict[str, Any]:
    review_on = day(clock.now(), days)
    return written | {"family": {"delayed": {"reason": "dan vlucht hij", "review_on": review_on}}}


def finding(answer: Invoked, capacity: str, said: str, **more: Any) -> Finding:
    reasons = more.pop("reasons", f"omdat {CANARY}")
    return Finding(
        route=answer.route or "", capacity=capacity, finding=said, reasons=reasons, **more
    )


def files(
    speaking: Speaking, who: AuditorCaller, said: Finding, at: datetime | None = None
) -> bool:
    return file_finding(speaking.hub, who, said, at=at or clock.now())


def seen(speaking: Speaking, person: UUID, at: datetime) -> list[Any]:
    with transaction(speaking.hub.engine) as tx:
        return [one.kind for one in notices.of_person(tx, person, at=at)]


def looks(speaking: Speaking, at: datetime, *acts: str) -> list[str]:
    with transaction(speaking.hub.engine) as tx:
        conditions = (
            log_table.c.child == speaking.child,
            log_table.c.act.in_(acts or LOOKS),
            routes.told_to_family(speaking.child, at=at),
        )
        return [row["act"] for row in access_log.select_lines(tx, conditions, limit=50)]


def test_a_break_glass_waits_for_two_people_for_72_hours(speaking: Speaking) -> None:
    at = clock.now()
    for written, ground, to, moment in (
        (necessity(at), "necessity", VK, at),
        (unanswered(at), "unanswered", CAW, at + timedelta(seconds=1)),
    ):
        answer = speaking.spoken(ground, written, to=to, at=moment)
        assert answer.review_due_at == moment + timedelta(hours=72)
    report = speaking.spoken("concern_report", concern(at))
    assert report.review_due_at is None
    waiting = routes_to_review(speaking.hub, OFFICER, at=at)
    assert [one.ground for one in waiting] == ["necessity", "unanswered"]
    assert {one.waiting for one in waiting} == {("dpo", "clinician")}
    assert str(speaking.child) not in str(waiting)
    assert len(every_route(speaking.hub)) == 3


def test_a_report_that_puts_off_telling_the_family_is_reviewed_too(speaking: Speaking) -> None:
    answer = speaking.spoken("concern_report", delayed(concern(clock.now())))
    assert answer.review_due_at is not None


def test_a_reviewer_opens_the_whole_record_and_the_log_says_so(speaking: Speaking) -> None:
    answer = speaking.spoken("necessity", necessity(clock.now()))
    found = open_route(speaking.hub, OFFICER, answer.route or "", at=clock.now())
    assert found is not None
    assert dict(found.record)["danger.nature"] == f"geweld {CANARY}"
    assert dict(found.record)["consulted.who"] == "een collega"
    assert found.can_find_as == ("dpo",)
    (line,) = speaking.lines("route_opened")
    assert (line.actor, line.child) == (f"auditor/{OFFICER.auditor}", speaking.child)
    assert line.resources == [f"route/{answer.route}"]


def test_an_auditor_without_a_capacity_opens_and_finds_nothing(speaking: Speaking) -> None:
    answer = speaking.spoken("necessity", necessity(clock.now()))
    assert open_route(speaking.hub, AUDITOR, answer.route or "", at=clock.now()) is None
    assert not files(speaking, AUDITOR, finding(answer, "dpo", "justified"))
    assert speaking.lines("route_opened", "route_reviewed") == []
    for unknown in ("", "x", str(uuid4())):
        assert open_route(speaking.hub, OFFICER, unknown, at=clock.now()) is None


def test_two_people_find_in_two_capacities(speaking: Speaking) -> None:
    answer = speaking.spoken("necessity", necessity(clock.now()))
    assert not files(speaking, OFFICER, finding(answer, "clinician", "justified"))
    assert files(speaking, OFFICER, finding(answer, "dpo", "justified"))
    assert not files(speaking, OFFICER, finding(answer, "dpo", "unclear"))
    assert not files(speaking, BOTH, finding(answer, "dpo", "justified"))
    assert files(speaking, CLINICIAN, finding(answer, "clinician", "unclear"))
    (one,) = routes_to_review(speaking.hub, OFFICER, at=clock.now())
    assert one.findings == {"dpo": "justified", "clinician": "unclear"}
    assert one.waiting == ()
    assert CANARY not in str(speaking.sql("select * from route_review"))


def test_nobody_reviews_alone_in_both_capacities(speaking: Speaking) -> None:
    answer = speaking.spoken("necessity", necessity(clock.now()))
    assert files(speaking, BOTH, finding(answer, "clinician", "justified"))
    assert not files(speaking, BOTH, finding(answer, "dpo", "justified"))
    opened = open_route(speaking.hub, BOTH, answer.route or "", at=clock.now())
    assert opened is not None
    assert opened.can_find_as == ()


@pytest.mark.parametrize(
    "change",
    [
        {"reasons": "  "},
        {"reasons": "x" * 4_001},
        {"said": "fine"},
        {"tell_on": date(2020, 1, 1)},
        {"tell_on": date(2099, 1, 1)},
    ],
)
def test_a_finding_without_reasons_or_with_an_impossible_day_is_none(
    speaking: Speaking, change: dict[str, Any]
) -> None:
    answer = speaking.spoken("necessity", necessity(clock.now()))
    said = {"said": "justified"} | change
    assert not files(speaking, OFFICER, finding(answer, "dpo", **said))
    assert speaking.sql("select * from route_review") == []


@pytest.mark.parametrize("who", [OFFICER, CLINICIAN])
def test_unjustified_stops_what_is_under_way_and_starts_the_procedure_for_a_breach(
    speaking: Speaking, who: AuditorCaller
) -> None:
    capacity = "dpo" if who is OFFICER else "clinician"
    answer = speaking.spoken("necessity", necessity(clock.now()))
    messages = speaking.sealed(VK)
    first = next(iter(messages))
    assert {one.state for one in speaking.keys(VK, {first: b""})} == {"released"}
    assert files(speaking, who, finding(answer, capacity, "unjustified"))
    # Who read something is told which messages those were, and nothing else.
    (notice,) = speaking.sealed(VK).values()
    assert json.loads(notice) == {"withdrawn": [first]}
    assert speaking.sql("select 1 from delivery where wrapped_key is not null") == []
    assert {one.state for one in speaking.keys(VK, messages)} == {"gone"}
    acts = [one.act for one in speaking.lines("route_ended", "breach_started", "route_reviewed")]
    assert acts == ["route_reviewed", "route_ended", "breach_started"]
    (breach,) = breaches(speaking.hub, OFFICER)
    assert breach.route == answer.route
    assert breaches(speaking.hub, CLINICIAN) == ()
    assert reviews_to_do(speaking.hub) == ()
    assert not close_review(speaking.hub, breach.id, by="operator", at=clock.now())
    assert not close_breach(speaking.hub, CLINICIAN, breach.id, at=clock.now())
    assert close_breach(speaking.hub, OFFICER, breach.id, at=clock.now())
    assert breaches(speaking.hub, OFFICER) == ()


def test_unjustified_stops_what_waits_to_be_sealed_and_is_one_breach(speaking: Speaking) -> None:
    answer = speaking.spoken("necessity", necessity(clock.now()))
    for who, capacity in ((OFFICER, "dpo"), (CLINICIAN, "clinician")):
        assert files(speaking, who, finding(answer, capacity, "unjustified"))
    assert speaking.sealed(VK) == {}
    assert len(breaches(speaking.hub, OFFICER)) == 1


def test_justified_and_unclear_let_it_go_on(speaking: Speaking) -> None:
    answer = speaking.spoken("necessity", necessity(clock.now()))
    assert files(speaking, OFFICER, finding(answer, "dpo", "unclear"))
    assert files(speaking, CLINICIAN, finding(answer, "clinician", "justified"))
    assert speaking.read(VK)
    assert breaches(speaking.hub, OFFICER) == ()


def test_the_holders_of_authority_of_a_small_child_are_told_at_once(speaking: Speaking) -> None:
    at = clock.now()
    speaking.spoken("necessity", necessity(at), at=at)
    for parent in speaking.parents:
        assert seen(speaking, parent, at) == ["shared_by_law"]


def test_a_delayed_notice_appears_at_its_time_and_not_before(speaking: Speaking) -> None:
    at = clock.now()
    answer = speaking.spoken("concern_report", delayed(concern(at)))
    assert speaking.read(VK)
    told_from = answer.family_told_from
    assert told_from is not None
    before = told_from - timedelta(seconds=1)
    for parent in speaking.parents:
        assert seen(speaking, parent, before) == []
        assert seen(speaking, parent, told_from) == ["shared_by_law"]
    assert looks(speaking, before) == []
    assert set(looks(speaking, told_from)) == set(LOOKS)


def test_lines_that_belong_to_no_delay_are_seen_beside_those_that_do(speaking: Speaking) -> None:
    at = clock.now()
    speaking.spoken("concern_report", delayed(concern(at)))
    speaking.spoken("necessity", necessity(at))
    assert looks(speaking, clock.now()) == ["legal_route"]
    speaking.read(VK)
    assert set(looks(speaking, clock.now())) == set(LOOKS)
    assert len(looks(speaking, clock.now())) * 2 == len(looks(speaking, at + timedelta(days=40)))


def test_a_denied_key_of_a_delayed_route_does_not_show_either(speaking: Speaking) -> None:
    at = clock.now()
    answer = speaking.spoken("concern_report", delayed(concern(at)))
    messages = speaking.sealed(VK)
    assert files(speaking, OFFICER, finding(answer, "dpo", "unjustified"))
    speaking.keys(VK, messages)
    assert looks(speaking, clock.now()) == []


def test_what_the_recipient_was_denied_does_not_show_while_the_family_may_not_know(
    speaking: Speaking,
) -> None:
    at = clock.now()
    for partner in (VK, CAW):
        asked = Asked(type="Condition", purpose="safety", patient=speaking.patient(partner))
        assert disclose(speaking.hub, caller(partner), asked, at=at) == ()
    assert looks(speaking, at, "search") == ["search", "search"]
    answer = speaking.spoken("concern_report", delayed(concern(at)))
    assert looks(speaking, clock.now(), "search") == ["search"]
    assert answer.family_told_from is not None
    assert looks(speaking, answer.family_told_from, "search") == ["search", "search"]


def test_a_finding_brings_the_telling_forward_or_puts_it_off(speaking: Speaking) -> None:
    at = clock.now()
    today = clock.brussels_date(at)
    answer = speaking.spoken("concern_report", delayed(concern(at)))
    later = today + timedelta(days=25)
    assert files(speaking, OFFICER, finding(answer, "dpo", "justified", tell_on=later))
    assert seen(speaking, speaking.parents[0], at + timedelta(days=20)) == []
    now = finding(answer, "clinician", "justified", tell_on=today)
    assert files(speaking, CLINICIAN, now)
    assert seen(speaking, speaking.parents[0], clock.now()) == ["shared_by_law"]
    assert looks(speaking, clock.now()) == ["legal_route"]


def test_what_the_family_was_told_cannot_be_hidden_again(speaking: Speaking) -> None:
    at = clock.now()
    answer = speaking.spoken("necessity", necessity(at))
    later = clock.brussels_date(at) + timedelta(days=5)
    assert files(speaking, OFFICER, finding(answer, "dpo", "justified", tell_on=later))
    assert seen(speaking, speaking.parents[0], clock.now()) == ["shared_by_law"]
    assert looks(speaking, clock.now()) == ["legal_route"]


def test_a_child_that_can_decide_is_told_itself_and_its_parents_are_not(speaking: Speaking) -> None:
    at = clock.now().replace(year=2033)
    speaking.spoken("necessity", necessity(at), at=at)
    (row,) = speaking.sql("select person from family_notice")
    assert row.person not in speaking.parents
    (known,) = speaking.sql(
        "select p.id from person p join child_lookup l on l.value_hash = p.insz_hash"
        " where l.kind = 'insz'"
    )
    assert row.person == known.id
