"""The commands: an operator says in which way a service receives, and its program does so."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.receiving.desk import Desk
from tests.integration.streams.world import environment
from tests.support.family_world import CAW, CLB


def run(desk: Desk, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Type a command with the settings of this hub."""
    own = environment(desk.hub.settings) | {"DEELREGIE_LOOPBACK_WEBHOOKS": "true"}
    return subprocess.run(
        [sys.executable, "-m", "gateway.cli", *arguments],
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_an_operator_says_and_sees_how_a_service_receives(desk: Desk) -> None:
    told = run(desk, "partner", "receive", CAW, "--by", "webhook", "--webhook",
               "http://127.0.0.1:1/hook", "--json")  # fmt: skip
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert (found["partner"], found["way"], found["parked_at"]) == (CAW, "webhook", None)
    lines = run(desk, "partner", "receive").stdout.splitlines()
    assert {line.split()[0]: line.split()[1] for line in lines} == {CAW: "webhook", CLB: "feed"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((CAW, "--by", "webhook", "--webhook", "https://10.0.0.1/"), "a public address"),
        (("nobody", "--by", "feed"), "no service has this id"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    desk: Desk, arguments: tuple[str, ...], says: str
) -> None:
    told = run(desk, "partner", "receive", *arguments)
    assert told.returncode == 1
    assert says in told.stderr


def test_the_program_pulls_the_feed_without_a_cluster(served: Desk, tmp_path: Path) -> None:
    served.allow()
    moved = served.fill()
    key = tmp_path / "private.jwk"
    key.write_text(json.dumps(served.key))
    known = ["--hub", served.hub.settings.issuer, "--key", str(key), "--json", "--once"]
    told = run(served, "receive", CLB, "--feed", *known)
    assert told.returncode == 0, told.stderr
    states = [json.loads(line)["state"] for line in told.stdout.splitlines()]
    assert states == ["read"] * moved
    assert run(served, "receive", CLB, *known).returncode == 2
    wrong = run(served, "receive", CLB, "--feed", *known, "--answer", "erased", "--basis", "x")
    assert wrong.returncode == 2
