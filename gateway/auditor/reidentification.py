"""Looking behind a pseudonym of the log, by two auditors, as JSON beside the log."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.auditor.guards import CsrfHeader, guarded, private, signed_in, with_token
from gateway.clock import now
from gateway.errors import Conflict, NotAllowed, NotFound
from gateway.exchange.audit.reidentify import (
    NO_REASON,
    NOT_FOUND,
    NOT_YOURS,
    SAME_PERSON,
    Refused,
    approve,
    ask_who,
    who_is_asked,
    who_is_it,
)
from gateway.pages.render import hub_of

router = APIRouter(prefix="/log/identities", tags=["audit"])

_WORDS = 2000
_Answer = TypeVar("_Answer")


class Question(BaseModel):
    """Whose pseudonym, in which case, and why it cannot be done without knowing who it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    child: str = Field(max_length=64, description="The auditors' pseudonym, as in the log.")
    case: str = Field(min_length=1, max_length=200, description="Number of the case or complaint.")
    reason: str = Field(min_length=1, max_length=_WORDS)


class Waiting(BaseModel):
    """One question, and until when it is open once another auditor approved it."""

    id: UUID
    child: str
    case: str
    reason: str
    asked_by: str
    asked_at: datetime
    approved_by: str | None
    open_until: datetime | None


class Questions(BaseModel):
    """What waits for an approval or is open, oldest first."""

    questions: list[Waiting]


class Done(BaseModel):
    """The id of the question."""

    id: UUID


class Who(BaseModel):
    """Spellings and birth dates that the hub heard; it can show no national number."""

    child: str
    names: list[str]
    born: list[str]


@router.get("")
def list_questions(request: Request, response: Response) -> Questions:
    """List questions; the answer carries the X-CSRF-Token."""
    signed_in(request)
    with_token(request, response)
    found = who_is_asked(hub_of(request), at=now())
    fields = Waiting.model_fields
    return Questions(
        questions=[Waiting(**{name: getattr(one, name) for name in fields}) for one in found]
    )


@router.post("", status_code=201)
def ask(request: Request, question: Question, x_csrf_token: CsrfHeader = "") -> Done:
    """Ask who a child of the log is; the family sees that it was asked."""
    hub, auditor = guarded(request, x_csrf_token)
    done = ask_who(
        hub, auditor, question.child, case=question.case, reason=question.reason, at=now()
    )
    return Done(id=_or_refused(done))


@router.post("/{question}/approve")
def approve_question(request: Request, question: UUID, x_csrf_token: CsrfHeader = "") -> Done:
    """Approve what another auditor asked; it is open for one day, and for that auditor alone."""
    hub, auditor = guarded(request, x_csrf_token)
    _or_refused(approve(hub, auditor, question, at=now()))
    return Done(id=question)


@router.post("/{question}/look")
def look(
    request: Request, response: Response, question: UUID, x_csrf_token: CsrfHeader = ""
) -> Who:
    """Show who it is; each time is a line of the log that the family sees."""
    hub, auditor = guarded(request, x_csrf_token)
    private(response)
    found = _or_refused(who_is_it(hub, auditor, question, at=now()))
    return Who(child=found.child, names=list(found.names), born=list(found.born))


def _or_refused(done: _Answer | Refused) -> _Answer:
    if not isinstance(done, Refused):
        return done
    if done.why == NOT_FOUND:
        raise NotFound
    if done.why == SAME_PERSON:
        raise NotAllowed("another auditor than the one who asked must approve")
    if done.why == NOT_YOURS:
        raise NotAllowed("only the auditor who asked may look")
    if done.why == NO_REASON:
        raise Conflict("give a case and a reason")
    raise Conflict("it is not approved, or its time is over; ask again")
