"""The blind relay: a mandated service asks, every holder hears it, and nobody learns who holds."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway import clock
from gateway.api.callers import HubOf, PartnerOf, require_scope
from gateway.errors import InvalidRequest, NotAllowed, NotFound
from gateway.exchange.legal_routes.relay_request import (
    Question,
    close_request,
    relay_request,
    requests_for,
)

router = APIRouter(prefix="/relay-requests", tags=["legal routes"])

MOST_CHARACTERS: Final = 4_000

Word = Annotated[str, Field(min_length=1, max_length=256)]


class RelayIn(BaseModel):
    """Which child, by your pseudonym or its national number, and what you want to know."""

    model_config = ConfigDict(extra="forbid")

    patient: Word | None = None
    insz: Word | None = None
    purpose: Literal["safety"] = "safety"
    question: Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)]


class RelayOut(BaseModel):
    """Always the same, whether or not anybody knows the child."""

    status: Literal["request relayed"] = "request relayed"


class RelayedOut(BaseModel):
    """A request to you about a child, in your own pseudonym."""

    id: str
    patient: str
    asked_by: str
    question: str
    asked_at: datetime


class RelayedList(BaseModel):
    """What waits for you, oldest first."""

    requests: list[RelayedOut]


@router.post("", status_code=202, summary="Ask blindly, for a child's safety (VK and OCJ only)")
def ask(body: RelayIn, hub: HubOf, caller: PartnerOf, response: Response) -> RelayOut:
    """Pass the question on to every service around the child; the answer never tells to whom."""
    require_scope(caller, "*", "r")
    if (body.patient is None) == (body.insz is None):
        raise InvalidRequest("name the child once: by patient or by insz", where="body.patient")
    asked = Question(patient=body.patient, insz=body.insz, text=body.question)
    if not relay_request(hub, caller, asked, at=clock.now()):
        raise NotAllowed("only a confidential centre or a youth care support centre asks this way")
    response.headers["Cache-Control"] = "no-store"
    return RelayOut()


@router.get("", summary="What others ask you")
def waiting(hub: HubOf, caller: PartnerOf, response: Response) -> RelayedList:
    """Return the open requests to you; you decide whether you speak, and on which ground."""
    require_scope(caller, "*", "r")
    response.headers["Cache-Control"] = "no-store"
    found = requests_for(hub, caller, at=clock.now())
    return RelayedList(requests=[RelayedOut.model_validate(asdict(one)) for one in found])


@router.post("/{request_id}/close", status_code=204, summary="Close a request without speaking")
def close(request_id: str, hub: HubOf, caller: PartnerOf) -> None:
    """Say that you dealt with it; who asked does not learn this."""
    require_scope(caller, "*", "r")
    if not close_request(hub, caller, request_id, at=clock.now()):
        raise NotFound
