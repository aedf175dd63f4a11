"""A webhook tells a number and nothing of anybody; whoever is called can do the hub no harm."""

import base64
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from joserfc import jwk, jws
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it carries no types

from gateway import clock
from gateway.errors import InvalidRequest
from gateway.exchange.deliveries.ring_webhook import GIVE_UP, LEASE, pause, ring_ended, rings_due
from gateway.exchange.partners.register_way import Way, set_way, ways
from gateway.identity.jose import public_part
from gateway.store.receiving import Receiving
from gateway.streams import webhook_call
from gateway.streams.webhook_call import call_webhook
from gateway.streams.webhooks import call_the_webhooks
from tests.integration.receiving.desk import Desk, later
from tests.integration.receiving.hook import Call, Hook, listening_hook
from tests.integration.streams.world import running, until
from tests.support.family_world import CAW, CLB

SCHEMA = "schemas/events/feed-advanced.v1.schema.json"


@pytest.fixture
def hook() -> Iterator[Hook]:
    with listening_hook() as found:
        yield found


def state(desk: Desk, partner: str = CLB) -> Receiving:
    return ways(desk.hub)[partner]


def ring(desk: Desk, *, at: datetime) -> list[str | None]:
    """Do one round of what the loop does, at an instant; return how each call ended."""
    ended: list[str | None] = []
    for one in rings_due(desk.hub, at=at):
        ended.append(call_webhook(one, loopback=True))
        ring_ended(desk.hub, one, ended[-1], at=at)
    return ended


def verified(desk: Desk, call: Call) -> dict[str, Any]:
    """Check a call as a recipient does: the hub's published key, over id, time and body."""
    head, _, tail = call.headers["webhook-signature"].split(".")
    signed = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode()
    payload = base64.urlsafe_b64encode(signed + call.body).rstrip(b"=").decode()
    key = json.loads(desk.hub.settings.signing_key.get_secret_value())
    keys = jwk.ECKey.import_key(public_part(key))
    found = jws.deserialize_compact(f"{head}.{payload}.{tail}", keys, algorithms=["ES256"])
    assert found.protected["typ"] == "webhook+jws"
    body: dict[str, Any] = json.loads(call.body)
    return body


def test_a_service_is_told_how_far_its_feed_is_and_signed(desk: Desk, hook: Hook) -> None:
    desk.receives("webhook", url=hook.url)
    desk.allow()
    moved = desk.fill()
    with running(call_the_webhooks, desk.hub):
        until(lambda: state(desk).told_sequence == moved)
    (call,) = hook.calls
    body = verified(desk, call)
    assert body["data"] == {"partner": CLB, "latest": moved}
    assert body["id"] == call.headers["webhook-id"]
    with open(SCHEMA, "rb") as file:  # noqa: PTH123
        Draft202012Validator(json.load(file)).validate(body)
    assert str(desk.world.child) not in call.body.decode()
    assert [one.sequence for one in desk.page().events] == list(range(1, moved + 1))


def test_nothing_new_is_no_call(desk: Desk, hook: Hook) -> None:
    desk.receives("webhook", url=hook.url)
    assert ring(desk, at=clock.now()) == []
    desk.allow()
    desk.fill()
    assert ring(desk, at=clock.now()) == [None]
    assert ring(desk, at=later(hours=1)) == []


def test_a_failed_call_is_made_again_under_the_same_id(desk: Desk, hook: Hook) -> None:
    hook.status = 500
    desk.receives("webhook", url=hook.url)
    desk.allow()
    desk.fill()
    assert ring(desk, at=clock.now()) == ["answered_500"]
    assert ring(desk, at=clock.now()) == []
    hook.status = 200
    assert ring(desk, at=later(minutes=1)) == [None]
    assert len({call.headers["webhook-id"] for call in hook.calls}) == 1
    assert state(desk).failing_since is None


def test_a_call_that_nobody_said_the_end_of_is_made_again(desk: Desk, hook: Hook) -> None:
    desk.receives("webhook", url=hook.url)
    desk.allow()
    desk.fill()
    now = clock.now()
    assert len(rings_due(desk.hub, at=now)) == 1
    assert rings_due(desk.hub, at=now) == ()
    assert len(rings_due(desk.hub, at=now + LEASE)) == 1


def test_after_three_days_nobody_is_called_until_an_operator_says_so(
    desk: Desk, hook: Hook
) -> None:
    hook.status = 503
    desk.receives("webhook", url=hook.url)
    desk.allow()
    desk.fill()
    first = clock.now()
    ring(desk, at=first)
    assert ring(desk, at=first + GIVE_UP) == ["answered_503"]
    assert state(desk).parked_at is not None
    assert ring(desk, at=first + 2 * GIVE_UP) == []
    hook.status = 200
    desk.receives("webhook", url=hook.url)
    assert ring(desk, at=first + 2 * GIVE_UP) == [None]


def test_who_says_gone_is_called_no_more(desk: Desk, hook: Hook) -> None:
    hook.status = 410
    desk.receives("webhook", url=hook.url)
    desk.allow()
    desk.fill()
    assert ring(desk, at=clock.now()) == ["gone"]
    assert state(desk).parked_at is not None


def test_a_redirect_is_not_followed(desk: Desk, hook: Hook) -> None:
    hook.status, hook.headers = 307, {"location": "/elsewhere"}
    desk.receives("webhook", url=hook.url)
    desk.allow()
    desk.fill()
    assert ring(desk, at=clock.now()) == ["answered_307"]
    assert [call.path for call in hook.calls] == ["/hook"]


def test_who_answers_slowly_is_left_and_delays_nobody(
    desk: Desk, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_call, "CALL_SECONDS", 3.0)
    hook.drips = 20.0
    with listening_hook() as other:
        desk.receives("webhook", url=hook.url, partner=CAW)
        desk.receives("webhook", url=other.url)
        desk.allow()
        desk.allow(to=CAW)
        desk.fill()
        with running(call_the_webhooks, desk.hub):
            until(lambda: bool(hook.calls) and state(desk).told_sequence > 0)
            assert state(desk, CAW).trouble is None
            until(lambda: state(desk, CAW).trouble == "too_slow")


def test_a_name_that_leads_inside_later_is_not_called(
    desk: Desk, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.receives("webhook", url=hook.url.replace("127.0.0.1", "localhost"))
    desk.allow()
    desk.fill()
    (one,) = rings_due(desk.hub, at=clock.now())
    assert call_webhook(one) == "not_public"
    renamed = replace(one, url="https://hook.example/")
    inside = [(0, 0, 0, "", ("169.254.169.254", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: inside)
    assert call_webhook(renamed, loopback=True) == "not_public"
    assert hook.calls == []


def test_nobody_listening_is_a_failed_call(desk: Desk) -> None:
    desk.receives("webhook", url="http://127.0.0.1:1/")
    desk.allow()
    desk.fill()
    assert ring(desk, at=clock.now()) == ["no_answer"]


@pytest.mark.parametrize(
    "wanted",
    [
        Way(way="pigeon"),
        Way(way="webhook"),
        Way(way="feed", webhook="https://hook.example/"),
        Way(way="webhook", webhook="http://10.0.0.1/"),
        Way(way="webhook", webhook="https://169.254.169.254/latest/meta-data"),
    ],
)
def test_a_way_that_cannot_be_is_refused_when_it_is_registered(desk: Desk, wanted: Way) -> None:
    with pytest.raises(InvalidRequest):
        set_way(desk.hub, CLB, wanted, at=clock.now())


def test_pauses_double_up_to_an_hour_and_are_never_in_step() -> None:
    pauses = [pause(attempt).total_seconds() for attempt in range(1, 40)]
    for attempt, seconds in enumerate(pauses):
        whole = min(2.0 * 2**attempt, 3600.0)
        assert whole / 2 <= seconds <= whole
    assert len(set(pauses)) == len(pauses)
