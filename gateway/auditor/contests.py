"""The DPO settles whether a contested consent was validly given, as JSON beside the log."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from gateway.auditor.guards import CsrfHeader, guarded, signed_in, with_token
from gateway.clock import now
from gateway.errors import NotFound
from gateway.exchange.families.contest import contested, settle_contest
from gateway.pages.render import hub_of

router = APIRouter(prefix="/log/contests", tags=["audit"])


class Contests(BaseModel):
    """Pseudonyms of the consents that wait, longest first; the log tells what they are about."""

    consents: list[str]


class Settlement(BaseModel):
    """What was found: `upheld`, it counts again; `annulled`, it is ended for good."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Literal["upheld", "annulled"]


class Settled(BaseModel):
    """The pseudonym of the consent that was settled."""

    consent: str


@router.get("")
def list_contests(request: Request, response: Response) -> Contests:
    """List what waits; the answer carries the X-CSRF-Token."""
    signed_in(request)
    with_token(request, response)
    return Contests(consents=list(contested(hub_of(request))))


@router.post("/{consent}")
def settle(
    request: Request, consent: str, settlement: Settlement, x_csrf_token: CsrfHeader = ""
) -> Settled:
    """Settle one contest; a second time there is nothing to settle."""
    hub, auditor = guarded(request, x_csrf_token)
    uphold = settlement.outcome == "upheld"
    if not settle_contest(hub, auditor, consent, uphold=uphold, at=now()):
        raise NotFound
    return Settled(consent=consent)
