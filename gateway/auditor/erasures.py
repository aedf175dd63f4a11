"""Erasing a child, decided by two auditors of whom one is the DPO, as JSON beside the log."""

from datetime import datetime
from typing import Annotated, NoReturn
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.clock import now
from gateway.errors import Conflict, NotAllowed, NotAuthenticated, NotFound
from gateway.exchange.erase_child import (
    NO_DPO,
    NO_SUCH_CHILD,
    NOT_WAITING,
    SAME_PERSON,
    Decider,
    ErasureRequest,
    NotErased,
    ask_erasure,
    confirm_erasure,
    reject_erasure,
    waiting_erasures,
)
from gateway.exchange.hub import Hub
from gateway.exchange.search_log import AUDITORS
from gateway.identity.session import csrf_token, current_auditor, current_person, form_is_ours
from gateway.pages.render import hub_of

router = APIRouter(prefix="/erasures", tags=["audit"])

CsrfHeader = Annotated[str, Header(alias="X-CSRF-Token")]
DPO = "dpo"
_WORDS = {
    "no_such_ground": "name a ground of schemas/legal/retention.v1.json",
    "no_reason": "say why",
    "match_waits": "decide first whether the open matches are about this child",
    "records_wait": "records that came in before still wait to be stored; try again in a moment",
    "busy": "somebody is busy with this child; try again in a moment",
}


class Wish(BaseModel):
    """Which child, on which ground, and why; the reason ends with the child's key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    child: str = Field(max_length=64, description="The auditors' pseudonym, as in the log.")
    ground: str = Field(max_length=40, description="A code of the register of grounds.")
    reason: str = Field(min_length=1, max_length=2000)


class Waiting(BaseModel):
    """One erasure that waits for its second person."""

    id: UUID
    child: str
    ground: str
    reason: str
    asked_by: str
    asked_at: datetime


class WaitingErasures(BaseModel):
    """What waits, longest first."""

    erasures: list[Waiting]


class Done(BaseModel):
    """The id of the erasure."""

    id: UUID


class ErasedOut(BaseModel):
    """What was done: numbers only."""

    id: UUID
    originals: int
    keys_destroyed: int
    services_told: int


@router.get("")
def list_erasures(request: Request, response: Response) -> WaitingErasures:
    """List what waits for a second person; the answer carries the X-CSRF-Token."""
    _decider(request)
    hub = hub_of(request)
    response.headers["X-CSRF-Token"] = csrf_token(request)
    response.headers["Cache-Control"] = "no-store"
    return WaitingErasures(
        erasures=[
            Waiting(
                id=one.id,
                child=hub.vault.pairwise(AUDITORS, one.child),
                ground=one.ground,
                reason=one.reason,
                asked_by=one.asked_by,
                asked_at=one.asked_at,
            )
            for one in waiting_erasures(hub, at=now())
        ]
    )


@router.post("", status_code=201)
def ask(request: Request, wish: Wish, x_csrf_token: CsrfHeader = "") -> Done:
    """Ask that a child is erased; nothing happens until somebody else confirms it."""
    hub, by = _guarded(request, x_csrf_token)
    child = hub.vault.resolve(AUDITORS, wish.child)
    if child is None:
        raise NotFound
    wanted = ErasureRequest(child=child, ground=wish.ground, reason=wish.reason)
    done = ask_erasure(hub, wanted, by, at=now())
    if isinstance(done, NotErased):
        _refuse(done)
    return Done(id=done)


@router.post("/{erasure}/confirm")
def confirm(request: Request, erasure: UUID, x_csrf_token: CsrfHeader = "") -> ErasedOut:
    """Erase the child; it cannot be undone."""
    hub, by = _guarded(request, x_csrf_token)
    done = confirm_erasure(hub, erasure, by, at=now())
    if isinstance(done, NotErased):
        _refuse(done)
    return ErasedOut(
        id=erasure,
        originals=done.originals,
        keys_destroyed=done.keys_destroyed,
        services_told=done.services_told,
    )


@router.post("/{erasure}/reject")
def reject(request: Request, erasure: UUID, x_csrf_token: CsrfHeader = "") -> Done:
    """Say no; nothing is erased."""
    hub, by = _guarded(request, x_csrf_token)
    if not reject_erasure(hub, erasure, by, at=now()):
        raise NotFound
    return Done(id=erasure)


def _refuse(done: NotErased) -> NoReturn:
    if done.why in {NO_SUCH_CHILD, NOT_WAITING}:
        raise NotFound
    if done.why == SAME_PERSON:
        raise NotAllowed("another person than the one who asked must confirm")
    if done.why == NO_DPO:
        raise NotAllowed("one of the two must be the data protection officer")
    raise Conflict(_WORDS[done.why])


def _guarded(request: Request, token: str) -> tuple[Hub, Decider]:
    by, hub = _decider(request), hub_of(request)
    if not form_is_ours(request, token, issuer=hub.settings.issuer):
        raise NotAllowed("send the X-CSRF-Token that GET /erasures answers, from here")
    return hub, by


def _decider(request: Request) -> Decider:
    auditor = current_auditor(request)
    if auditor is None and current_person(request):
        raise NotAllowed("erasures are decided by auditors only")
    if auditor is None:
        raise NotAuthenticated
    return Decider(name=f"auditor/{auditor.auditor}", is_dpo=DPO in auditor.roles)
