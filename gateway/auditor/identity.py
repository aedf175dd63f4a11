"""Which child a record is about, as JSON for the pages of whoever decides it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.auditor.guards import CsrfHeader, guarded, signed_in, with_token
from gateway.clock import now
from gateway.errors import Conflict, NotFound
from gateway.exchange.hub import Hub
from gateway.exchange.links.link_identity import (
    NEW_CHILD,
    MatchToDecide,
    confirm_match,
    matches_to_decide,
    reject_match,
)
from gateway.exchange.links.split_identity import NOT_LINKED, NotSplit, Split, Wrong, split_identity
from gateway.identity.callers import AuditorCaller
from gateway.pages.render import hub_of
from gateway.store.vault import AUDITORS

router = APIRouter(prefix="/identity", tags=["identity"])

Agreement = Literal[
    "agrees", "nearly", "partial", "damaged", "abbreviated", "differs", "missing", "shared"
]


class Proposal(BaseModel):
    """One candidate with what speaks for and against it; never a value that was compared."""

    child: str = Field(description="The auditors' pseudonym of the child.")
    score: int = Field(ge=0, le=100, description="Likeness; no score is linked without a person.")
    strength: Literal["strong", "weak", "ambiguous"] = Field(
        description="`ambiguous`: twins, an abbreviated given name, or another that comes close."
    )
    features: dict[str, Agreement] = Field(
        description="family_name, given_name, birth_date, sex and parent: how far each agrees."
    )
    notes: list[str] = Field(
        description="damaged-letters, abbreviated-name, twin-suspicion, "
        "another-candidate-comes-close, confirmed-before, a-number-leads-here."
    )


class Match(BaseModel):
    """One part of a record that waits for a person."""

    id: str
    partner: str
    source: str
    receipt: str
    part: str
    reason: str = Field(
        description="missing-number, cancelled-number, numbers-lead-to-two-children or "
        "a-person-said-no."
    )
    proposals: list[Proposal]
    raised_at: datetime


class Matches(BaseModel):
    """What waits, oldest first."""

    matches: list[Match]


class Confirmation(BaseModel):
    """Which child it is: a pseudonym of its proposals, or `new` for nobody known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    child: str


class Decided(BaseModel):
    """The id of the match that was decided."""

    id: str


class WrongLink(BaseModel):
    """A stored part of a receipt, and the child it is about instead."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    receipt: UUID
    part: str = Field(max_length=200, pattern=r"^[^\x00]*$")
    to: str = Field(default=NEW_CHILD, description="A pseudonym of a child, or `new`.")


class Undone(BaseModel):
    """Where the part went, and what became of what had gone out."""

    child: str
    parts: int
    resources: int
    keys_destroyed: int
    services_told: int


@router.get("/matches")
def list_matches(request: Request, response: Response) -> Matches:
    """List what waits for a person with its evidence; the answer carries the X-CSRF-Token."""
    signed_in(request)
    with_token(request, response)
    hub = hub_of(request)
    return Matches(matches=[_match(hub, one) for one in matches_to_decide(hub)])


@router.get("/matches/{item}")
def show_match(request: Request, response: Response, item: str) -> Match:
    """Show one match with the evidence for each candidate."""
    signed_in(request)
    with_token(request, response)
    hub = hub_of(request)
    found = next((one for one in matches_to_decide(hub) if one.id == item), None)
    if found is None:
        raise NotFound
    return _match(hub, found)


@router.post("/matches/{item}/confirm")
def confirm(
    request: Request, item: str, which: Confirmation, x_csrf_token: CsrfHeader = ""
) -> Decided:
    """Link the record to one of its candidates or to a new child; a second time nothing waits."""
    hub, auditor = guarded(request, x_csrf_token)
    child = _child(hub, which.child)
    if child is None or not confirm_match(hub, item, child, by=_name(auditor), at=now()):
        raise NotFound
    return Decided(id=item)


@router.post("/matches/{item}/reject")
def reject(request: Request, item: str, x_csrf_token: CsrfHeader = "") -> Decided:
    """Leave the record unlinked and remember that it is none of its candidates."""
    hub, auditor = guarded(request, x_csrf_token)
    if not reject_match(hub, item, by=_name(auditor), at=now()):
        raise NotFound
    return Decided(id=item)


@router.post("/splits", status_code=201)
def split(request: Request, wrong: WrongLink, x_csrf_token: CsrfHeader = "") -> Undone:
    """Undo a wrong link with full effect: statements, numbers, family and services go along.

    Keys that nobody asked for are destroyed, and services that read something of it are told.
    """
    hub, auditor = guarded(request, x_csrf_token)
    to = _child(hub, wrong.to)
    if to is None:
        raise NotFound
    link = Wrong(receipt=wrong.receipt, part=wrong.part, to=to)
    return _undone(hub, split_identity(hub, link, by=_name(auditor), at=now()))


def _undone(hub: Hub, done: Split | NotSplit) -> Undone:
    if isinstance(done, NotSplit):
        if done.why == NOT_LINKED:
            raise NotFound
        raise Conflict("name another child that the hub knows; this one is known by nothing else")
    return Undone(
        child=_named(hub)(str(done.child)),
        parts=done.parts,
        resources=done.resources,
        keys_destroyed=done.keys_destroyed,
        services_told=done.services_told,
    )


def _match(hub: Hub, one: MatchToDecide) -> Match:
    return Match(
        id=one.id,
        partner=one.partner,
        source=one.source,
        receipt=one.receipt,
        part=one.part,
        reason=one.reason,
        proposals=[_proposal(each, _named(hub)) for each in one.proposals],
        raised_at=one.raised_at,
    )


def _proposal(one: Any, named: Callable[[str], str]) -> Proposal:
    return Proposal(
        child=named(one["child"]),
        score=one["score"],
        strength=one["class"],
        features=one["features"],
        notes=one["notes"],
    )


def _named(hub: Hub) -> Callable[[str], str]:
    return lambda child: hub.vault.pairwise(AUDITORS, UUID(child))


def _child(hub: Hub, named: str) -> str | None:
    if named == NEW_CHILD:
        return NEW_CHILD
    found = hub.vault.resolve(AUDITORS, named)
    return str(found) if found else None


def _name(auditor: AuditorCaller) -> str:
    return f"auditor/{auditor.auditor}"
