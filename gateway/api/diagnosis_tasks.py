"""What a service is asked about diagnoses, and what its professional decides."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from adapters.contract import dump
from consent.vocabulary import ROLES
from gateway import clock
from gateway.api.callers import HubOf, PartnerOf, require_scope
from gateway.api.problems import FHIR_JSON
from gateway.errors import Conflict, InvalidRequest, NotFound
from gateway.exchange.diagnoses.confirm_diagnosis import (
    DECIDED,
    OVERTAKEN,
    Decided,
    confirm_diagnosis,
)
from gateway.exchange.diagnoses.list_diagnosis_tasks import list_diagnosis_tasks
from gateway.exchange.refusal import Refusal

router = APIRouter(prefix="/diagnosis-tasks", tags=["one diagnosis"], max_body_size=64_000)
NO_STORE = {"Cache-Control": "no-store"}

Role = Annotated[str, Query(description="In which role somebody of yours looks")]


class DecisionIn(BaseModel):
    """Who decided, in which role, about which version; name and reason are kept encrypted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: str
    version: Annotated[int, Field(ge=1)]
    decider: str = ""
    role: str
    reason: str = ""


class TaskStatus(BaseModel):
    """What became of the task."""

    status: str


@router.get("", summary="What you are asked about diagnoses")
def waiting(
    hub: HubOf,
    caller: PartnerOf,
    patient: Annotated[str | None, Query(description="Your own pseudonym of the child")] = None,
    role: Role = "care",
) -> Response:
    """Return open Tasks: about your own statements, or one child's for its supporter."""
    require_scope(caller, "*", "r")
    _check_role(role)
    found = list_diagnosis_tasks(hub, caller, patient, role=role, at=clock.now())
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
    if found:
        bundle["entry"] = [{"resource": one, "search": {"mode": "match"}} for one in found]
    return Response(dump(bundle), headers=NO_STORE, media_type=FHIR_JSON)


@router.post("/{task}/decision", summary="Confirm a proposed diagnosis, or do not")
def decide(
    task: str, body: DecisionIn, hub: HubOf, caller: PartnerOf, response: Response
) -> TaskStatus:
    """Record what a person with that role decided; 404 for a task that is not yours."""
    # A trajectory supporter may belong to a service that delivers no records.
    require_scope(caller, "*", "r")
    _check_role(body.role)
    response.headers.update(NO_STORE)
    decided = Decided(
        task=task,
        outcome=body.outcome,
        version=body.version,
        decider=body.decider,
        role=body.role,
        reason=body.reason,
    )
    found = confirm_diagnosis(hub, caller, decided, at=clock.now())
    if isinstance(found, Refusal):
        late = found.code in {OVERTAKEN, DECIDED}
        error = Conflict(found.message) if late else InvalidRequest(found.message)
        error.code = found.code
        raise error
    if found is None:
        raise NotFound
    return TaskStatus(status=found)


def _check_role(role: str) -> None:
    # The role is written in the log: only the words of the rules may stand there.
    if role not in ROLES:
        raise InvalidRequest(f"use one of: {', '.join(sorted(ROLES))}", where="role")
