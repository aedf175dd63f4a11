"""A hub with another key-encryption key than its database was written with does not start.

It could read nothing, and what it writes nobody could read with the right one.
"""

from typing import Final

from sqlalchemy.exc import ProgrammingError

from gateway.errors import SourceUnavailable
from gateway.exchange.hub import Hub
from gateway.store.engine import transaction
from gateway.store.rewrapping import some_wrapped
from gateway.store.vault import KeyUnreadable

REFUSAL: Final = (
    "DEELREGIE_KEY_ENCRYPTION_KEY does not open every data key of this database: give the key that"
    " it was written with. If you are replacing that key, first type"
    " `deelregie rewrap-keys OLD_KEY_FILE` (docs/erasure.md); it may be repeated"
)


def why_not_opened(hub: Hub) -> str | None:
    """Say why a program may not start with this key; None if it may, or if nothing can be seen.

    Tries some keys at both ends of each table, so that half a replacement is noticed too, and one
    key that is damaged stops nobody.
    """
    try:
        opened = _opened(hub)
    except (SourceUnavailable, ProgrammingError):
        # Away, or not migrated yet: the readiness probe tells.
        return None
    return None if all(map(any, opened)) else REFUSAL


def opens_nothing(hub: Hub) -> bool:
    """Whether there are data keys, and this hub's key opens none of those that are tried."""
    opened = _opened(hub)
    return bool(opened) and not any(map(any, opened))


def _opened(hub: Hub) -> list[list[bool]]:
    """Say of some keys at each end of each table that has any whether they open."""
    with transaction(hub.engine) as tx:
        return [[_opens(hub, *one) for one in end] for end in some_wrapped(tx)]


def _opens(hub: Hub, place: str, wrapped: bytes) -> bool:
    try:
        hub.vault.unwrap(wrapped, place=place)
    except KeyUnreadable:
        return False
    return True
