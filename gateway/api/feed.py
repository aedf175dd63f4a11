"""Partners without Kafka pull their messages here: the same ones, in the same order, sealed."""

import asyncio
import time
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gateway.api.callers import HubOf, PartnerOf, require_scope
from gateway.api.pace import Pace
from gateway.exchange.deliveries.read_feed import MOST_EVENTS, FeedEvent, FeedPage, read_feed
from gateway.exchange.deliveries.seal_delivery import UPDATED_TYPE
from gateway.exchange.hub import Hub
from gateway.identity.callers import PartnerCaller

LONGEST_WAIT: Final = 25
LOOK_SECONDS: Final = 0.5
_LARGEST_NUMBER: Final = 2**63 - 1
# The CloudEvents extension `sequence` orders by text, as in Kafka's headers.
_SEQUENCE_DIGITS: Final = 19

router = APIRouter(tags=["feed"])


class EventOut(BaseModel):
    """A CloudEvent 1.0 in JSON, with the attributes that it has in Kafka."""

    model_config = ConfigDict(extra="forbid")

    specversion: str
    id: Annotated[str, Field(description="Of the message; ask its key with `POST /keys`.")]
    source: str
    type: str
    time: str
    sequence: Annotated[str, Field(description="Its number among yours, in 19 digits, no gaps.")]
    partitionkey: str
    datacontenttype: str
    data: Annotated[
        str | dict[str, list[str]] | None,
        Field(description="A compact JWE, or the ids of a notice; absent when kept no more."),
    ] = None


class FeedOut(BaseModel):
    """The next messages, oldest first; nothing when there are none."""

    events: list[EventOut]
    next: Annotated[int, Field(description="Give it as `after` when you have dealt with these.")]
    more: Annotated[bool, Field(description="Whether there are others already.")]


class Asked(BaseModel):
    """Which messages, and how long to wait for one."""

    model_config = ConfigDict(extra="forbid")

    after: Annotated[
        int,
        Field(ge=0, le=_LARGEST_NUMBER, description="The number of the last one you dealt with."),
    ] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_EVENTS)] = MOST_EVENTS
    wait: Annotated[
        int, Field(ge=0, le=LONGEST_WAIT, description="Seconds to wait when there is nothing yet.")
    ] = 0


@router.get(
    "/feed",
    summary="Pull your messages, in order",
    response_model=FeedOut,
    responses={
        400: {"description": "A number from before your feed began."},
        403: {"description": "Your scope does not reach, or you do not receive by the feed."},
        409: {"description": "No message has this number yet."},
        429: {"description": "You ask too often, or wait twice already."},
    },
)
async def feed(
    request: Request, hub: HubOf, caller: PartnerOf, asked: Annotated[Asked, Query()]
) -> Response:
    """Hand over ciphertext and notices. The permission is in the key, which `POST /keys` gives."""
    require_scope(caller, "*", "r")
    pace: Pace = request.app.state.feed_pace
    pace.spend(caller.partner)
    page = await _page(hub, caller, asked)
    if not page.events and asked.wait:
        page = await _waited(hub, caller, pace, asked)
    body = _body(hub, page, asked.after)
    return Response(body, headers=_NO_STORE, media_type="application/json")


_NO_STORE: Final = {"Cache-Control": "no-store"}


async def _page(hub: Hub, caller: PartnerCaller, asked: Asked) -> FeedPage:
    return await run_in_threadpool(read_feed, hub, caller, after=asked.after, limit=asked.limit)


async def _waited(hub: Hub, caller: PartnerCaller, pace: Pace, asked: Asked) -> FeedPage:
    """Look now and then, holding no thread and no transaction in between."""
    deadline = time.monotonic() + asked.wait
    pace.begins_to_wait(caller.partner)
    try:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            page = await _page(hub, caller, asked)
            if page.events or time.monotonic() >= deadline:
                return page
    finally:
        pace.waits_no_more(caller.partner)


def _body(hub: Hub, page: FeedPage, after: int) -> bytes:
    events = [_event(hub, one) for one in page.events]
    last = page.events[-1].sequence if page.events else after
    return orjson.dumps({"events": events, "next": last, "more": page.more})


def _event(hub: Hub, one: FeedEvent) -> dict[str, Any]:
    sealed = one.type == UPDATED_TYPE
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": one.id,
        "source": hub.settings.issuer,
        "type": one.type,
        "time": one.at.isoformat(),
        "sequence": f"{one.sequence:0{_SEQUENCE_DIGITS}d}",
        "partitionkey": one.bucket,
        "datacontenttype": "application/jose" if sealed else "application/json",
    }
    if one.payload is not None:
        event["data"] = one.payload.decode() if sealed else orjson.Fragment(one.payload)
    return event
