"""Checks an export of the access log with nothing but the log's public key; trusts nobody else.

Needs Python 3.11 and the package `cryptography`, and nothing of deelregie: copy this one file.

    python verify_log.py EXPORT --key VKEY [--checkpoint KEPT ...] [--witness VKEY ...]
        [--former-key VKEY ...] [--json]

Exit 0: nothing was changed; 1: something was, or cannot be checked; 2: wrong usage.
docs/access-log.md tells what an export holds and what a check does and does not prove.
"""

import argparse
import base64
import hashlib
import hmac
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORM = "deelregie-log/1"
LATE, AHEAD = 6 * 3600, 600  # seconds between a line's own instant and the checkpoints around it
MOST_SHOWN = 50
# What reading a row may raise, however it was damaged: deep nesting and far instants too.
DAMAGE = (ValueError, LookupError, TypeError, OverflowError, OSError, RecursionError)


def sha256(*parts: bytes) -> bytes:
    """Return one hash over all parts."""
    return hashlib.sha256(b"".join(parts)).digest()


class Tree:
    """The root of a growing tree (RFC 6962): the roots of its complete subtrees."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size, self.peaks = size, list(peaks)

    def add(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        self.peaks.append(leaf)
        self.size += 1
        rest = self.size
        while rest % 2 == 0:
            right = self.peaks.pop()
            self.peaks[-1] = sha256(b"\x01", self.peaks[-1], right)
            rest //= 2

    def root(self) -> bytes:
        """Return the root of what was added."""
        if not self.peaks:
            return sha256()
        root = self.peaks[-1]
        for left in reversed(self.peaks[:-1]):
            root = sha256(b"\x01", left, root)
        return root


class Key:
    """A C2SP key as text, NAME+ID+KEY: type 1 signs checkpoints, type 4 cosigns them."""

    def __init__(self, text: str) -> None:
        self.name, key_id, data = text.strip().split("+", 2)
        raw = base64.b64decode(data, validate=True)
        self.kind, self.key = raw[0], Ed25519PublicKey.from_public_bytes(raw[1:])
        self.id = sha256(self.name.encode(), b"\n", raw)[:4]
        if self.id.hex() != key_id or self.kind not in {1, 4}:
            raise ValueError("this key is not whole")

    def signed(self, note: str) -> bool:
        """Say whether a note bears a signature of this key, and no bad one in its name."""
        text, lines = note.rsplit("\n\n", 1)
        start = f"\u2014 {self.name} "
        made = [one.removeprefix(start) for one in lines.split("\n") if one.startswith(start)]
        raw = [base64.b64decode(one, validate=True) for one in made]
        mine = [one[4:] for one in raw if one[:4] == self.id]
        return bool(mine) and all(self._good(one, text + "\n") for one in mine)

    def _good(self, made: bytes, text: str) -> bool:
        message = text.encode()
        if self.kind == 4:  # noqa: PLR2004
            moment, made = int.from_bytes(made[:8], "big"), made[8:]
            message = f"cosignature/v1\ntime {moment}\n".encode() + message
        try:
            self.key.verify(made, message)
        except InvalidSignature:
            return False
        return True


def checkpoint(note: str) -> tuple[str, int, bytes, int]:
    """Return origin, size, root and the time that the log wrote into it (0: none)."""
    origin, size, root, *more = note.rsplit("\n\n", 1)[0].split("\n")
    times = [int(one[5:]) for one in more if one.startswith("time ")]
    return origin, int(size), base64.b64decode(root, validate=True), times[0] if times else 0


def read(line: str) -> tuple[dict[str, Any], str]:
    """Return what a line says, and its instant."""
    leaf = json.loads(line)
    if not isinstance(leaf, dict):
        raise ValueError("a line is no object")  # noqa: TRY004  # damaged text, no wrong call
    at = leaf.get("at")
    if not (isinstance(at, str) and at.isascii() and at.isprintable()):
        raise ValueError("a line has no instant")
    return leaf, at


class Check:
    """One pass over an export; `findings` stays empty when nothing was changed."""

    def __init__(
        self, key: Key, kept: Iterable[str], witnesses: Iterable[Key], former: Iterable[Key] = ()
    ) -> None:
        self.key, self.witnesses = key, dict.fromkeys(witnesses, 0)
        # Former keys count up to the first checkpoint of the key itself, and alone cover nothing.
        self.keys, self.own = [*former, key], 0
        self.known = tuple(self.keys)
        self.kept = sorted(kept, key=lambda one: checkpoint(one)[1])
        self.findings: list[dict[str, Any]] = []
        # The tree of the hashes kept beside the lines, and, from where the two differ, that of the
        # lines themselves: the one whose root is signed tells which of the two was changed.
        self.told = Tree()
        self.made: Tree | None = None
        self.differ: list[tuple[int, bytes, bytes | None]] = []
        self.signed = self.agreed = self.checkpoints = self.erased = self.opened = 0
        self.whole = False
        self.broken, self.earliest, self.latest = False, "", ("", 0)
        self.leaf: dict[str, Any] = {}

    def _find(self, kind: str, first: int, last: int, says: str) -> None:
        before = self.findings[-1] if self.findings else {}
        if first == last and (before.get("kind"), before.get("last")) == (kind, first - 1):
            before["last"] = last  # what happened to many leaves on end is told once
        else:
            self.findings.append({"kind": kind, "first": first, "last": last, "says": says})

    def run(self, rows: Iterator[str]) -> dict[str, Any]:
        """Go through all rows once and return what was found."""
        try:
            for row in rows:
                self._row(row.rstrip("\n"))
            self._compare_kept(last=True)
            self._end()
        except DAMAGE as error:
            size = self.told.size
            self._find("damaged", size, size, f"after leaf {size - 1} it cannot be read: {error}")
        cosigned = {one.name: size for one, size in self.witnesses.items()}
        counted = ("signed", "checkpoints", "erased", "opened", "findings")
        found = {"ok": not self.findings, "origin": self.key.name, "size": self.told.size}
        return found | {one: getattr(self, one) for one in counted} | {"cosigned": cosigned}

    def _row(self, row: str) -> None:
        mark, _, rest = row.partition(" ")
        if mark in {"+", "~", "-"}:
            self._compare_kept()
            self.erased += mark == "~"
            self._add(*rest.split(" ", 2))
        elif mark == "=":
            try:
                self._compare(base64.b64decode(rest, validate=True).decode())
            except DAMAGE:
                size = self.told.size
                says = f"the checkpoint after leaf {size - 1} cannot be read"
                self._find("not_signed", self.signed, size - 1, says)
        elif mark == "?":
            self._open(*rest.split(" ", 1))
        elif mark == ".":
            self.whole = int(rest) == self.told.size
        elif mark == "!":
            size = self.told.size
            self._find(
                "inserted", size, size, f"line {int(rest)} was put into the log beside the tree"
            )
        else:
            raise ValueError("this is no row of an export")

    def _add(self, index: str, hashed: str, line: str = "") -> None:
        """Take the next leaf: its hash as it was kept, and the line it is of if that is there."""
        size = self.told.size
        if int(index) != size:
            raise ValueError(f"leaf {size} is missing")
        told = base64.b64decode(hashed, validate=True)
        made = sha256(b"\x00", line.encode()) if line else None
        if made != told:
            self.differ.append((size, told, made))
            self.made = self.made or Tree(size, self.told.peaks)
        self.told.add(told or made or b"")
        if self.made:
            self.made.add(made or told)
        self.leaf, at = read(line) if line else ({}, self.earliest)
        self.latest = max(self.latest, (at, size))
        if at < self.earliest:
            says = f"leaf {size} says {at}, hours before the checkpoint that it came after"
            self._find("backdated", size, size, says)

    def _open(self, salt: str, personal: str) -> None:
        """Compare what a line says of persons with the commitment in its leaf."""
        index, self.opened = self.told.size - 1, self.opened + 1
        made = hmac.digest(base64.b64decode(salt, validate=True), personal.encode(), "sha256")
        if made.hex() != self.leaf.get("commitment"):
            self._find("changed", index, index, f"what leaf {index} says of persons was changed")

    def _compare(self, note: str) -> None:
        """Hold a checkpoint of the export against the leaves before it."""
        origin, size, root, time = checkpoint(note)
        start, self.checkpoints = self.signed, self.checkpoints + 1
        signer = next((one for one in self.keys if one.name == origin and one.signed(note)), None)
        if signer is None:
            says = f"the checkpoint of size {size} is not signed with the key of {self.key.name}"
            return self._find("not_signed", start, self.told.size - 1, says)
        for one in self.witnesses:
            self.witnesses[one] = max(self.witnesses[one], size if one.signed(note) else 0)
        at, index = self.latest
        if time and at > moment(time + AHEAD):
            self._find("postdated", index, index, f"leaf {index} says {at}, after its checkpoint")
        self.earliest, self.latest = moment(time - LATE) if time else "", ("", 0)
        if size != self.told.size:
            says = f"the checkpoint of size {size} stands after {self.told.size} leaves"
            return self._find("missing", min(size, self.told.size), size - 1, says)
        self.signed = size
        if signer is self.key:
            self.keys, self.own = [self.key], size
        return None if self.broken else self._judge(start, root)

    def _judge(self, start: int, root: bytes) -> None:
        lines, size = self.made, self.told.size
        if self.told.root() == root:
            self._tell_lines()
        elif lines and lines.root() == root:
            self.told = lines
            for index, *_ in self.differ:
                says = f"the hash kept for leaf {index} was changed, not its line"
                self._find("hash_changed", index, index, says)
        else:
            self.broken = True
            near = ", ".join(str(index) for index, *_ in self.differ[:MOST_SHOWN])
            more = f"look at {near}" if near else "the hashes were made again to fit"
            says = f"leaf {start} to {size - 1} are not what was signed; {more}"
            self._find("rewritten", start, size - 1, says)
        self.made, self.differ = None, []

    def _tell_lines(self) -> None:
        """The kept hashes are the signed ones: each line that does not fit was changed."""
        places = {told: index for index, told, _ in self.differ}
        for index, told, made in self.differ:
            if not told:
                self._find("hash_changed", index, index, f"the hash kept for leaf {index} is gone")
            elif made is None:
                self._find("missing", index, index, f"the line of leaf {index} is gone")
            elif made in places:
                says = f"the line at leaf {index} is the one of leaf {places[made]}"
                self._find("swapped", index, index, says)
            else:
                self._find("changed", index, index, f"the line of leaf {index} was changed")

    def _compare_kept(self, *, last: bool = False) -> None:
        """Hold checkpoints that somebody kept earlier against the tree of their size."""
        while self.kept and (last or checkpoint(self.kept[0])[1] <= self.told.size):
            note = self.kept.pop(0)
            origin, size, root, _ = checkpoint(note)
            trusted = any(one.signed(note) for one in (*self.known, *self.witnesses))
            if origin not in {one.name for one in self.known} or not trusted:
                says = f"the kept checkpoint of size {size} bears no signature that you trust"
                self._find("not_signed", size, size, says)
            elif size > self.told.size:
                says = f"a kept checkpoint has {size} leaves: the log was rolled back"
                self._find("rolled_back", self.told.size, size - 1, says)
            elif root in {self.told.root(), (self.made or self.told).root()}:
                self.agreed = size
            else:
                says = f"a kept checkpoint differs from here in leaf {self.agreed} to {size - 1}"
                self._find("forked", self.agreed, size - 1, says)

    def _end(self) -> None:
        size = self.told.size
        if not self.whole:
            self._find("damaged", size, size, f"the export ends after leaf {size - 1}: it was cut")
        if self.broken:
            self._tell_lines()
        if self.own < size:
            says = f"no signed checkpoint covers leaf {self.own} to {size - 1}"
            self._find("not_signed", self.own, size - 1, says)
        for one, cosigned in self.witnesses.items():
            if not cosigned:
                self._find("not_cosigned", 0, size, f"{one.name} cosigned no checkpoint in here")


def moment(seconds: int) -> str:
    """Write an instant as the lines of the log do."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def verify(
    rows: Iterable[str],
    key: str,
    *,
    kept: Iterable[str] = (),
    witnesses: Iterable[str] = (),
    former: Iterable[str] = (),
) -> dict[str, Any]:
    """Check an export; raise ValueError when it is no export of this log, or a key is not whole."""
    others = ([Key(one) for one in witnesses], [Key(one) for one in former])
    check, rows = Check(Key(key), kept, *others), iter(rows)
    if next(rows, "").strip() != f"{FORM} {check.key.name}":
        raise ValueError(f"this is no export of the log {check.key.name}")
    return check.run(rows)


def report(found: dict[str, Any]) -> str:
    """Say in plain words what was found."""
    counts = "{origin}: {size} leaves, {checkpoints} checkpoints, {erased} erased, {opened} opened"
    lines = [counts.format(**found)]
    lines += [f"cosigned by {one} up to leaf {size}" for one, size in found["cosigned"].items()]
    row = "{kind} (leaf {first} to {last}): {says}"
    lines += [row.format(**one) for one in found["findings"][:MOST_SHOWN]]
    more = len(found["findings"])
    told = f"TAMPERED: {more} finding{'s' if more > 1 else ''}" if more else "nothing was changed"
    return "\n".join([*lines, told])


def main(words: Sequence[str] | None = None, rows: Iterable[str] | None = None) -> int:
    """Check one file, or rows; print what was found and return the exit code."""
    parser = argparse.ArgumentParser(prog="verify-log", description="Check an export of the log.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--key", required=True)
    parser.add_argument("--checkpoint", type=Path, action="append", default=[])
    parser.add_argument("--witness", action="append", default=[])
    parser.add_argument("--former-key", action="append", default=[])
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(words)
    try:
        kept = [one.read_text("utf-8") for one in given.checkpoint]
        with (
            given.export.open(encoding="utf-8", newline="\n")
            if rows is None
            else nullcontext(rows) as export
        ):
            others = {"kept": kept, "witnesses": given.witness, "former": given.former_key}
            found = verify(export, given.key, **others)
    except (ValueError, LookupError, OSError) as error:
        sys.stderr.write(f"cannot be checked: {error}\n")
        return 2
    sys.stdout.write((json.dumps(found, indent=1) if given.json else report(found)) + "\n")
    return int(not found["ok"])


if __name__ == "__main__":
    sys.exit(main())
