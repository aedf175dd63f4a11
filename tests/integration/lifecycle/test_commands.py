"""The operator's commands say what they did, or what to do instead, and end with that code."""

import json
import os
import subprocess
import sys

import pytest

from gateway import clock
from tests.integration.lifecycle.world import OTHER, READER, World, register
from tests.integration.streams.world import environment


def run(world: World, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command as an operator does."""
    return subprocess.run(
        [sys.executable, "-m", "gateway.cli", *words],
        env={**os.environ, **environment(world.hub.settings), **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def today(world: World) -> World:
    """A world in which the consents run on the day of the machine."""
    world.grant(at=clock.now())
    register(world.hub, "clb-groot", "clb")
    return world


def test_the_calendar_is_kept_once_and_tells_what_was_done(today: World) -> None:
    done = run(today, "calendar", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["failed"] == 0
    again = run(today, "calendar")
    assert (again.returncode, again.stdout) == (0, "nothing was due\n")


def test_a_merger_says_what_followed_and_a_second_one_what_to_do(today: World) -> None:
    done = run(today, "partner", "merge", READER, "clb-groot", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["grants_follow"]
    assert (told["status"], told["into"], told["children"]) == ("merged", "clb-groot", 1)
    again = run(today, "partner", "merge", READER, "clb-groot")
    assert again.returncode == 1
    assert "merged into clb-groot already" in again.stderr
    listed = [json.loads(line) for line in _lines(run(today, "partner", "list", "--json"))]
    assert {one["id"]: one["merged_into"] for one in listed}[READER] == "clb-groot"


def test_a_service_closes_and_stays_closed(today: World) -> None:
    done = run(today, "partner", "close", READER)
    assert done.returncode == 0, done.stderr
    assert "1 consents ended" in done.stdout
    again = run(today, "partner", "activate", READER)
    assert again.returncode == 1
    assert "merged or closed" in again.stderr


def test_a_split_leaves_the_grants_and_names_what_is_wrong(today: World) -> None:
    done = run(today, "partner", "split", READER, "clb-groot", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["consents_ended"] == 0
    wrong = run(today, "partner", "split", OTHER, "nobody-here")
    assert wrong.returncode == 1
    assert "new: no service is called nobody-here" in wrong.stderr


def test_without_a_database_the_operator_is_told_so(today: World) -> None:
    gone = "postgresql+psycopg://nobody@127.0.0.1:1/nowhere"
    done = run(today, "calendar", DEELREGIE_DATABASE_URL=gone)
    assert done.returncode == 1
    assert "the database does not answer" in done.stderr
    assert "Traceback" not in done.stderr


def _lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    return done.stdout.splitlines()
