"""Erasing a child, decided by two auditors of whom one is the DPO, as JSON beside the log."""

from datetime import datetime
from typing import NoReturn
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.auditor.guards import CsrfHeader, guarded, signed_in, with_token
from gateway.clock import now
from gateway.errors import Conflict, NotAllowed, NotFound
from gateway.exchange.erasure.erase_child import (
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
from gateway.identity.callers import AuditorCaller
from gateway.pages.render import hub_of
from gateway.store.vault import AUDITORS

router = APIRouter(prefix="/erasures", tags=["audit"])

DPO = "dpo"
WORDS = 2000
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
    reason: str = Field(min_length=1, max_length=WORDS)


class Refusal(BaseModel):
    """Why nothing is to be erased; it ends with the child's key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: str = Field(default="", max_length=WORDS)


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
    signed_in(request)
    with_token(request, response)
    hub = hub_of(request)
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
    hub, auditor = guarded(request, x_csrf_token)
    child = hub.vault.resolve(AUDITORS, wish.child)
    if child is None:
        raise NotFound
    wanted = ErasureRequest(child=child, ground=wish.ground, reason=wish.reason)
    done = ask_erasure(hub, wanted, decider(auditor), at=now())
    if isinstance(done, NotErased):
        _refuse(done)
    return Done(id=done)


@router.post("/{erasure}/confirm")
def confirm(request: Request, erasure: UUID, x_csrf_token: CsrfHeader = "") -> ErasedOut:
    """Erase the child; it cannot be undone."""
    hub, auditor = guarded(request, x_csrf_token)
    done = confirm_erasure(hub, erasure, decider(auditor), at=now())
    if isinstance(done, NotErased):
        _refuse(done)
    return ErasedOut(
        id=erasure,
        originals=done.originals,
        keys_destroyed=done.keys_destroyed,
        services_told=done.services_told,
    )


@router.post("/{erasure}/reject")
def reject(
    request: Request, erasure: UUID, said: Refusal | None = None, x_csrf_token: CsrfHeader = ""
) -> Done:
    """Say no, and best why; nothing is erased."""
    hub, auditor = guarded(request, x_csrf_token)
    reason = said.reason if said else ""
    if not reject_erasure(hub, erasure, decider(auditor), at=now(), reason=reason):
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


def decider(auditor: AuditorCaller) -> Decider:
    """Return an auditor as who decides about an erasure."""
    return Decider(name=f"auditor/{auditor.auditor}", is_dpo=DPO in auditor.roles)
