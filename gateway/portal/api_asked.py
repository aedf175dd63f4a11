"""What services asked or found, as JSON for the family: proposals and assessments."""

from datetime import date, datetime

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from gateway.clock import now
from gateway.errors import NotFound
from gateway.exchange.families.assess import AssessmentView, assessments_about, contest_assessment
from gateway.exchange.families.propose import decline_proposal, open_for
from gateway.pages.render import hub_of
from gateway.portal.api_session import CsrfHeader, guarded, signed_in
from gateway.store.proposals import Proposal

router = APIRouter(prefix="/consents", tags=["family"])


class ProposalOut(BaseModel):
    """What a service asks; a yes is given as any other, with this id as `proposal`."""

    id: str
    child: str
    partner: str
    classes: list[str]
    purpose: str
    until: date
    proposed: datetime


class ProposalList(BaseModel):
    """The proposals that wait for an answer of the signed-in person, oldest first."""

    proposals: list[ProposalOut]


class AssessmentOut(BaseModel):
    """What a service found about whether a young person can decide."""

    id: str
    outcome: str
    partner: str | None
    assessed: datetime
    contested: bool
    settled: bool
    reasons: str | None
    assessor: str | None
    can_contest: bool


class AssessmentList(BaseModel):
    """The assessments of one child, newest first; the first is the one that counts."""

    assessments: list[AssessmentOut]


class Answered(BaseModel):
    """The id of what was answered."""

    id: str


@router.get("/proposals")
def list_proposals(request: Request, response: Response, child: str) -> ProposalList:
    """List what services around one own child ask; empty for who does not decide."""
    response.headers["Cache-Control"] = "no-store"
    found = open_for(hub_of(request), signed_in(request), child, at=now())
    return ProposalList(proposals=[_proposal(one) for one in found])


@router.post("/proposals/{proposal}/decline")
def decline(request: Request, proposal: str, x_csrf_token: CsrfHeader = "") -> Answered:
    """Say no to the question; nothing else changes, and the service does not learn it."""
    person = guarded(request, x_csrf_token)
    if not decline_proposal(hub_of(request), person, proposal, at=now()):
        raise NotFound
    return Answered(id=proposal)


@router.get("/assessments")
def list_assessments(request: Request, response: Response, child: str) -> AssessmentList:
    """List what was found about one own child, or about oneself."""
    response.headers["Cache-Control"] = "no-store"
    found = assessments_about(hub_of(request), signed_in(request), child, at=now())
    return AssessmentList(assessments=[_assessment(one) for one in found])


@router.post("/assessments/{assessment}/contest")
def contest(request: Request, assessment: str, x_csrf_token: CsrfHeader = "") -> Answered:
    """Contest an assessment; what is about the child waits until somebody assesses anew."""
    person = guarded(request, x_csrf_token)
    if not contest_assessment(hub_of(request), person, assessment, at=now()):
        raise NotFound
    return Answered(id=assessment)


def _proposal(one: Proposal) -> ProposalOut:
    return ProposalOut(
        id=str(one.id),
        child=str(one.child),
        partner=one.partner,
        classes=sorted(one.classes),
        purpose=one.purpose,
        until=one.until,
        proposed=one.proposed_at,
    )


def _assessment(one: AssessmentView) -> AssessmentOut:
    return AssessmentOut(
        id=str(one.id),
        outcome=one.outcome,
        partner=one.partner,
        assessed=one.assessed_at,
        contested=one.contested,
        settled=one.settled,
        reasons=one.reasons,
        assessor=one.assessor,
        can_contest=one.can_contest,
    )
