"""Recipients ask for the keys of messages they hold: the moment at which sharing happens."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from gateway import clock
from gateway.api.callers import HubOf, PartnerOf, require_scope
from gateway.exchange.deliveries.release_key import MOST_IDS, KeyAnswer, release_keys

router = APIRouter(tags=["keys"])
MessageId = Annotated[str, Field(max_length=64)]


class KeyRequest(BaseModel):
    """Ids of messages (`ce_id`) whose content the partner wants to read now."""

    ids: Annotated[list[MessageId], Field(min_length=1, max_length=MOST_IDS)]


class KeyResponse(BaseModel):
    """One answer per asked id, in the same order; `gone` is final."""

    keys: list[KeyAnswer]


@router.post("/keys", summary="Ask for the keys of messages", response_model_exclude_none=True)
def ask(body: KeyRequest, hub: HubOf, caller: PartnerOf, response: Response) -> KeyResponse:
    """Decide again on current facts, log, and only then answer."""
    require_scope(caller, "*", "r")
    response.headers["Cache-Control"] = "no-store"
    return KeyResponse(keys=list(release_keys(hub, caller, body.ids, at=clock.now())))
