"""Members of a recipient's group come and go while messages come: none lost, none applied twice.

They share what they remember (`--state`), as members of one group must. On Apache Kafka only: the
coordinator of the laptop's broker gives the second member nothing when the first one leaves.
"""

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import text

from gateway.store.engine import transaction
from gateway.streams.hub_client import HubClient
from gateway.streams.recipient import Order, Outcome, receive
from gateway.streams.relay import relay_outbox
from tests.integration.streams.world import (
    READER,
    World,
    allow,
    deliveries,
    queue_again,
    running,
    until,
    waiting,
)
from tests.support.more_children import more_children

TURNS = 5
EVERY = ("sealed", "sent", "released", "gone")


@contextmanager
def member(world: World, state: Path, told: list[tuple[str, Outcome]], name: str) -> Iterator[None]:
    """Belong to the group until the block ends, and tell what was applied by whom."""
    stop = Event()
    hub = HubClient(world.hub.settings.issuer, READER, world.keys[READER])
    order = Order(bootstrap=world.bootstrap, state=state)

    def tell(outcome: Outcome) -> None:
        told.append((name, outcome))

    thread = Thread(target=receive, args=(hub, order, tell, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
        hub.close()
        assert not thread.is_alive()


@contextmanager
def queueing(families: list[World]) -> Iterator[Event]:
    """Let something about one of the children be due all the while, until it is enough."""
    over = Event()

    def queue() -> None:
        while not over.wait(0.2):
            queue_again(random.choice(families), times=1)

    traffic = Thread(target=queue)
    traffic.start()
    try:
        yield over
    finally:
        over.set()
        traffic.join()


def children_of(world: World) -> dict[str, str]:
    """Return which child each message is about."""
    with transaction(world.hub.engine) as tx:
        rows = tx.execute(text("select id, child from delivery")).all()
    return {str(row.id): str(row.child) for row in rows}


@pytest.mark.apache
@pytest.mark.timeout(300)
def test_members_that_join_and_leave_lose_nothing_apply_nothing_twice_and_keep_order(
    served: World, tmp_path: Path
) -> None:
    families = [served, *more_children(served, 2)]
    for one in families:
        allow(one)
    told: list[tuple[str, Outcome]] = []
    with running(relay_outbox, served.hub), queueing(families) as over, ExitStack() as last:
        leaving = last.enter_context(ExitStack())
        leaving.enter_context(member(served, tmp_path, told, "0"))
        for turn in range(1, TURNS):
            staying = last.enter_context(ExitStack())
            # It comes while the other one is there, who leaves when it has come.
            staying.enter_context(member(served, tmp_path, told, str(turn)))
            progress(told)
            leaving.close()
            progress(told)
            leaving = staying
        over.set()
        until(lambda: not waiting(served))
        until(lambda: len(told) >= len(deliveries(served, *EVERY)))
    assert_whole(served, [outcome for _, outcome in told])
    # Otherwise nothing was handed over.
    assert len({name for name, _ in told}) >= TURNS - 1


def progress(told: list[tuple[str, Outcome]]) -> None:
    before = len(told)
    until(lambda: len(told) > before)


def assert_whole(world: World, told: list[Outcome]) -> None:
    """Each message once; about each child, and here of all together, in their order."""
    assert sorted(one.id for one in told) == sorted(deliveries(world, *EVERY))
    about = children_of(world)
    for child in set(about.values()):
        numbers = [one.sequence for one in told if about[one.id] == child]
        assert numbers == sorted(numbers)
    assert {one.state for one in told} == {"read"}
