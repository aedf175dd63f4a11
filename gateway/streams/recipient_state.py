"""Which messages a recipient has dealt with: ids only, never what was in them."""

import sqlite3
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

FILE: Final = "received.sqlite3"
PATIENCE_SECONDS: Final = 5.0


class Received:
    """The ids of one partner's messages, in a file that survives, or in memory."""

    def __init__(self, folder: Path | None) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self._rows = sqlite3.connect(folder / FILE if folder else ":memory:")
        # What is written survives the end of this program at once, and that of the machine from
        # `keep` on: waiting for the disk for each message would take longer than reading it.
        _write_ahead(self._rows)
        self._rows.execute("pragma synchronous = normal")
        self._rows.execute("create table if not exists received (id text primary key, state text)")
        self._rows.execute(
            "create table if not exists feed (one integer primary key, after integer)"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._rows.close()

    def knows(self, message: str) -> bool:
        """Tell whether a message was dealt with before."""
        query = "select 1 from received where id = ?"
        return self._rows.execute(query, [message]).fetchone() is not None

    def reached(self) -> int:
        """Return the number up to which the feed was dealt with."""
        found = self._rows.execute("select after from feed").fetchone()
        return int(found[0]) if found else 0

    def reach(self, after: int) -> None:
        """Note durably that the feed was dealt with up to a number."""
        with self._rows:
            self._rows.execute("insert or replace into feed values (1, ?)", [after])
        self.keep()

    def remember(self, message: str, state: str) -> None:
        """Note that a message was dealt with."""
        with self._rows:
            self._rows.execute("insert or ignore into received values (?, ?)", [message, state])

    def keep(self) -> None:
        """Let the machine's end take away nothing of what was noted."""
        self._rows.execute("pragma wal_checkpoint(full)")


def _write_ahead(rows: sqlite3.Connection) -> None:
    # SQLite does not wait by itself for another member that opens the same file at this moment.
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            rows.execute("pragma journal_mode = wal")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
