"""The demo as a newcomer runs it: a process, its exit code, its words, and what it leaves."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from gateway.demo.engines import PREFIX
from gateway.demo.story import FIRST, STEPS, exit_code
from gateway.demo.telling import DemoFailure, Teller, wait_for
from tests.integration.embedded.processes import nothing_runs_in
from tests.support.engines import engine_folder

# What a shell runs behind its back ignores Ctrl-C, and so do its children: this one hears it.
HEARING = """
import signal
from gateway.cli import app
signal.signal(signal.SIGINT, signal.default_int_handler)
app()
"""
LAST_SECONDS = 480
STOP_SECONDS = 60


@pytest.fixture
def temporary() -> Iterator[Path]:
    """The machine's folder for temporary files, as the demo sees it."""
    with engine_folder() as made:
        yield made


@contextmanager
def demo(temporary: Path, *options: str, hub: str = "") -> Iterator[subprocess.Popen[str]]:
    """Start the demo, as somebody would who also works with a hub of their own."""
    own = {"TMPDIR": str(temporary), "DEELREGIE_DATABASE_URL": hub, "PYTHONUNBUFFERED": "1"}
    started = subprocess.Popen(
        [sys.executable, "-c", HEARING, "demo", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **own},
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def read_until(started: subprocess.Popen[str], words: str) -> str:
    """Read what the demo says until it says these words."""
    assert started.stdout is not None
    told = ""
    for line in started.stdout:
        told += line
        if words in line:
            return told
    raise AssertionError(told)


def headings(told: str) -> list[str]:
    return re.findall(r"^ ?\d+\. .*$", told, re.MULTILINE)


def in_memory() -> tuple[Teller, StringIO]:
    said = StringIO()
    return Teller(Console(file=said, width=96)), said


@pytest.mark.timeout(LAST_SECONDS)
def test_the_demo_tells_all_steps_and_leaves_nothing(temporary: Path) -> None:
    with demo(temporary, hub="postgresql+psycopg://nobody@nowhere.invalid/production") as started:
        told = started.communicate(timeout=LAST_SECONDS)[0]
    assert started.returncode == 0, told
    titles = [FIRST, *(step.title for step in STEPS)]
    assert headings(told) == [f"{number:2}. {title}" for number, title in enumerate(titles, 1)]
    assert len(titles) == 13
    assert "Traceback" not in told
    assert nothing_runs_in(temporary)
    assert list(temporary.iterdir()) == []


@pytest.mark.timeout(LAST_SECONDS)
def test_a_kept_demo_stays_until_ctrl_c(temporary: Path) -> None:
    with demo(temporary, "--keep") as started:
        told = read_until(started, "until you press Ctrl-C")
        (folder,) = temporary.glob(f"{PREFIX}*")
        hub = re.search(r"the hub is ready at (\S+)", told)
        assert hub
        assert httpx.get(f"{hub[1]}/readyz", trust_env=False).json()["status"] == "ready"
        command = f"cd {folder} && . ./operator.env && deelregie partner list"
        listed = subprocess.run(["/bin/sh", "-c", command], capture_output=True, check=True)
        assert b"clb-voorbeeldstreek" in listed.stdout
        started.send_signal(signal.SIGINT)
        assert started.wait(STOP_SECONDS) == 0
    assert nothing_runs_in(temporary)
    assert folder.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_that_is_stopped_fails_and_leaves_nothing(
    temporary: Path, number: signal.Signals
) -> None:
    with demo(temporary) as started:
        read_until(started, "every process runs")
        started.send_signal(number)
        assert started.wait(STOP_SECONDS) == 1
    assert nothing_runs_in(temporary)
    assert list(temporary.iterdir()) == []


def test_a_claim_that_does_not_hold_makes_the_exit_code_1() -> None:
    teller, said = in_memory()

    def story() -> int:
        teller.check("the CLB reads nothing", got=["F80.2"], wanted=[])
        return 0

    assert exit_code(teller, story) == 1
    told = said.getvalue()
    assert "the CLB reads nothing" in told
    assert "expected: []" in told
    assert "got:      ['F80.2']" in told
    assert "✓" not in told


def test_a_claim_that_holds_is_told_and_counted() -> None:
    teller, said = in_memory()
    teller.check("the hub is ready", got="ready", wanted="ready")
    assert teller.checked == 1
    assert "the hub is ready" in said.getvalue()


def test_what_does_not_come_in_time_is_a_failure() -> None:
    with pytest.raises(DemoFailure, match="the record is processed"):
        wait_for("the record is processed", lambda: None, seconds=0)


def test_long_addresses_are_never_broken() -> None:
    teller, said = in_memory()
    address = f"http://127.0.0.1:20000/{'x' * 200}"
    teller.shows([address])
    teller.tell(f"Look at {address} now.")
    assert said.getvalue().count(address) == 2
