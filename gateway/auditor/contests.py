"""The DPO settles whether a contested consent was validly given, as JSON beside the log."""

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict

from gateway.clock import now
from gateway.errors import NotAllowed, NotAuthenticated, NotFound
from gateway.exchange.contest import contested, settle_contest
from gateway.identity.callers import AuditorCaller
from gateway.identity.session import csrf_token, current_auditor, current_person, form_is_ours
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
    _auditor(request)
    response.headers["X-CSRF-Token"] = csrf_token(request)
    response.headers["Cache-Control"] = "no-store"
    return Contests(consents=list(contested(hub_of(request))))


@router.post("/{consent}")
def settle(
    request: Request,
    consent: str,
    settlement: Settlement,
    x_csrf_token: Annotated[str, Header(alias="X-CSRF-Token")] = "",
) -> Settled:
    """Settle one contest; a second time there is nothing to settle."""
    auditor, hub = _auditor(request), hub_of(request)
    if not form_is_ours(request, x_csrf_token, issuer=hub.settings.issuer):
        raise NotAllowed("send the X-CSRF-Token that GET /log/contests answers, from this origin")
    uphold = settlement.outcome == "upheld"
    if not settle_contest(hub, auditor, consent, uphold=uphold, at=now()):
        raise NotFound
    return Settled(consent=consent)


def _auditor(request: Request) -> AuditorCaller:
    auditor = current_auditor(request)
    if auditor is None and current_person(request):
        raise NotAllowed("contests are settled by auditors only")
    if auditor is None:
        raise NotAuthenticated
    return auditor
