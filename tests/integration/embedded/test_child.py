import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.embedded.child import Child, Command
from gateway.embedded.failure import EngineError
from gateway.embedded.log_tail import safe_tail
from tests.integration.embedded.processes import gone

SLEEP = "import time; time.sleep(600)"
FOREVER = f"print('ready', flush=True); {SLEEP}"
DEAF = f"import signal; signal.signal(15, signal.SIG_IGN); {FOREVER}"
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', '{SLEEP}']); {FOREVER}"
FAILS = "raise ValueError('insz 90710208412 of Noor')"
SUPERVISOR = """
import sys, time
from pathlib import Path
from gateway.embedded.child import Child, Command
folder = Path(sys.argv[1])
argv = (sys.executable, "-c", sys.argv[2])
child = Child(Command(name="c", argv=argv, folder=folder, log=folder / "c.log"))
child.start()
child.wait_until(lambda: "ready" in (folder / "c.log").read_text())
print(child.pid, flush=True)
time.sleep(600)
"""


def a_child(folder: Path, code: str, *, patience: float = 20.0) -> Child:
    argv = (sys.executable, "-c", code)
    log = folder / "child.log"
    return Child(Command(name="child", argv=argv, folder=folder, log=log, patience=patience))


def started(folder: Path, code: str, *, patience: float = 20.0) -> Child:
    child = a_child(folder, code, patience=patience)
    child.start()
    child.wait_until(lambda: "ready" in child.command.log.read_text())
    return child


def test_a_child_starts_stops_and_starts_again(folder: Path) -> None:
    child = started(folder, FOREVER)
    first = child.pid
    assert first is not None
    assert child.alive
    assert child.memory > 0
    child.stop()
    assert not child.alive
    child.start()
    assert child.alive
    assert child.pid != first
    child.kill()
    assert child.exit_code == -signal.SIGKILL


def test_a_child_that_ignores_the_request_is_forced(folder: Path) -> None:
    child = started(folder, DEAF, patience=0.2)
    child.stop()
    assert child.exit_code == -signal.SIGKILL


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_the_children_of_a_child_end_with_it(folder: Path, end: str) -> None:
    child = started(folder, PARENT)
    family = [process.pid for process in child._family()]
    assert len(family) == 2
    getattr(child, end)()
    assert gone(family, seconds=1.0)


def test_what_is_left_of_a_child_that_somebody_else_killed_ends_with_stop(folder: Path) -> None:
    child = started(folder, PARENT)
    family = [process.pid for process in child._family()]
    os.kill(family[0], signal.SIGKILL)
    assert gone(family[:1])
    assert not gone(family[1:], seconds=0.1)
    child.stop()
    assert gone(family, seconds=1.0)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's leash is Linux's")
def test_kill_9_of_the_supervisor_leaves_nothing_running(folder: Path) -> None:
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(folder), FOREVER],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert supervisor.stdout is not None
    pid = int(supervisor.stdout.readline())
    supervisor.kill()
    supervisor.wait()
    supervisor.stdout.close()
    assert gone([pid])


def test_a_child_that_ends_too_early_is_named_without_personal_data(folder: Path) -> None:
    child = a_child(folder, FAILS)
    child.start()
    with pytest.raises(EngineError) as fault:
        child.wait_until(lambda: False)
    told = str(fault.value)
    assert "child ended with exit code 1" in told
    assert "ValueError" in told
    assert str(child.command.log) in told
    assert "Noor" not in told
    assert "90710208412" not in told


def test_the_shown_end_of_a_log_holds_places_and_codes_only(folder: Path) -> None:
    log = folder / "mixed.log"
    log.write_text(
        '{"event": "hub_started"}\n'
        "Noor Peeters was here\n"
        '  File "/app/gateway/x.py", line 3, in read\n'
        "    raise Broken(name)\n"
        "gateway.errors.SourceError: Noor Peeters\n"
        '2026-01-01 UTC [1] FATAL:  data directory "/x" has wrong ownership\n'
    )
    shown = "\n".join(safe_tail(log))
    assert "hub_started" in shown
    assert "/app/gateway/x.py" in shown
    assert "SourceError" in shown
    assert "wrong ownership" in shown
    assert "Noor" not in shown
