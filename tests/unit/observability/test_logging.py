"""Only the hub's own reviewed events are written; a library's lines may hold a family's data."""

import subprocess
import sys

PROGRAM = """
import logging
import psycopg, sqlalchemy, uvicorn
from gateway.observability import Event, configure_logging, log
configure_logging("INFO")
for name in ("psycopg", "sqlalchemy", "uvicorn.error", "kafka", "authlib"):
    logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger(name).error("Failing row contains (Noor, 19631421243)")
log(Event.RECEIPT_ACCEPTED, receipt="r-1", name="Noor")
"""


def test_what_a_library_logs_about_an_error_is_not_written() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert "r-1" in done.stderr
    assert "Noor" not in done.stderr + done.stdout
