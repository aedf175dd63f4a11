"""Pulling over HTTP: the recipient's program, the client to copy, and what the hub refuses."""

import json
import subprocess
import sys
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event

from gateway import clock
from gateway.exchange.partners.register_partner import set_partner_status
from gateway.streams.hub_client import HubRefusedError
from gateway.streams.recipient import Order, Outcome, receive
from tests.integration.receiving.desk import Desk
from tests.support.family_world import CLB

EXAMPLE = Path("docs/examples/receive_feed.py")


def received(desk: Desk, folder: Path, **more: Any) -> list[Outcome]:
    told: list[Outcome] = []
    order = Order(feed=True, state=folder, once=True, seconds=60, **more)
    with desk.client() as hub:
        receive(hub, order, told.append, Event())
    return told


def test_the_program_reads_the_feed_once_and_goes_on_where_it_stopped(
    served: Desk, tmp_path: Path
) -> None:
    consent = served.allow()
    moved = served.fill()
    first, rest = received(served, tmp_path, count=1), received(served, tmp_path)
    assert [one.sequence for one in first + rest] == list(range(1, moved + 1))
    assert {one.state for one in first + rest} == {"read"}
    served.stop(consent)
    served.fill()
    (notice,) = received(served, tmp_path)
    assert json.loads(notice.content) == {"withdrawn": [one.id for one in first + rest]}
    assert received(served, tmp_path) == []


def test_what_was_stopped_before_it_was_pulled_is_gone(served: Desk, tmp_path: Path) -> None:
    consent = served.allow()
    served.fill()
    served.stop(consent)
    told = received(served, tmp_path)
    assert told
    assert {(one.state, one.content) for one in told} == {("gone", b"null")}


def test_the_client_to_copy_is_short_and_does_what_the_program_does(
    served: Desk, tmp_path: Path
) -> None:
    assert len(EXAMPLE.read_text().splitlines()) <= 70
    served.allow()
    moved = served.fill()
    key, state = tmp_path / "private.jwk", tmp_path / "state.json"
    key.write_text(json.dumps(served.key))
    issuer = served.hub.settings.issuer
    command = [sys.executable, str(EXAMPLE), issuer, CLB, str(key), str(state), "--once"]
    said = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
    lines = [json.loads(line) for line in said.splitlines()]
    assert len(lines) == moved
    assert {one["content"]["resourceType"] for one in lines} == {"Bundle"}
    assert subprocess.run(command, check=True, capture_output=True, timeout=60).stdout == b""


def test_each_event_is_a_cloudevent(served: Desk) -> None:
    served.allow()
    served.fill()
    answer = served.ask("GET", "/feed?limit=2")
    assert answer.headers["cache-control"] == "no-store"
    for one in answer.json()["events"]:
        assert "subject" not in one
        message = HTTPMessage({"content-type": "application/cloudevents+json"}, json.dumps(one))  # type: ignore[arg-type]
        assert from_structured_event(message).get_id() == one["id"]


def test_a_question_that_waits_is_answered_when_something_comes(served: Desk) -> None:
    with served.client() as hub:
        assert hub.feed(after=0, wait=1) == {"events": [], "next": 0, "more": False}
    served.allow()
    served.fill()
    with served.client() as hub:
        assert hub.feed(after=0, wait=25)["events"]


@pytest.mark.parametrize(
    "asked", ["after=-1", "after=9223372036854775808", "limit=0", "limit=101", "wait=26", "x=1"]
)
def test_a_question_that_is_not_agreed_is_refused(served: Desk, asked: str) -> None:
    assert served.ask("GET", f"/feed?{asked}").status_code == 400


def test_a_number_from_the_future_is_a_conflict(served: Desk) -> None:
    answer = served.ask("GET", "/feed?after=7")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_who_asks_too_often_waits(served: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.api.pace.A_SECOND", 0.0)
    answers = [served.ask("GET", "/feed") for _ in range(21)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert answers[-1].headers["retry-after"] == "1"


def test_a_token_of_before_a_suspension_opens_no_feed(served: Desk) -> None:
    with served.client() as hub:
        assert hub.feed(after=0)["events"] == []
        set_partner_status(served.hub, CLB, "suspended", at=clock.now())
        with pytest.raises(HubRefusedError) as refused:
            hub.feed(after=0)
    assert refused.value.status == 403
