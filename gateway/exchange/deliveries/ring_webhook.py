"""Tell services with a webhook that their feed has something: a number, and nothing of anybody."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import NAMESPACE_URL, uuid5

import orjson

from gateway.exchange.hub import Hub
from gateway.identity.jose import sign_detached
from gateway.store import receiving
from gateway.store.engine import transaction
from gateway.store.receiving import Receiving

TYPE: Final = "be.deelregie.feed.advanced.v1"
CONTENT_TYPE: Final = "application/cloudevents+json"
# Longer than a call can take, so that nobody makes it twice at once; a lost one is made again.
LEASE: Final = timedelta(seconds=60)
FIRST: Final = timedelta(seconds=2)
LONGEST: Final = timedelta(hours=1)
GIVE_UP: Final = timedelta(hours=72)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """One call to make: the same `webhook-id` for the same news, signed anew each time."""

    claim: Receiving
    url: str
    body: bytes
    headers: Mapping[str, str]


def rings_due(hub: Hub, *, at: datetime) -> tuple[Ring, ...]:
    """Take the calls that are to be made now; say of each how it ended, or it is made again."""
    with transaction(hub.engine) as tx:
        claimed = receiving.claim_webhooks(tx, at=at, until=at + LEASE)
    return tuple(_ring(hub, one, at=at) for one in claimed)


def ring_ended(hub: Hub, ring: Ring, trouble: str | None, *, at: datetime) -> bool:
    """Record how a call ended (None: it was taken); True if it will not be tried again.

    `gone` parks at once, other trouble after 72 hours without a success.
    """
    claim = ring.claim
    with transaction(hub.engine) as tx:
        if trouble is None:
            receiving.told(tx, claim)
            return False
        over = trouble == "gone" or at - (claim.failing_since or at) >= GIVE_UP
        next_at = None if over else at + pause(claim.attempts)
        receiving.failed(tx, claim, trouble, next_at=next_at, at=at)
        return over


def pause(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: doubling, up to an hour, never in step."""
    whole = min(FIRST * float(2 ** min(attempts - 1, 16)), LONGEST)
    return whole * random.uniform(0.5, 1.0)  # noqa: S311 -- spread only, no secret


def _ring(hub: Hub, claim: Receiving, *, at: datetime) -> Ring:
    assert claim.url is not None
    issuer, latest = hub.settings.issuer, claim.put_sequence
    event = {
        "specversion": "1.0",
        "id": str(uuid5(NAMESPACE_URL, f"{issuer}/feed/{claim.partner}/{latest}")),
        "source": issuer,
        "type": TYPE,
        "time": at.isoformat(),
        "datacontenttype": "application/json",
        "data": {"partner": claim.partner, "latest": latest},
    }
    body = orjson.dumps(event)
    return Ring(claim=claim, url=claim.url, body=body, headers=_headers(hub, event, body, at=at))


def _headers(hub: Hub, event: Mapping[str, object], body: bytes, *, at: datetime) -> dict[str, str]:
    """Standard Webhooks' headers; the signature is a detached JWS over its signed content."""
    name, moment = str(event["id"]), str(int(at.timestamp()))
    signed = f"{name}.{moment}.".encode() + body
    return {
        "content-type": CONTENT_TYPE,
        "webhook-id": name,
        "webhook-timestamp": moment,
        "webhook-signature": sign_detached(hub.settings.signing_key.get_secret_value(), signed),
    }
