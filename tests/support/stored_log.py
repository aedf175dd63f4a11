"""A log as it is stored, in memory: grown as the hub grows it, exported by the hub's own rows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from gateway.transparency.checkpoint import Checkpoint
from gateway.transparency.export import (
    StoredLeaf,
    checkpoint_row,
    end_row,
    header,
    inserted_row,
    leaf_rows,
)
from gateway.transparency.leaf import ERASED, commitment, leaf_bytes, personal_bytes
from gateway.transparency.note import Note, SignerKey
from gateway.transparency.tree import Frontier, leaf_hash

BEGIN = datetime(2026, 11, 22, 9, tzinfo=UTC)
KEY = SignerKey("hub.test/log", SignerKey.generate("x").kind, bytes(range(32)))
OTHER_KEY = SignerKey("hub.test/log", KEY.kind, bytes(32))


@dataclass
class Kept:
    """One leaf with its line."""

    line: dict[str, Any] | None
    salt: bytes | None
    commitment: bytes
    hash: bytes


@dataclass
class StoredLog:
    """Leaves in their order, checkpoints by size, and lines beside the tree."""

    dice: Random
    leaves: list[Kept] = field(default_factory=list[Kept])
    notes: dict[int, str] = field(default_factory=dict[int, str])
    beside: list[int] = field(default_factory=list[int])
    at: datetime = BEGIN

    @classmethod
    def grown(cls, dice: Random, size: int, *, largest_batch: int = 20) -> "StoredLog":
        log = cls(dice)
        while len(log.leaves) < size:
            count = min(dice.randint(1, largest_batch), size - len(log.leaves))
            for _ in range(count):
                log.add(log.a_line())
            log.sign()
        return log

    def a_line(self) -> dict[str, Any]:
        self.at += timedelta(seconds=self.dice.random() * 5)
        number = len(self.leaves) + 1
        return {
            "id": number + 100,
            "xid": str(number // 3 + 700),
            "at": self.at,
            "act": self.dice.choice(["read", "search", "consent_withdrawn"]),
            "actor": f"person/{self.uuid()}",
            "partner": self.dice.choice(["clb-voorbeeldstreek", None]),
            "role": None,
            "purpose": "care",
            "child": self.uuid(),
            "resources": [f"{self.uuid()}/{number}"],
            "classes": ["functional"],
            "outcome": self.dice.choice(["permit", "deny"]),
            "rules": ["J1"],
            "consents": [self.uuid()],
            "correlation": str(self.uuid()),
            "basis": self.dice.randbytes(32),
            "rules_version": "2026-11",
        }

    def uuid(self) -> UUID:
        return UUID(int=self.dice.getrandbits(128))

    def add(self, line: dict[str, Any]) -> None:
        salt = self.dice.randbytes(32)
        made = commitment(salt, personal_bytes(line))
        self.leaves.append(Kept(line, salt, made, leaf_hash(leaf_bytes(line, made))))

    def sign(self, key: SignerKey = KEY) -> None:
        """Sign what there is, a moment later."""
        self.at += timedelta(seconds=5)
        self.notes[len(self.leaves)] = self.signed(len(self.leaves), self.at, key)

    def signed(self, size: int, at: datetime, key: SignerKey) -> str:
        frontier = Frontier()
        for one in self.leaves[:size]:
            frontier.append(one.hash)
        made = Checkpoint(
            origin=key.name, size=size, root=frontier.root(), time=int(at.timestamp())
        )
        return str(Note(made.text, (key.sign(made.text),)))

    def rehash(self, index: int) -> None:
        """Make what is kept beside a line fit the line again."""
        kept = self.leaves[index]
        assert kept.line is not None
        kept.salt = self.dice.randbytes(32)
        kept.commitment = commitment(kept.salt, personal_bytes(kept.line))
        kept.hash = leaf_hash(leaf_bytes(kept.line, kept.commitment))

    def resign(self, start: int, key: SignerKey) -> None:
        """Sign every checkpoint above a size again, as of its own time."""
        for size, note in self.notes.items():
            if size > start:
                time = Checkpoint.of(Note.parse(note)).time or 0
                self.notes[size] = self.signed(size, datetime.fromtimestamp(time, UTC), key)

    def erase(self, index: int) -> None:
        kept = self.leaves[index]
        assert kept.line is not None
        kept.line |= ERASED
        kept.salt = None

    def rows(self, *, links: bool = False) -> Iterator[str]:
        yield header(KEY.name)
        size = max([len(self.leaves), *self.notes])
        for index in range(size):
            kept = self.leaves[index] if index < len(self.leaves) else Kept(None, None, b"", b"")
            stored = StoredLeaf(
                index=index,
                hash=kept.hash,
                line=kept.line,
                salt=kept.salt,
                commitment=kept.commitment,
            )
            yield from leaf_rows(stored, links=links)
            if index + 1 in self.notes:
                yield checkpoint_row(self.notes[index + 1])
        yield from (inserted_row(one) for one in self.beside)
        yield end_row(size)
