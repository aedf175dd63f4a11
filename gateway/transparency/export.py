"""How an export of the log is written, row by row; `verify_log.py` reads it (docs/access-log.md).

Each leaf stands in it as the very bytes that are hashed, so that a reader needs no canonical form.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.transparency.leaf import (
    is_erased,
    leaf_bytes,
    personal_bytes,
    stored_commitment,
)
from gateway.transparency.verify_log import FORM


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLeaf:
    """What is stored of one leaf: hash, line, salt and commitment as far as they are there."""

    index: int
    hash: bytes
    line: Mapping[str, Any] | None
    salt: bytes | None
    commitment: bytes


def header(origin: str) -> str:
    """Return the first row."""
    return f"{FORM} {origin}\n"


def leaf_rows(leaf: StoredLeaf, *, links: bool) -> Iterator[str]:
    """Yield the rows of one leaf; with `links` also what opens its commitment."""
    at = f"{leaf.index} {base64.b64encode(leaf.hash).decode()}"
    if leaf.line is None:
        yield f"- {at}\n"
        return
    committed = stored_commitment(leaf.line, leaf.salt, leaf.commitment)
    erased = leaf.salt is None and is_erased(leaf.line)
    yield f"{'~' if erased else '+'} {at} {leaf_bytes(leaf.line, committed).decode()}\n"
    if links and not erased:
        salt = base64.b64encode(leaf.salt or b"").decode()
        yield f"? {salt} {personal_bytes(leaf.line).decode()}\n"


def checkpoint_row(note: str) -> str:
    """Return the row of a checkpoint, which stands after the last leaf that it covers."""
    return f"= {base64.b64encode(note.encode()).decode()}\n"


def end_row(size: int) -> str:
    """Return the last row, so that a file that was cut off is known by its lack."""
    return f". {size}\n"


def inserted_row(line: int) -> str:
    """Return the row of a line that should be in the tree and is not."""
    return f"! {line}\n"
