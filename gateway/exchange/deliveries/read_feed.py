"""Give a service without Kafka what lies in its feed: ciphertext and notices, never a key.

The key still comes from `release_key`, where the sharing is decided and logged; to hand over
ciphertext is no disclosure, as it is none to let it lie in a topic.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from gateway.errors import Conflict, InvalidRequest, NotAllowed
from gateway.exchange.deliveries.seal_delivery import ENDED_TYPE, UPDATED_TYPE, WITHDRAWN_TYPE
from gateway.exchange.hub import Hub
from gateway.identity.callers import PartnerCaller
from gateway.store import feed, partners, receiving
from gateway.store.engine import AnyRow, Transaction, transaction
from gateway.store.outbox import ENDED, UPDATED, WITHDRAWN
from gateway.store.receiving import Receiving

MOST_EVENTS: Final = 100
# More than this and the rest is left to the next page; one message alone may be larger.
PAGE_BYTES: Final = 8_000_000
_TYPES: Final = {UPDATED: UPDATED_TYPE, WITHDRAWN: WITHDRAWN_TYPE, ENDED: ENDED_TYPE}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEvent:
    """One message: `payload` is its ciphertext or notice, None when it lies here no more."""

    id: str
    sequence: int
    type: str
    bucket: str
    at: datetime
    payload: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """Messages in order without a gap; `more` when there are others already."""

    events: tuple[FeedEvent, ...]
    more: bool


def read_feed(hub: Hub, caller: PartnerCaller, *, after: int, limit: int) -> FeedPage:
    """Return what follows the number `after`; 0 begins with the first message of the feed.

    Raise `NotAllowed` for a service that does not receive by the feed, `InvalidRequest` for a
    number before its feed began and `Conflict` for one that no message has yet.
    """
    with transaction(hub.engine) as tx:
        how = _how(tx, caller.partner)
        start = _start(tx, how, after)
        rows = feed.page(tx, caller.partner, after=start, limit=limit + 1)
        here = list(_that_fit(rows[:limit], after=start))
        payloads = feed.payloads(tx, [row.id for row in here])
    events = tuple(_event(hub, caller.partner, row, payloads) for row in here)
    following = rows[len(here)] if len(rows) > len(here) else None
    return FeedPage(events=events, more=bool(events) and _is_there(following))


def _how(tx: Transaction, partner: str) -> Receiving:
    known, how = partners.find(tx, partner), receiving.of_partner(tx, partner)
    if known is None or known.status != partners.ACTIVE or not how.by_feed:
        raise NotAllowed("this service does not receive by the feed; ask the hub's operator")
    return how


def _start(tx: Transaction, how: Receiving, after: int) -> int:
    if 0 < after < how.since_sequence:
        message = f"your feed begins after {how.since_sequence}; what came before went another way"
        raise InvalidRequest(message, where="after", code="before_feed")
    if after > feed.last_sequence(tx, how.partner):
        # A state of another hub, or a hub that was restored from a backup: ids may come again.
        message = "no message has this number yet; begin at 0, and deal with each id once"
        raise Conflict(message, where="after")
    return max(after, how.since_sequence)


def _that_fit(rows: Iterable[AnyRow], *, after: int) -> Iterator[AnyRow]:
    """Yield rows until the first that is not there yet, or until there are bytes enough."""
    size = 0
    for expected, row in enumerate(rows, start=after + 1):
        size += row.size or 0
        if row.sequence != expected or not _is_there(row):
            return
        if size > PAGE_BYTES and row.sequence > after + 1:
            return
        yield row


def _is_there(row: AnyRow | None) -> bool:
    return row is not None and (row.size is not None or row.state != "sealed")


def _event(hub: Hub, partner: str, row: AnyRow, payloads: Mapping[UUID, bytes]) -> FeedEvent:
    return FeedEvent(
        id=str(row.id),
        sequence=row.sequence,
        type=_TYPES[row.kind],
        bucket=hub.vault.bucket(partner, row.child),
        at=row.sealed_at,
        payload=payloads.get(row.id),
    )
