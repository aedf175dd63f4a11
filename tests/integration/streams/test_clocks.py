"""Processes whose clocks differ, and a relay that has too much to do to notice what it lost."""

from datetime import timedelta
from threading import Event, Thread

import pytest
from sqlalchemy import text

from gateway import clock
from gateway.exchange.deliveries.release_key import release_keys
from gateway.exchange.deliveries.seal_delivery import claim_and_seal
from gateway.identity.callers import PartnerCaller
from gateway.store.engine import transaction
from gateway.streams import relay
from gateway.streams.relay import relay_outbox
from tests.integration.streams.world import READER, World, allow
from tests.support.more_children import more_children


def test_a_key_that_is_asked_where_the_clock_is_behind_is_not_destroyed(world: World) -> None:
    allow(world)
    sealed = claim_and_seal(world.hub, limit=100, at=clock.now())
    ids = [one.delivery for one in sealed]
    caller = PartnerCaller(partner=READER, scopes=frozenset())
    behind = clock.now() - timedelta(minutes=5)
    assert {one.state for one in release_keys(world.hub, caller, ids, at=behind)} == {"released"}


def test_a_row_that_was_queued_where_the_clock_is_ahead_moves_no_other_child_s_decision(
    world: World,
) -> None:
    (other,) = more_children(world, 1)
    for one in (world, other):
        allow(one)
    with transaction(world.hub.engine) as tx:
        ahead = "update outbox set queued_at = queued_at + interval '1 year' where child = :child"
        tx.execute(text(ahead), {"child": other.child})
    at = clock.now() + timedelta(hours=1)
    claim_and_seal(world.hub, limit=100, at=at)
    with transaction(world.hub.engine) as tx:
        found = tx.execute(text("select child, sealed_at from delivery")).all()
        logged = tx.execute(text("select child, at from access_log where act = 'route'")).all()
    assert {(row.child, row.sealed_at) for row in found} == {(world.child, at)}
    assert (world.child, at) in {(row.child, row.at) for row in logged}


def test_a_message_that_was_sealed_where_the_clock_is_ahead_destroys_no_other_child_s_key(
    world: World,
) -> None:
    (other,) = more_children(world, 1)
    for one in (world, other):
        allow(one)
    sealed = claim_and_seal(world.hub, limit=100, at=clock.now())
    with transaction(world.hub.engine) as tx:
        ahead = "update delivery set sealed_at = sealed_at + interval '1 year' where child = :child"
        tx.execute(text(ahead), {"child": other.child})
    caller = PartnerCaller(partner=READER, scopes=frozenset())
    release_keys(world.hub, caller, [one.delivery for one in sealed], at=clock.now())
    with transaction(world.hub.engine) as tx:
        query = text("select distinct child from delivery where state = 'released'")
        assert set(tx.execute(query).scalars()) == {world.child}


def test_a_relay_whose_lanes_are_full_notices_that_it_may_send_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay._Lanes, "full", lambda _: frozenset({READER}))
    ended: list[Exception] = []

    def run() -> None:
        try:
            relay_outbox(world.hub, stop)
        except Exception as error:  # noqa: BLE001 -- which one is what is looked at
            ended.append(error)

    stop = Event()
    thread = Thread(target=run)
    thread.start()
    try:
        for _ in range(100):
            if _relays(world):
                break
            stop.wait(0.05)
        with transaction(world.hub.engine) as tx:
            assert tx.execute(text(f"select pg_terminate_backend(pid) {_HOLDERS}")).all()
        thread.join(2 * relay.LOOK_SECONDS + 3)
        assert ended
    finally:
        stop.set()
        thread.join()


_HOLDERS = (
    "from pg_locks where locktype = 'advisory' and objsubid = 1 and granted and database ="
    " (select oid from pg_database where datname = current_database()) and mode = 'ExclusiveLock'"
)


def _relays(world: World) -> int:
    with transaction(world.hub.engine) as tx:
        return len(tx.execute(text(f"select pid {_HOLDERS}")).all())
