"""What a witness's program does: see that the log continues, remember it, cosign it."""

import fcntl
import os
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway import clock
from gateway.streams.hub_client import HubClient
from gateway.transparency.checkpoint import Checkpoint
from gateway.transparency.note import Note, SignerKey, VerifierKey
from gateway.transparency.witness import refusal


class NotCosignedError(Exception):
    """The log is not the one that was seen before; the message says how, and nothing was signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Whose log is watched, with which key it is cosigned, and where the last one seen is kept."""

    log: VerifierKey
    key: SignerKey
    seen: Path


def cosign_newest(client: HubClient, watch: Watch) -> int:
    """Cosign the newest checkpoint if it continues the last one seen; return its size.

    Raise `NotCosignedError` when it does not. What was seen is on disk before it is cosigned, so
    that no crash lets a witness sign two histories.
    """
    with _alone(watch.seen):
        return _cosign_newest(client, watch)


def _cosign_newest(client: HubClient, watch: Watch) -> int:
    note = Note.parse(client.checkpoint())
    new = Checkpoint.of(note)
    if new.origin != watch.log.name or not watch.log.signed(note):
        raise NotCosignedError("the checkpoint is not signed with the key of this log")
    seen = _seen(watch)
    why = refusal(seen, new, _proof(client, seen, new))
    if why is not None:
        raise NotCosignedError(f"{why.value}; keep {watch.seen} and tell an auditor")
    _remember(watch.seen, note)
    made = watch.key.sign(note.text, moment=int(clock.now().timestamp()))
    client.cosign(str(Note(note.text, (*note.signatures, made))))
    return new.size


def _seen(watch: Watch) -> Checkpoint | None:
    if not watch.seen.exists():
        return None
    return Checkpoint.of(Note.parse(watch.seen.read_text("utf-8")))


def _proof(client: HubClient, seen: Checkpoint | None, new: Checkpoint) -> list[bytes]:
    if seen is None or not 0 < seen.size < new.size:
        return []
    return [b64decode(one) for one in client.consistency(seen.size, new.size)]


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Let no second program of this witness look and remember at the same time."""
    with file.with_name(f"{file.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remember(file: Path, note: Note) -> None:
    aside = file.with_name(f"{file.name}.new")
    with aside.open("w", encoding="utf-8") as out:
        out.write(str(note))
        out.flush()
        os.fsync(out.fileno())
    aside.replace(file)
