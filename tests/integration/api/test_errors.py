"""When the hub itself fails, the caller gets a plain problem and the log no word of the cause."""

import os
import subprocess
import sys
from pathlib import Path

import httpx

from gateway.embedded.ports import free_port
from tests.support.running_hub import CLB, RunningHub, eventually

SECRET = "Noor Peeters 2019-03-14"
# The real command, on a hub with one more route, which breaks.
PROGRAM = f"""
import sys
from gateway.api import health
from gateway.cli import serve

def boom() -> None:
    raise ValueError({SECRET!r})

health.router.add_api_route("/boom", boom)
serve(host="127.0.0.1", port=int(sys.argv[1]), workers=1)
"""


def test_an_error_is_logged_by_its_class_and_never_by_its_text(
    system: RunningHub, tmp_path: Path
) -> None:
    port, log = free_port(), tmp_path / "hub.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(port)],
            env={**os.environ, **system.stack.environment},
            stdout=out,
            stderr=out,
        )
    try:
        eventually(lambda: _answers(f"http://127.0.0.1:{port}"))
        answer = httpx.get(f"http://127.0.0.1:{port}/boom")
    finally:
        # Read only when it has ended: the server may write its own lines after the answer.
        process.terminate()
        process.wait()
    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = log.read_text()
    assert "request_failed" in told
    assert "ValueError" in told
    for part in SECRET.split():
        assert part not in told + answer.text


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/livez").is_success
    except httpx.TransportError:
        return False


def test_nonsense_in_an_assertion_id_is_no_error_of_the_hub(system: RunningHub) -> None:
    odd = system.assertion(CLB, claims={"jti": "Noor\u0000Peeters"})
    assert system.ask_token(odd).status_code == httpx.codes.OK
    assert system.ask_token(odd).status_code == httpx.codes.UNAUTHORIZED
