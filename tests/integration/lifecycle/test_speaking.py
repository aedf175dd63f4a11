"""A holder speaks without consent: what goes, to whom, for how long, and what never goes."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from gateway import clock
from gateway.exchange.calendar.keep_calendar import keep_calendar
from gateway.exchange.legal_routes.invoke_route import (
    Invoked,
    KeyReused,
    NotYours,
    UnknownRecipient,
)
from gateway.store import children, resources
from gateway.store.engine import transaction
from gateway.store.resources import NewVersion
from tests.integration.lifecycle.speaking import (
    CAW,
    CLB,
    HOSPITAL,
    OTHER_CLB,
    VAPH,
    VK,
    Speaking,
    hub,
    speaking,
)
from tests.support.route_records import CANARY, concern, day, necessity, transfer, unanswered

__all__ = ["hub", "speaking"]


def states(answer: Invoked) -> set[tuple[str, str]]:
    return {(one.state, one.rule) for one in answer.resources}


def add(
    speaking: Speaking, data_class: str, *, by: str = CLB, flags: frozenset[str] = frozenset()
) -> str:
    """Let a source have told something of a class that no adapter makes; return its id there."""
    now = clock.now()
    with transaction(speaking.hub.engine) as tx:
        key = children.key_of(tx, speaking.hub.vault, speaking.child)
        assert key is not None
        (receipt,) = speaking.sql("select id from receipt where partner = :by", by=by)[0]
        new = NewVersion(
            child=speaking.child,
            partner=by,
            type="Observation",
            data_class=data_class,
            about=frozenset({"child"}),
            flags=flags,
            layer=resources.ASSERTION,
            key_hash=uuid4().bytes,
            asserted_at="2026",
            content=json.dumps({"resourceType": "Observation", "status": "final"}).encode(),
            receipt=receipt,
        )
        (made,) = resources.save(tx, key, [new], at=now)
    return speaking.hub.vault.pairwise(by, made)


@pytest.mark.parametrize(
    ("ground", "written", "way", "rule"),
    [
        ("necessity", necessity, (VAPH, VK, "safety"), "L3"),
        ("concern_report", concern, (CLB, VK, "safety"), "L4"),
        ("unanswered", unanswered, (CLB, CAW, "safety"), "L6"),
        ("clb_transfer", transfer, (CLB, OTHER_CLB, "transfer"), "L1"),
    ],
)
def test_what_the_holder_says_reaches_the_recipient_and_nothing_else_does(
    speaking: Speaking, ground: str, written: Any, way: tuple[str, str, str], rule: str
) -> None:
    by, to, purpose = way
    named = speaking.of(by, "functional")
    answer = speaking.spoken(
        ground, written(clock.now()), by=by, to=to, resources=named, purpose=purpose
    )
    assert states(answer) == {("goes", rule)}
    opened = speaking.read(to)
    assert len(opened) == len(named) > 1
    labels = {label["code"] for one in opened for label in one["meta"]["security"]}
    assert "functional" in labels
    assert not labels & {"diagnosis", "identity", "logistics"}
    assert {one["subject"]["reference"] for one in opened} == {f"Patient/{speaking.patient(to)}"}
    line = speaking.lines("legal_route")[-1]
    assert (line.partner, line.outcome, line.rules) == (by, "permit", [rule])
    assert f"to/{to}" in line.resources
    released = [one for one in speaking.lines("key_release") if one.outcome == "permit"]
    assert {rule} == {found for one in released for found in one.rules}


def test_who_is_warned_knows_whom_it_is_about_but_gets_no_number(speaking: Speaking) -> None:
    speaking.spoken("concern_report", concern(clock.now()), resources=speaking.of(CLB, "identity"))
    (child,) = speaking.read(VK)
    assert child["name"][0]["given"] == ["Noor"]
    assert child["id"] == speaking.patient(VK)
    assert "identifier" not in child
    assert speaking.family.child not in str(child)


def test_only_own_statements_of_a_known_child_can_be_spoken_of(speaking: Speaking) -> None:
    at = clock.now()
    foreign = tuple(
        speaking.hub.vault.pairwise(CLB, found)
        for (found,) in speaking.sql("select id from resource where partner = :by", by=VAPH)
    )
    for named in (foreign[:1], ("0" * 32,), ("Noor",), (*speaking.of(CLB, "functional"), "x")):
        assert isinstance(speaking.speak("necessity", necessity(at), resources=named), NotYours)
    assert isinstance(speaking.speak("necessity", necessity(at), to="nobody"), UnknownRecipient)
    assert isinstance(speaking.speak("necessity", necessity(at), to=CLB), UnknownRecipient)
    assert speaking.sql("select * from legal_route") == []
    assert speaking.read(VK) == []


def test_a_no_of_the_family_does_not_stop_danger_from_being_told(speaking: Speaking) -> None:
    speaking.decide("refuse")
    speaking.decide("exclude")
    assert states(speaking.spoken("necessity", necessity(clock.now()))) == {("goes", "L3")}
    assert speaking.read(VK)


def test_a_no_of_the_family_stops_what_nobody_answered(speaking: Speaking) -> None:
    speaking.decide("refuse", to=CAW)
    answer = speaking.spoken("unanswered", unanswered(clock.now()), to=CAW)
    assert states(answer) == {("stays", "L6b")}
    assert answer.route is None
    assert speaking.sql("select * from legal_route") == []
    assert speaking.read(CAW) == []
    assert speaking.lines("legal_route")[-1].outcome == "deny"


def test_a_no_that_was_the_answer_is_no_silence(speaking: Speaking) -> None:
    written = unanswered(clock.now()) | {"outcome": "refused"}
    assert states(speaking.spoken("unanswered", written, to=CAW)) == {("stays", "L6b")}


def test_a_no_that_comes_after_the_sealing_still_stops_the_key(speaking: Speaking) -> None:
    speaking.spoken("unanswered", unanswered(clock.now()), to=CAW)
    messages = speaking.sealed(CAW)
    assert messages
    speaking.decide("refuse", to=CAW)
    assert {one.state for one in speaking.keys(CAW, messages)} == {"gone"}
    assert speaking.sql("select 1 from delivery where wrapped_key is not null") == []


def test_a_no_that_comes_before_the_sealing_stops_the_message(speaking: Speaking) -> None:
    speaking.spoken("unanswered", unanswered(clock.now()), to=CAW)
    speaking.decide("refuse", to=CAW)
    assert speaking.sealed(CAW) == {}


def test_a_service_that_is_no_youth_help_cannot_report_concern_or_go_without_answer(
    speaking: Speaking,
) -> None:
    at = clock.now()
    for ground, written, to in (
        ("concern_report", concern(at), VK),
        ("unanswered", unanswered(at), CAW),
    ):
        answer = speaking.spoken(ground, written, by=VAPH, to=to)
        assert {one.state for one in answer.resources} == {"stays"}
    report = speaking.spoken("concern_report", concern(at), to=CAW)
    assert {one.state for one in report.resources} == {"stays"}


def test_a_secret_address_and_the_name_of_a_reporter_never_go(speaking: Speaking) -> None:
    named = (
        add(speaking, "placement"),
        add(speaking, "concern", flags=frozenset({"reporter"})),
        *speaking.of(CLB, "functional"),
    )
    for ground, written in (("necessity", necessity), ("concern_report", concern)):
        answer = speaking.spoken(ground, written(clock.now()), resources=named)
        told = {one.id: (one.state, one.rule) for one in answer.resources}
        assert told[named[0]] == ("stays", "H1")
        assert told[named[1]] == ("stays", "H4")
        assert {told[one][0] for one in named[2:]} == {"goes"}
    labels = {part["code"] for one in speaking.read(VK) for part in one["meta"]["security"]}
    assert labels
    assert speaking.lines("legal_route")[-1].outcome == "redact"


def test_a_national_number_goes_to_nobody_who_may_not_use_it(speaking: Speaking) -> None:
    named = (add(speaking, "national_number"),)
    with transaction(speaking.hub.engine) as tx:
        children.start_care(tx, speaking.child, CAW, at=clock.now())
    for to, state in ((CAW, ("stays", "H6")), (VK, ("goes", "L3"))):
        answer = speaking.spoken("necessity", necessity(clock.now()), to=to, resources=named)
        assert states(answer) == {state}


def test_after_its_last_day_nothing_goes_any_more(speaking: Speaking) -> None:
    at = clock.now()
    answer = speaking.spoken("necessity", necessity(at))
    messages = speaking.sealed(VK)
    assert answer.ends_at is not None
    before, after = answer.ends_at - timedelta(seconds=1), answer.ends_at
    assert {one.state for one in speaking.keys(VK, messages, at=before)} == {"released"}
    assert {one.state for one in speaking.keys(VK, messages, at=after)} == {"gone"}
    assert {one.state for one in speaking.keys(VK, messages, at=at)} == {"gone"}


def test_a_route_that_is_over_before_it_is_sealed_sends_nothing(speaking: Speaking) -> None:
    answer = speaking.spoken("necessity", necessity(clock.now()))
    assert speaking.sealed(VK, at=answer.ends_at) == {}


def test_the_keys_of_overdue_routes_are_destroyed_without_anybody_asking(
    speaking: Speaking,
) -> None:
    answer = speaking.spoken("necessity", necessity(clock.now()))
    assert speaking.sealed(VK)
    assert answer.ends_at is not None
    assert routes_ended(speaking, answer.ends_at - timedelta(seconds=1)) == 0
    assert routes_ended(speaking, answer.ends_at) == 1
    assert routes_ended(speaking, answer.ends_at) == 0
    assert speaking.sql("select 1 from delivery where wrapped_key is not null") == []


def test_what_waits_on_an_overdue_route_is_stopped_with_it(speaking: Speaking) -> None:
    told_today = transfer(clock.now(), notified=0)
    answer = speaking.spoken("clb_transfer", told_today, to=OTHER_CLB, purpose="transfer")
    assert answer.ends_at is not None
    speaking.sealed(OTHER_CLB)
    assert "held" in {one.state for one in speaking.sql("select state from outbox")}
    assert routes_ended(speaking, answer.ends_at) == 1
    waits = "select 1 from outbox where state in ('due', 'held') and route is not null"
    assert speaking.sql(waits) == []


def routes_ended(speaking: Speaking, at: datetime) -> int:
    return keep_calendar(speaking.hub, at=at)["routes_ended"]


def test_a_repeat_is_the_same_route_and_a_reused_key_is_refused(speaking: Speaking) -> None:
    at = clock.now()
    first = speaking.spoken("necessity", necessity(at), key="one")
    again = speaking.spoken("necessity", necessity(at), key="one")
    assert again == replace(first, repeated=True)
    assert isinstance(speaking.speak("concern_report", concern(at), key="one"), KeyReused)
    assert len(speaking.sql("select 1 from legal_route")) == 1
    assert len(speaking.read(VK)) == len(first.resources)
    # Without a key the same content is the same route, as at intake.
    assert speaking.spoken("concern_report", concern(at)).repeated is False
    assert speaking.spoken("concern_report", concern(at)).repeated is True


def test_a_suspended_recipient_or_source_gets_and_says_nothing(speaking: Speaking) -> None:
    for partner in (VK, CLB):
        speaking.sql("update partner set status = 'suspended' where id = :one", one=partner)
        answer = speaking.spoken("necessity", necessity(clock.now()))
        assert states(answer) == {("stays", "G1")}
        speaking.sql("update partner set status = 'active' where id = :one", one=partner)


def test_a_transfer_waits_ten_days_and_then_goes(speaking: Speaking) -> None:
    at = clock.now()
    answer = speaking.spoken(
        "clb_transfer", transfer(at, notified=0), to=OTHER_CLB, purpose="transfer"
    )
    assert states(answer) == {("waits", "R4")}
    assert speaking.sealed(OTHER_CLB) == {}
    assert {one.state for one in speaking.sql("select state from outbox")} == {"held"}
    assert speaking.lines("legal_route")[-1].outcome == "hold"
    for days, goes in ((9, False), (11, True)):
        later = at + timedelta(days=days)
        speaking.sql("update outbox set state = 'due' where state = 'held'")
        assert bool(speaking.sealed(OTHER_CLB, at=later)) is goes
    assert {one.state for one in speaking.sql("select state from outbox")} == {"sealed"}


def test_an_objection_leaves_only_who_the_pupil_is(speaking: Speaking) -> None:
    at = clock.now()
    named = speaking.of(CLB, "identity", "functional")
    speaking.spoken(
        "clb_transfer",
        transfer(at, notified=0),
        to=OTHER_CLB,
        purpose="transfer",
        resources=named,
    )
    assert [one["resourceType"] for one in speaking.read(OTHER_CLB)] == ["Patient"]
    for parent in speaking.parents:
        speaking.decide("object", to=None, by=parent)
    speaking.sql("update outbox set state = 'due' where state = 'held'")
    assert speaking.sealed(OTHER_CLB, at=at + timedelta(days=12)) == {}
    assert {one.state for one in speaking.sql("select state from outbox")} == {"sealed", "denied"}


def test_what_the_family_lets_go_anyway_needs_no_route(
    speaking: Speaking,
) -> None:
    at = clock.now()
    for parent in speaking.parents:
        speaking.sql(
            "insert into consent (id, child, person, effect, classes, purpose, partner, since,"
            " until, wording_id, wording_version, wording_language, wording_sha256, channel)"
            " values (:id, :child, :person, 'grant', '{functional}', 'care', :to, :at, :until,"
            " 'share', '1', 'nl', '', 'portal')",
            id=uuid4(),
            child=speaking.child,
            person=parent,
            to=CAW,
            at=at - timedelta(minutes=1),
            until=date.fromisoformat(day(at, 90)),
        )
    with transaction(speaking.hub.engine) as tx:
        children.start_care(tx, speaking.child, CAW, at=at - timedelta(minutes=1))
    # Nobody may report concern to a CAW, but the family lets it have this.
    answer = speaking.spoken("concern_report", concern(at), to=CAW, purpose="care")
    assert states(answer) == {("goes", "K1")}
    assert answer.route is None
    assert speaking.sql("select * from outbox") == []
    assert speaking.sql("select * from legal_route") == []


def test_nothing_of_the_record_is_readable_in_the_database(speaking: Speaking) -> None:
    at = clock.now()
    speaking.spoken("necessity", necessity(at))
    speaking.spoken("concern_report", concern(at))
    for table in ("legal_route", "access_log", "outbox", "family_notice"):
        told = str(speaking.sql(f"select * from {table}"))
        assert told != "[]"
        assert CANARY not in told
        assert CANARY.encode().hex() not in told


def test_a_hospital_cannot_be_spoken_to_about_more_than_was_named(speaking: Speaking) -> None:
    speaking.spoken("necessity", necessity(clock.now()), to=HOSPITAL)
    assert len(speaking.read(HOSPITAL)) == len(speaking.of(CLB, "functional"))
    assert len(speaking.sql("select 1 from outbox")) == len(speaking.of(CLB, "functional"))
