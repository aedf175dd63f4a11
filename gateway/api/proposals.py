"""A service asks the family of a child for a consent; it never learns what they answered."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway import clock
from gateway.api.callers import HubOf, PartnerOf, require_scope
from gateway.api.recorded import recorded
from gateway.exchange.families.propose import Proposed, propose

router = APIRouter(tags=["family decisions"])


class ProposalIn(BaseModel):
    """What the service would like to see; it is itself the recipient."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    patient: Annotated[str, Field(max_length=64)]
    classes: Annotated[frozenset[str], Field(max_length=20)]
    purpose: str
    until: date


class ProposalId(BaseModel):
    """The id of the proposal; the same question again gets the same id."""

    id: str


@router.post("/proposals", status_code=201, summary="Ask a family for a consent")
def ask(body: ProposalIn, hub: HubOf, caller: PartnerOf, response: Response) -> ProposalId:
    """Put the question to who decides; without a care relation 404, as for an unknown child."""
    require_scope(caller, "*", "r")
    response.headers["Cache-Control"] = "no-store"
    proposed = Proposed(
        patient=body.patient, classes=body.classes, purpose=body.purpose, until=body.until
    )
    found = propose(hub, caller, proposed, at=clock.now())
    return ProposalId(id=recorded(found))
