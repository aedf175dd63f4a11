"""The broker is away while messages queue: what waits is bounded, and all of it goes out in order.

DEELREGIE_BROKER_AWAY_SECONDS says for how long (20 unless set; an hour at night).
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import text

from gateway import clock
from gateway.embedded.kafka import Broker as Server
from gateway.exchange.partners.register_way import Way, set_way
from gateway.store.engine import transaction
from tests.integration.streams.world import (
    OTHER,
    RELAY,
    World,
    allow,
    deliveries,
    environment,
    first_seen,
    in_topic,
    queue_again,
    until,
    waiting,
)
from tests.support.hours import most_tries

# Taken out: the programs of the hub refuse settings that they do not know.
AWAY = float(os.environ.pop("DEELREGIE_BROKER_AWAY_SECONDS", "20"))
# Rows about one resource that are claimed together become one message.
QUEUED, AT_ONCE, LEAST = 600, 6, 200
# The loops that speak to the broker, each with a back-off of its own: one lane, and the intake.
LOOPS = 2
EVERY = ("sealed", "sent", "released", "gone")
MORE_MEMORY = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Relay:
    """A background process, and what it logged."""

    process: subprocess.Popen[bytes]
    file: Path

    @property
    def events(self) -> Counter[str]:
        rows = (json.loads(line) for line in self.file.read_text().splitlines())
        return Counter(str(row["event"]) for row in rows)

    @property
    def memory(self) -> int:
        return int(psutil.Process(self.process.pid).memory_info().rss)


@contextmanager
def logged_relay(world: World, file: Path) -> Iterator[Relay]:
    """Run the background process as production does, with its log in a file."""
    with file.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", CONFIGURED + RELAY],
            env=environment(world.hub.settings),
            stderr=log,
        )
        try:
            yield Relay(process, file)
        finally:
            process.terminate()
            assert process.wait(30) == 0


CONFIGURED = """
from gateway.observability import configure_logging
configure_logging("INFO")
"""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.timeout(300 + 2 * AWAY)
def test_what_queues_while_the_broker_is_away_goes_out_in_order_and_disturbs_nobody(
    world: World, broker: Server, tmp_path: Path, record_property: Any
) -> None:
    broker.kill()
    set_way(world.hub, OTHER, Way(way="feed"), at=clock.now())
    for partner in (OTHER,):
        allow(world, partner)
    allow(world)
    with logged_relay(world, tmp_path / "relay.log") as relay:
        until(lambda: "broker_unavailable" in relay.events)
        until(lambda: not unsent(world, OTHER))
        memory, begun = relay.memory, time.monotonic()
        for turn in range(QUEUED // AT_ONCE):
            queue_again(world, times=AT_ONCE)
            queue_again(world, times=1, partner=OTHER)
            # A service that needs no broker has its message in a moment, all the while.
            until(lambda: not unsent(world, OTHER), seconds=30)
            rest = begun + AWAY * (turn + 1) / (QUEUED // AT_ONCE) - time.monotonic()
            time.sleep(max(0.0, rest))
        away = time.monotonic() - begun
        grown, events = relay.memory - memory, relay.events
        assert not deliveries(world, "sent")
        broker.start()
        until(lambda: waiting(world) == 0, seconds=60 + AWAY)
        drained = relay.events
    messages = in_topic(world)
    assert [one.id for one in first_seen(messages)] == deliveries(world, "sent")
    numbers = [one.sequence for one in first_seen(messages)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= LEAST
    record_property("seen", {"away": away, "grown": grown, "events": dict(events)})
    assert events["broker_unavailable"] <= LOOPS * most_tries(away + 10)
    assert grown < MORE_MEMORY
    assert drained["loop_restarted"] == 0
    assert set(events) <= {"worker_started", "broker_unavailable", "feed_filled", "log_integrated"}


def unsent(world: World, partner: str) -> int:
    """How much of a service waits."""
    query = text(
        "select (select count(*) from outbox where state = 'due' and partner = :partner)"
        " + (select count(*) from delivery where state = 'sealed' and partner = :partner)"
    )
    with transaction(world.hub.engine) as tx:
        return int(tx.execute(query, {"partner": partner}).scalar_one())
