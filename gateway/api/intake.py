"""Partners deliver their own records in their own format, and ask what became of them."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Request, Response
from starlette.concurrency import run_in_threadpool

from gateway import clock
from gateway.api.callers import HubOf, PartnerOf, partner_of, require_scope
from gateway.errors import NotFound, RefusedContent
from gateway.exchange.hub import Hub
from gateway.exchange.records.read_receipt import ReceiptView, read_receipt
from gateway.exchange.records.receive_record import Incoming, Refused, accept_record
from gateway.observability import Event, log

router = APIRouter(prefix="/intake", tags=["intake"])


@router.post("/{source}", status_code=202, summary="Deliver a record in the partner's own format")
async def deliver(
    source: str,
    request: Request,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Response:
    """Keep the exact original durably and answer a receipt; a repeat gets the same receipt."""
    hub: Hub = request.app.state.hub
    caller = partner_of(request)
    require_scope(caller, "*", "c")
    incoming = Incoming(
        partner=caller.partner,
        source=source,
        raw=await _body(request, hub.settings.max_body_bytes),
        content_type=request.headers.get("content-type"),
        idempotency_key=idempotency_key,
        channel="http",
    )
    return await run_in_threadpool(_accept, hub, incoming)


def _accept(hub: Hub, incoming: Incoming) -> Response:
    answer = accept_record(hub, incoming, at=clock.now())
    if isinstance(answer, Refused):
        raise RefusedContent(
            answer.message,
            status=answer.status,
            code=answer.code,
            where=answer.where,
            receipt=answer.receipt,
        )
    log(Event.RECEIPT_ACCEPTED, receipt=answer.receipt, source=incoming.source)
    place = f"/intake/receipts/{answer.receipt}"
    body = {"receipt": answer.receipt, "repeated": answer.repeated, "location": place}
    return Response(orjson.dumps(body), 202, {"Location": place}, "application/json")


async def _body(request: Request, limit: int) -> bytes:
    """Read at most one byte past the limit, whatever Content-Length claims."""
    chunks, size = [], 0
    async for chunk in request.stream():
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            break
    return b"".join(chunks)[: limit + 1]


@router.get("/receipts/{receipt}", summary="What became of every part of a record")
def show_receipt(receipt: str, hub: HubOf, caller: PartnerOf) -> ReceiptView:
    """Return a partner's own receipt: parts, refusals, questions, and what it took back.

    And the fate of every source field.
    """
    view = read_receipt(hub, caller, receipt)
    if view is None:
        raise NotFound
    return view
