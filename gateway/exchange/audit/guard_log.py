"""A database that is older than what the hub signed last is not served.

A backup that is put back brings withdrawn consents to life and forgets who looked. The newest
checkpoint is therefore kept in a file outside the database too; a database whose log does not reach
it, or continues another history, is one that was rolled back.
"""

import fcntl
import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final, NoReturn

from gateway.errors import SourceUnavailable
from gateway.exchange.audit.log_key import log_key
from gateway.exchange.hub import Hub
from gateway.store import access_log, log_tree
from gateway.store.engine import Transaction, transaction
from gateway.transparency.checkpoint import Checkpoint
from gateway.transparency.note import MalformedError, Note
from gateway.transparency.tree import root_of, subtrees, tile_of

REMEDY: Final = (
    "Restore a newer backup. If nothing newer exists: see in docs/access-log.md, After a restore,"
    " what must be mended first, and then type `deelregie log accept-restore`"
)


ACCEPTED: Final = "restore_accepted"
LOOK_SECONDS: Final = 2.0


class LogRolledBack(SourceUnavailable):
    """The database is older than what was signed, so that it may not be served."""

    title = "the database is older than the log that was signed"


class DamagedError(LogRolledBack):
    """What is kept is no checkpoint."""


def check_log(hub: Hub) -> None:
    """Raise `LogRolledBack` if the database was rolled back; `SourceUnavailable` if it is away."""
    if hub.settings.log_guard_file:
        with transaction(hub.engine) as tx:
            check_within(tx, hub)


def why_not_served(hub: Hub) -> str | None:
    """Say why a program may not start on this database; None if it may, or if it is away.

    A database that comes later is looked at by the readiness probe.
    """
    try:
        check_log(hub)
    except LogRolledBack as error:
        return str(error)
    except SourceUnavailable:
        pass
    return None


class Guard:
    """Looks every few seconds whether the database is no older one, for one running process.

    A database may be put back under a process that runs; connections heal by themselves.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._lock = Lock()
        self._looked = -math.inf
        self._reason: str | None = None

    @property
    def is_due(self) -> bool:
        """Whether the next `check` asks the database, so that it may take a moment."""
        return bool(self._hub.settings.log_guard_file) and (
            time.monotonic() - self._looked >= LOOK_SECONDS
        )

    def check(self) -> None:
        """Raise `LogRolledBack` if the database was rolled back, as of the last seconds."""
        if self.is_due:
            with self._lock:
                if self.is_due:
                    self._reason = why_not_served(self._hub)
                    self._looked = time.monotonic()
        if self._reason:
            raise LogRolledBack(self._reason)


def check_within(tx: Transaction, hub: Hub) -> None:
    """Do what `check_log` does, as of a transaction."""
    if not hub.settings.log_guard_file:
        return
    note = _kept(hub)
    newest = log_tree.newest(tx)
    size = newest.size if newest else 0
    if note is None and newest:
        # The very first one may have been kept by another process since.
        note = _kept(hub) or _refuse_without(hub, size)
    if note is None:
        return
    kept = Checkpoint.of(note)
    if not _is_ours(tx, hub, note, kept.size):
        name = hub.settings.log_guard_file
        raise LogRolledBack(
            f"{name} is of another log, or the key of the log was changed. {REMEDY}"
        )
    if size < kept.size:
        raise LogRolledBack(
            f"the access log in this database has {size} leaves, and {kept.size} were signed: the"
            f" database is an older one. {REMEDY}"
        )
    if _root(tx, kept.size) != kept.root:
        raise LogRolledBack(
            f"the access log in this database is not the one that was signed up to leaf"
            f" {kept.size - 1}: it went on from an older backup, or was changed. {REMEDY}"
        )


def remember(hub: Hub, written: str) -> None:
    """Keep a checkpoint outside the database, unless this one or a later one is there."""
    if not hub.settings.log_guard_file:
        return
    file = Path(hub.settings.log_guard_file)
    with _alone(file):
        kept = _kept(hub)
        if kept is None or Checkpoint.of(kept).size < Checkpoint.of(Note.parse(written)).size:
            _write(file, written)


def accept_older(hub: Hub, *, by: str, at: datetime) -> Path | None:
    """Let a database be served whatever was kept, which is put aside; log that.

    What the database itself signed last is kept from then on. Return where the former lies, or
    the file itself if there was none; None when nothing stands in the way.
    """
    if not hub.settings.log_guard_file:
        return None
    file = Path(hub.settings.log_guard_file)
    with _alone(file):
        told = _told(hub)
        with transaction(hub.engine) as tx:
            newest = log_tree.newest(tx)
            if told is None and newest is None:
                return None
            entry = access_log.Entry(
                at=at, act=ACCEPTED, actor=by, outcome="done", resources=(told or "none",)
            )
            access_log.append(tx, entry)
        aside = file.replace(file.with_name(f"{file.name}.{told}")) if told else file
        if newest:
            _write(file, newest.note)
        return aside


def _told(hub: Hub) -> str | None:
    """Return the size of what is kept, whoever signed it; None when nothing is."""
    try:
        note = _kept(hub)
    except DamagedError:
        return "damaged"
    return f"{Checkpoint.of(note).size}" if note else None


def _kept(hub: Hub) -> Note | None:
    """Return what is kept; a file that cannot be read counts as a rollback, not as nothing."""
    name = hub.settings.log_guard_file
    try:
        note = Note.parse(Path(name).read_text("utf-8"))
        Checkpoint.of(note)
    except FileNotFoundError:
        return None
    except (MalformedError, UnicodeDecodeError) as error:
        raise DamagedError(f"{name} is damaged; put back a good copy of it. {REMEDY}") from error
    except OSError as error:
        raise LogRolledBack(f"{name} cannot be read: {error.strerror}") from error
    return note


def _refuse_without(hub: Hub, size: int) -> NoReturn:
    # Before the first checkpoint is stored one is kept: the file was lost, or never asked for.
    raise LogRolledBack(
        f"{hub.settings.log_guard_file} is missing, and {size} leaves of the log in this database"
        f" were signed: nobody can tell whether it is an older one. Put the file back. If there was"
        f" none yet, type `deelregie log accept-restore`"
    )


def _is_ours(tx: Transaction, hub: Hub, note: Note, size: int) -> bool:
    if log_key(hub).verifier.signed(note):
        return True
    # The key may have been changed since; then this very checkpoint is in the database.
    stored = log_tree.checkpoint_of(tx, size)
    return stored is not None and stored.note == str(note)


def _root(tx: Transaction, size: int) -> bytes | None:
    places = list(subtrees(0, size))
    tiles = log_tree.tiles(tx, map(tile_of, places))
    try:
        return root_of(tiles, size)
    except (KeyError, IndexError, ValueError):
        # Tiles are missing or too short: whatever this is, it is not what was signed.
        return None


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    with file.with_name(f"{file.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(file: Path, written: str) -> None:
    # Written aside and renamed, so that a crash leaves either the old one or the new one.
    aside = file.with_name(f"{file.name}.new")
    with aside.open("w", encoding="utf-8") as out:
        out.write(written)
        out.flush()
        os.fsync(out.fileno())
    aside.replace(file)
