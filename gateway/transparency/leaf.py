"""What the tree holds of a line of the access log: its canonical bytes, persons under a commitment.

The parts of a line that lead to a person are hashed with a random salt of that line (HMAC-SHA-256);
the leaf holds only that commitment. Whoever has the salt can show what was committed to. When the
salt and the parts are destroyed, the leaf stays as it was and tells nothing about anybody.
"""

import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import orjson

SALT_BYTES: Final = 32
CLEAR: Final = (
    "id",
    "xid",
    "at",
    "act",
    "partner",
    "role",
    "purpose",
    "classes",
    "outcome",
    "rules",
    "rules_version",
)
"""What of a line stands in its leaf as it is: what happened, when, by which service, why."""
COMMITTED: Final = ("actor", "child", "resources", "consents", "correlation", "basis")
"""What leads to a person, or to a resource, decision or question about one."""
ERASED: Final[Mapping[str, Any]] = {
    "actor": "erased",
    "child": None,
    "resources": [],
    "consents": [],
    "correlation": None,
    "basis": None,
}
"""What the committed parts hold once they were destroyed."""


def new_salt() -> bytes:
    """Return the salt of one line."""
    return secrets.token_bytes(SALT_BYTES)


def personal_bytes(line: Mapping[str, Any]) -> bytes:
    """Return the canonical bytes of the parts that are committed to."""
    return _canonical({name: line[name] for name in COMMITTED})


def commitment(salt: bytes, personal: bytes) -> bytes:
    """Return the commitment to the personal parts of a line."""
    return hmac.digest(salt, personal, "sha256")


def leaf_bytes(line: Mapping[str, Any], committed: bytes) -> bytes:
    """Return the canonical bytes of a line: one JSON object, names in order, no spaces."""
    return _canonical({name: line[name] for name in CLEAR} | {"commitment": committed.hex()})


def stored_commitment(line: Mapping[str, Any], salt: bytes | None, kept: bytes) -> bytes:
    """Return the commitment that the line as stored now amounts to.

    Without a salt only an erased line keeps its commitment; any other is a line that was changed.
    """
    if salt is None and is_erased(line):
        return kept
    return commitment(salt or b"", personal_bytes(line))


def is_erased(line: Mapping[Any, Any]) -> bool:
    """Say whether the personal parts of a line were destroyed."""
    return all(line[name] == ERASED[name] for name in COMMITTED)


def _canonical(parts: dict[str, Any]) -> bytes:
    # Instants are not left to the library: fixed in width and zone, they compare as text.
    return orjson.dumps(
        parts, default=_plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
    )


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    raise TypeError
