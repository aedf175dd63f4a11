"""The calendar may be kept by anybody at any time: several at once, or by one that was killed."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from gateway.exchange.calendar import keep_calendar as calendar_case
from gateway.exchange.calendar.keep_calendar import keep_calendar
from gateway.exchange.hub import Hub, open_hub
from gateway.store import children
from gateway.store.children import ChildFacts
from gateway.store.engine import transaction
from tests.integration.lifecycle.world import START, World, brussels
from tests.integration.streams.world import environment

TWELVE = date(2026, 4, 10)
PEOPLE = 40
# Slow enough to be killed in the middle; the child of one transaction is whole or not at all.
SLOWLY = """
import sys, time
from datetime import datetime
from gateway.exchange.calendar import keep_calendar as case
from gateway.exchange.hub import open_hub
from gateway.settings import load_settings
whole = case.keep_ages
def slow(*given, **more):
    done = whole(*given, **more)
    time.sleep(0.05)
    return done
case.keep_ages = slow
case.keep_calendar(open_hub(load_settings()), at=datetime.fromisoformat(sys.argv[1]))
"""


def more_children(world: World, many: int = PEOPLE) -> set[UUID]:
    """Let many children be born on one day, each with the same mother."""
    with transaction(world.hub.engine) as tx:
        made = set()
        for _ in range(many):
            facts = ChildFacts(born="2014-04-10", given="")
            made.add(children.create(tx, world.hub.vault, facts, at=START))
        return made


def birthdays(world: World) -> list[UUID]:
    """Return the children in the log, one for each birthday."""
    with transaction(world.hub.engine) as tx:
        query = text("select child from access_log where act = 'age_event' order by id")
        return list(tx.execute(query).scalars())


def test_two_that_keep_it_at_the_same_time_do_everything_once(world: World) -> None:
    made = more_children(world)
    given = world.grant(until=TWELVE - timedelta(days=1))
    world.send()
    world.read()
    start = Barrier(3)

    def keep(_: int) -> dict[str, int]:
        hub = open_hub(world.hub.settings)
        start.wait()
        try:
            return keep_calendar(hub, at=brussels(TWELVE))
        finally:
            hub.engine.dispose()

    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(keep, range(3)))
    assert sorted(birthdays(world)) == sorted(made)
    assert sum(one["age_events"] for one in done) == len(made)
    assert sum(one["consents_ended"] for one in done) == 1
    assert world.events() == [(given, "ended")]
    assert world.told() == 1
    assert sum(one["failed"] for one in done) == 0


def test_one_that_was_killed_in_the_middle_is_taken_up_by_the_next(world: World) -> None:
    made = more_children(world)
    at = brussels(TWELVE)
    process = subprocess.Popen(
        [sys.executable, "-c", SLOWLY, at.isoformat()], env=environment(world.hub.settings)
    )
    deadline = time.monotonic() + 60
    while len(birthdays(world)) < 5:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    reached = len(birthdays(world))
    assert 5 <= reached < len(made)
    kept = world.keep(at)
    assert kept["age_events"] == len(made) - reached
    assert sorted(birthdays(world)) == sorted(made)


def test_a_day_goes_on_from_the_child_it_had_reached(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar_case, "BATCH", 4)
    made = more_children(world)
    looked: list[UUID] = []
    whole = calendar_case._keep_ages

    def counted(hub: Hub, row: Any, today: date, *, at: datetime) -> Any:
        looked.append(row.id)
        return whole(hub, row, today, at=at)

    monkeypatch.setattr(calendar_case, "_keep_ages", counted)
    at = brussels(TWELVE)
    turns = iter(range(100))
    keep_calendar(world.hub, at=at, told=lambda: next(turns) >= 3)
    first = list(looked)
    assert 0 < len(first) < len(made)
    world.keep(at)
    assert not set(first) & set(looked[len(first) :])
    assert sorted(birthdays(world)) == sorted(made)
    looked.clear()
    world.keep(brussels(TWELVE, 12))
    assert looked == [], "once a day"


def test_one_damaged_child_keeps_nobody_else_from_a_birthday(world: World) -> None:
    made = more_children(world, 3)
    damaged = min(made)
    with transaction(world.hub.engine) as tx:
        tx.execute(text("update child set facts = '\\x00'::bytea where id = :id"), {"id": damaged})
    assert world.keep(brussels(TWELVE))["failed"] == 1
    assert set(birthdays(world)) == made - {damaged}


def test_a_child_without_a_family_or_a_key_is_left_alone(world: World) -> None:
    (erased,) = more_children(world, 1)
    with transaction(world.hub.engine) as tx:
        tx.execute(text("update child set wrapped_key = null where id = :id"), {"id": erased})
    assert "failed" not in world.keep(brussels(TWELVE))
    assert birthdays(world) == []
