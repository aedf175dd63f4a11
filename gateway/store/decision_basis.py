"""What decisions rested on: append-only, each content once, encrypted under the child's key.

A line of the access log names one by its keyed hash. Destroying the child's key ends them all.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import LargeBinary, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from gateway.store.engine import Transaction
from gateway.store.lifecycle_tables import decision_basis
from gateway.store.vault import Vault, decrypt, encrypt

MOST_KNOWN: Final = 50_000
"""Hashes that one process remembers; some 5 MB."""

_FIND = select(decision_basis.c.hash, decision_basis.c.child, decision_basis.c.content).where(
    decision_basis.c.hash == any_(bindparam("hashes", type_=ARRAY(LargeBinary)))
)


class Basis(NamedTuple):
    """What a line of the log rests on; without `content` the database is known to hold it."""

    hash: bytes
    child: UUID
    content: bytes | None = None


class KnownBases:
    """The hashes that this process knows to be committed, so that they need not be sent again."""

    def __init__(self) -> None:
        self._hashes: set[bytes] = set()

    def __contains__(self, one: bytes) -> bool:
        return one in self._hashes

    def remember(self, committed: Iterable[Basis | None]) -> None:
        """Take up what a transaction wrote; only after its commit."""
        if len(self._hashes) > MOST_KNOWN:
            self.forget()
        self._hashes.update(one.hash for one in committed if one is not None)

    def forget(self) -> None:
        """Begin again: a database that was away may have come back as it was before."""
        self._hashes = set()


def seal(vault: Vault, known: KnownBases, child: UUID, key: bytes, plain: bytes) -> Basis:
    """Return a basis for a line of the log, encrypted unless the database holds it already."""
    named = vault.basis_hash(child, plain)
    if named in known:
        return Basis(named, child)
    return Basis(named, child, encrypt(key, plain, place=_place(child, named)))


def unseal(vault: Vault, key: bytes, stored: Basis) -> bytes | None:
    """Return the plain bytes; None if they are not what the hash names.

    Raises `Unreadable` when they do not open under this child's key.
    """
    place = _place(stored.child, stored.hash)
    plain = decrypt(key, stored.content or b"", place=place)
    return plain if vault.basis_hash(stored.child, plain) == stored.hash else None


def find(tx: Transaction, hashes: Iterable[bytes]) -> Mapping[bytes, Basis]:
    """Return what is stored under these hashes."""
    rows = tx.execute(_FIND, {"hashes": sorted(set(hashes))})
    return {row.hash: Basis(row.hash, row.child, row.content) for row in rows}


def _place(child: UUID, named: bytes) -> str:
    return f"child/{child}/basis/{named.hex()}"
