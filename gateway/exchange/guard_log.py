"""A database that is older than what the hub signed last is not served.

A backup that is put back brings withdrawn consents to life and forgets who looked. The newest
checkpoint is therefore kept in a file outside the database too; a database whose log does not reach
it, or continues another history, is one that was rolled back.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from gateway.errors import SourceUnavailable
from gateway.exchange.hub import Hub
from gateway.exchange.log_key import log_key
from gateway.store import access_log, log_tree
from gateway.store.engine import Transaction, transaction
from gateway.transparency.checkpoint import Checkpoint
from gateway.transparency.note import MalformedError, Note
from gateway.transparency.tree import root_of, subtrees, tile_of

REMEDY: Final = (
    "Restore a newer backup. If nothing newer exists: see in docs/access-log.md, After a restore,"
    " what must be mended first, and then type `deelregie log accept-restore`"
)


class LogRolledBack(SourceUnavailable):
    """The database is older than what was signed, so that it may not be served."""

    title = "the database is older than the log that was signed"


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


def check_within(tx: Transaction, hub: Hub) -> None:
    """Do what `check_log` does, as of a transaction."""
    kept = _kept(hub)
    if kept is None:
        return
    newest = log_tree.newest(tx)
    size = newest.size if newest else 0
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
    """Keep a checkpoint outside the database, unless a later one is there."""
    if not hub.settings.log_guard_file:
        return
    file = Path(hub.settings.log_guard_file)
    with _alone(file):
        kept = _kept(hub)
        if kept is None or kept.size < Checkpoint.of(Note.parse(written)).size:
            _write(file, written)


def accept_older(hub: Hub, *, by: str, at: datetime) -> Path | None:
    """Let an older database be served: put what was kept aside, and return where; log that.

    None when nothing is kept.
    """
    kept = _kept(hub)
    if kept is None:
        return None
    with transaction(hub.engine) as tx:
        entry = access_log.Entry(
            at=at, act="restore_accepted", actor=by, outcome="done", resources=(f"{kept.size}",)
        )
        access_log.append(tx, entry)
    file = Path(hub.settings.log_guard_file)
    with _alone(file):
        return file.replace(file.with_name(f"{file.name}.{kept.size}"))


def _kept(hub: Hub) -> Checkpoint | None:
    """Return what is kept; a file that cannot be trusted counts as a rollback, not as nothing."""
    name = hub.settings.log_guard_file
    try:
        note = Note.parse(Path(name).read_text("utf-8")) if name else None
        if note is None:
            return None
        checkpoint = Checkpoint.of(note)
    except FileNotFoundError:
        return None
    except (MalformedError, UnicodeDecodeError) as error:
        raise LogRolledBack(f"{name} is damaged; put back a good copy of it") from error
    except OSError as error:
        raise LogRolledBack(f"{name} cannot be read: {error.strerror}") from error
    if not log_key(hub).verifier.signed(note):
        raise LogRolledBack(f"{name} is of another log, or the key of the log was changed")
    return checkpoint


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
