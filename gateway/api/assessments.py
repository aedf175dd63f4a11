"""A service bound by secrecy tells whether a minor can decide, with reasons (rule R8)."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway import clock
from gateway.api.callers import HubOf, PartnerOf, require_scope
from gateway.api.recorded import recorded
from gateway.exchange.families.assess import Assessed, assess

router = APIRouter(tags=["family decisions"], max_body_size=64_000)


class AssessmentIn(BaseModel):
    """What was found; reasons and assessor are kept encrypted, for the family and nobody else."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    patient: Annotated[str, Field(max_length=64)]
    outcome: str
    reasons: str = ""
    assessor: str = ""


class AssessmentId(BaseModel):
    """The id of the assessment."""

    id: str


@router.post("/assessments", status_code=201, summary="Tell whether a minor can decide")
def tell(body: AssessmentIn, hub: HubOf, caller: PartnerOf, response: Response) -> AssessmentId:
    """Record it and tell the family; without a care relation 404, as for an unknown child."""
    require_scope(caller, "*", "c")
    response.headers["Cache-Control"] = "no-store"
    assessed = Assessed(
        patient=body.patient, outcome=body.outcome, reasons=body.reasons, assessor=body.assessor
    )
    found = assess(hub, caller, assessed, at=clock.now())
    return AssessmentId(id=recorded(found))
