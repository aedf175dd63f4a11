import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from gateway.embedded.up import stopping_by_signal
from tests.integration.embedded.processes import nothing_runs_in, running_in

# What a shell runs behind its back ignores Ctrl-C, and so do its children: this one hears it.
UP = """
import signal, sys
from pathlib import Path
from gateway.embedded.up import run_up
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(run_up(Path(sys.argv[1]), reset="--reset" in sys.argv))
"""
LAST_LINE = "Ctrl-C stops everything"
SECRETS = ("DEELREGIE_DATABASE_URL", "DEELREGIE_KAFKA_BOOTSTRAP")


@contextmanager
def up(data: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run `deelregie up` as its own process and end it whatever the test does."""
    environment = {name: value for name, value in os.environ.items() if name not in SECRETS}
    run = subprocess.Popen(
        [sys.executable, "-c", UP, str(data), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**environment, "PYTHONPATH": str(Path.cwd())},
    )
    try:
        yield run
    finally:
        run.kill()
        run.wait()
        if run.stdout is not None:
            run.stdout.close()


def read_until_ready(run: subprocess.Popen[str]) -> str:
    assert run.stdout is not None
    seen = []
    for line in run.stdout:
        seen.append(line)
        if LAST_LINE in line:
            break
    return "".join(seen)


def child_named(run: subprocess.Popen[str], word: str) -> psutil.Process:
    children = psutil.Process(run.pid).children()
    return next(child for child in children if word in child.cmdline())


def test_up_shows_where_everything_is_and_ctrl_c_leaves_no_trace(folder: Path) -> None:
    with up(folder / "data") as run:
        shown = read_until_ready(run)
        assert len(running_in(folder)) >= 5
        run.send_signal(signal.SIGINT)
        rest = run.communicate(timeout=60)[0]
    assert run.returncode == 0, rest
    assert "nothing is left running" in rest
    assert nothing_runs_in(folder, seconds=1.0)
    assert "never for production" in shown
    assert "yasmina-el-amrani" in shown
    assert str(folder / "data" / "logs") in shown
    assert "Tansu" in shown


def test_up_ends_and_names_a_part_that_died(folder: Path) -> None:
    with up(folder / "data") as run:
        read_until_ready(run)
        child_named(run, "relay").kill()
        rest = run.communicate(timeout=60)[0]
    assert run.returncode == 1
    assert "relay ended with exit code -9" in rest
    assert nothing_runs_in(folder, seconds=1.0)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's leash is Linux's")
def test_kill_9_of_up_leaves_nothing_running_and_a_reset_starts_afresh(folder: Path) -> None:
    with up(folder / "data") as run:
        read_until_ready(run)
        run.kill()
        run.wait()
        assert nothing_runs_in(folder)
    keys = (folder / "data" / "keys.json").read_bytes()
    with up(folder / "data", "--reset") as again:
        assert LAST_LINE in read_until_ready(again)
        assert (folder / "data" / "keys.json").read_bytes() != keys
        again.terminate()
        again.communicate(timeout=60)
    assert again.returncode == 0


def test_up_refuses_a_folder_that_is_not_its_own_even_with_reset(folder: Path) -> None:
    (folder / "letter.txt").write_text("dear")
    with up(folder, "--reset") as run:
        told = run.communicate(timeout=60)[0]
    assert run.returncode == 1
    assert "holds files that are not deelregie's" in told
    assert (folder / "letter.txt").read_text() == "dear"


@pytest.fixture
def heard() -> Iterator[None]:
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, earlier)


@pytest.mark.usefixtures("heard")
def test_a_wish_to_stop_that_a_destructor_swallowed_is_heard_at_the_next_look() -> None:
    with stopping_by_signal() as stop_if_asked:
        stop_if_asked()
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            stop_if_asked()
