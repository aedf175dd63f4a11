"""A recipient reads what it may, is told plainly what it may not, and never does a thing twice."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from gateway import clock
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.streams.hub_client import HubClient
from gateway.streams.recipient import Order, Outcome, receive
from gateway.streams.relay import relay_outbox
from tests.integration.streams.world import (
    READER,
    World,
    allow,
    deliveries,
    running,
    until,
    waiting,
)


@contextmanager
def client(world: World, partner: str = READER) -> Iterator[HubClient]:
    hub = HubClient(world.hub.settings.issuer, partner, world.keys[partner])
    try:
        yield hub
    finally:
        hub.close()


def read(
    world: World, *, state: Path | None = None, count: int | None = None, seconds: float = 60
) -> list[Outcome]:
    told: list[Outcome] = []
    order = Order(bootstrap=world.bootstrap, state=state, once=True, count=count, seconds=seconds)
    with client(world) as hub:
        assert receive(hub, order, told.append, Event()) == len(told)
    return told


def relayed(world: World) -> None:
    with running(relay_outbox, world.hub):
        until(lambda: waiting(world) == 0)


def test_it_reads_what_the_family_allows_in_the_order_it_was_sent(served: World) -> None:
    allow(served)
    relayed(served)
    sent = deliveries(served, "sent")
    told = read(served)
    assert [one.id for one in told] == sent
    assert {one.state for one in told} == {"read"}
    types = {json.loads(one.content)["entry"][0]["resource"]["resourceType"] for one in told}
    assert "Condition" in types
    assert deliveries(served, "released") == sent


def test_a_withdrawn_message_that_lies_in_the_topic_can_no_longer_be_read(served: World) -> None:
    consent = allow(served)
    relayed(served)
    assert withdraw_consent(served.hub, served.parent, consent, at=clock.now())
    told = read(served)
    assert told
    assert {(one.state, one.content) for one in told} == {("gone", b"null")}


def test_a_reader_is_told_what_to_remove_when_the_family_stops(
    served: World, tmp_path: Path
) -> None:
    consent = allow(served)
    relayed(served)
    before = [one.id for one in read(served, state=tmp_path)]
    assert withdraw_consent(served.hub, served.parent, consent, at=clock.now())
    relayed(served)
    (notice,) = read(served, state=tmp_path)
    assert notice.state == "notice"
    assert json.loads(notice.content) == {"withdrawn": before}


def test_what_was_dealt_with_is_not_told_again_even_if_the_group_forgot(
    served: World, tmp_path: Path
) -> None:
    allow(served)
    relayed(served)
    assert read(served, state=tmp_path)
    order = Order(
        bootstrap=served.bootstrap, state=tmp_path, group="new-group", once=True, seconds=60
    )
    with client(served) as hub:
        assert receive(hub, order, print, Event()) == 0


def test_it_goes_on_where_it_stopped(served: World) -> None:
    allow(served)
    relayed(served)
    sent = deliveries(served, "sent")
    first, rest = read(served, count=1), read(served)
    assert [one.id for one in first + rest] == sent
    assert len(first) == 1
