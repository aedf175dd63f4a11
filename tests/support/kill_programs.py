"""The programs of the hub and of its recipients as forks of one process that has loaded them.

A program that is killed every few seconds must start in a moment. What runs is what `deelregie
serve` and `deelregie relay` run, and the recipient's own loop with a journal beside it.
"""

import json
import os
import re
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path
from signal import SIGKILL
from threading import Event
from typing import Any, Final

import orjson
import psycopg

import gateway.app
import gateway.streams.worker  # noqa: F401 -- idem
from gateway.cli import app
from gateway.embedded.leash import hold
from gateway.streams.hub_client import HubClient
from gateway.streams.recipient import Order, Outcome, receive

MARKER: Final = re.compile(rb"Team (\d{6})")
_LINE: Final = (
    "select max(id) from access_log where act = 'key_release' and outcome <> 'deny'"
    " and correlation = %s"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a recipient needs: where everything is, and a folder that outlives it."""

    partner: str
    key: Mapping[str, Any]
    hub: str
    bootstrap: str
    database: str
    folder: Path
    feed: bool = False
    group: str | None = None
    """Another name of the process in one group; each keeps a state and a journal of its own."""

    @property
    def journal(self) -> Path:
        return self.folder / "journal.ndjson"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message that a recipient dealt with; `line` is the log's line that released its key."""

    id: str
    sequence: int
    type: str
    state: str
    subject: str | None
    resource: str | None
    version: str | None
    marker: int | None
    line: int | None
    at: float


def command(words: tuple[str, ...], environment: Mapping[str, str], log: Path) -> None:
    """Run one `deelregie` command until it is killed."""
    _begin(log)
    os.environ.update(environment)
    app(list(words), standalone_mode=True)


def recipient(job: Job, log: Path) -> None:
    """Read one partner's messages for ever, and write each into the journal once."""
    _begin(log)
    known = {one.id for one in read_journal(job.journal)}

    def tell(outcome: Outcome) -> None:
        # The journal is the effect. Killed before it is remembered, a message is told again.
        if outcome.id not in known:
            append(job.journal, _entry(job, outcome))
            known.add(outcome.id)

    order = Order(bootstrap=job.bootstrap, state=job.folder, feed=job.feed, group=job.group)
    receive(HubClient(job.hub, job.partner, job.key), order, tell, Event())


def append(journal: Path, entry: Entry) -> None:
    """Write one line at once: a process that is killed leaves a whole line, or none."""
    place = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(place, orjson.dumps(entry) + b"\n")
    finally:
        os.close(place)


def read_journal(journal: Path) -> list[Entry]:
    """Return what a recipient dealt with, in the order in which it did."""
    if not journal.exists():
        return []
    return [Entry(**json.loads(line)) for line in journal.read_bytes().splitlines()]


def _entry(job: Job, outcome: Outcome) -> Entry:
    content = orjson.loads(outcome.content) if outcome.state == "read" else None
    resource = content["entry"][0]["resource"] if content else {}
    found = MARKER.search(outcome.content)
    subject = resource.get("subject") or resource.get("for") or {}
    return Entry(
        id=outcome.id,
        sequence=outcome.sequence,
        type=outcome.type,
        state=outcome.state,
        subject=subject.get("reference"),
        resource=f"{resource['resourceType']}/{resource['id']}" if resource else None,
        version=resource.get("meta", {}).get("versionId"),
        marker=int(found[1]) if found else None,
        line=_line(job, outcome.id) if content else None,
        at=time.time(),
    )


def _line(job: Job, message: str) -> int | None:
    """Look, before anything is done with a message, for the line that says it was released."""
    while True:
        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(job.database, connect_timeout=3) as database,
        ):
            found = database.execute(_LINE, [message]).fetchone()
            return found[0] if found else None
        time.sleep(0.05)


def _begin(log: Path) -> None:
    # Otherwise the process that forks would outlive the test, for the sake of its forks.
    alive: Any = forkserver._forkserver
    os.close(alive._forkserver_alive_fd)
    hold(SIGKILL, os.getppid())
    place = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(place, stream.fileno())
