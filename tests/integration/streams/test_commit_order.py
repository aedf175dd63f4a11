"""Rows are numbered when they are written and seen when they are committed: nothing is skipped."""

import random
from concurrent.futures import ThreadPoolExecutor
from time import sleep

from sqlalchemy import text

from gateway import clock
from gateway.exchange.deliveries.seal_delivery import claim_and_seal
from gateway.store import outbox
from gateway.store.engine import Transaction, transaction
from gateway.streams.relay import relay_outbox
from tests.integration.streams.world import (
    READER,
    World,
    allow,
    deliveries,
    first_seen,
    in_topic,
    running,
    until,
    waiting,
)


def one_due(world: World) -> outbox.Due:
    query = text("select resource, version from outbox where kind = 'updated' limit 1")
    with transaction(world.hub.engine) as tx:
        row = tx.execute(query).one()
    return outbox.Due(
        partner=READER,
        child=world.child,
        resource=row.resource,
        version=row.version,
        kind=outbox.UPDATED,
    )


def newest(tx: Transaction) -> int:
    """Return the row that this transaction wrote."""
    query = text("select max(id) from outbox where xid = pg_current_xact_id()")
    return int(tx.execute(query).scalar_one())


def numbered(world: World) -> list[int]:
    """Return the outbox rows of a partner's messages in the order of their numbers."""
    query = text("select outbox from delivery where partner = :partner order by sequence")
    with transaction(world.hub.engine) as tx:
        return list(tx.execute(query, {"partner": READER}).scalars())


def seal(world: World) -> int:
    return len(claim_and_seal(world.hub, limit=100, at=clock.now()))


def test_who_takes_its_id_first_and_commits_last_is_not_skipped(world: World) -> None:
    allow(world)
    seal(world)
    due, before = one_due(world), len(numbered(world))
    with transaction(world.hub.engine) as slow:
        outbox.queue(slow, [due], at=clock.now())
        first = newest(slow)
        with transaction(world.hub.engine) as quick:
            outbox.queue(quick, [due], at=clock.now())
            second = newest(quick)
        assert second > first
        # The later row is there for all to see, and waits: an earlier one may still come.
        assert seal(world) == 0
    assert numbered(world)[before:] == []
    seal(world)
    # Both are of one resource, so they become one message: the newest row's.
    assert numbered(world)[before:] == [second]
    assert states_of(world, first, second) == ["denied", "sealed"]


def states_of(world: World, *rows: int) -> list[str]:
    query = text("select state from outbox where id = any(:rows) order by id")
    with transaction(world.hub.engine) as tx:
        return list(tx.execute(query, {"rows": list(rows)}).scalars())


def test_a_transaction_that_is_rolled_back_holds_up_nothing(world: World) -> None:
    allow(world)
    seal(world)
    due = one_due(world)
    slow = world.hub.engine.connect()
    outbox.queue(slow, [due], at=clock.now())
    with transaction(world.hub.engine) as quick:
        outbox.queue(quick, [due], at=clock.now())
    assert seal(world) == 0
    slow.rollback()
    slow.close()
    assert seal(world) == 1


def test_many_writers_that_commit_in_any_order_lose_nothing(world: World) -> None:
    allow(world)
    due, dice = one_due(world), random.Random()

    def write(_: int) -> int:
        with transaction(world.hub.engine) as tx:
            outbox.queue(tx, [due], at=clock.now())
            mine = newest(tx)
            sleep(dice.random() / 50)
        return mine

    with running(relay_outbox, world.hub), ThreadPoolExecutor(6) as writers:
        written = set(writers.map(write, range(120)))
        until(lambda: waiting(world) == 0)
    assert len(written) == 120
    assert set(states_of(world, *written)) <= {"sealed", "denied"}
    messages = first_seen(in_topic(world))
    assert [one.id for one in messages] == deliveries(world, "sent")
    assert [one.sequence for one in messages] == list(range(1, len(messages) + 1))
    # The last row of all is the newest state, which always goes out.
    assert max(written) in numbered(world)
