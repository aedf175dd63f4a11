"""The family's decisions as JSON, with the session of the pages (docs/pages.md)."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from gateway.clock import now
from gateway.errors import InvalidRequest, NotAllowed, NotAuthenticated, NotFound
from gateway.exchange.family_view import ConsentView, children_of
from gateway.exchange.give_consent import ConsentOrder, Refusal, give_consent
from gateway.exchange.withdraw_consent import withdraw_consent
from gateway.exchange.wording import Wording, wording_for
from gateway.identity.callers import PersonCaller
from gateway.identity.session import csrf_token, current_person, form_is_ours
from gateway.pages.render import hub_of
from gateway.portal.family import own_child, service_of

router = APIRouter(prefix="/consents", tags=["family"])

CsrfHeader = Annotated[str, Header(alias="X-CSRF-Token")]


class ConsentOut(BaseModel):
    """One decision of the family."""

    id: str
    child: str
    partner: str
    partner_name: str
    classes: list[str]
    purpose: str
    since: datetime
    until: date
    withdrawn: datetime | None
    mine: bool


class ConsentList(BaseModel):
    """Every decision about the children asked for, as the hub holds it now."""

    consents: list[ConsentOut]


class WordingOut(BaseModel):
    """The exact words of a consent; `sha256` is over their UTF-8 bytes."""

    text_id: str
    version: str
    language: str
    text: str
    sha256: str


class ConsentIn(BaseModel):
    """A yes, with the hash of the words that were shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    child: str
    classes: frozenset[str]
    purpose: str
    to: str
    until: date
    language: str
    wording_sha256: str


class ConsentId(BaseModel):
    """The id of the consent that was recorded or stopped."""

    id: str


@router.get("")
def list_consents(request: Request, response: Response, child: str | None = None) -> ConsentList:
    """List the decisions about one own child or all; the answer carries the X-CSRF-Token."""
    person = _person(request)
    children = children_of(hub_of(request), person, at=now())
    shown = [one for one in children if child in {None, one.id}]
    if child is not None and not shown:
        raise NotFound
    response.headers["X-CSRF-Token"] = csrf_token(request)
    response.headers["Cache-Control"] = "no-store"
    return ConsentList(consents=[_out(one.id, view) for one in shown for view in one.consents])


@router.get("/wording")
def wording(
    request: Request,
    *,
    child: str,
    to: str,
    purpose: str,
    until: date,
    classes: Annotated[list[str], Query()],
    language: str = "nl",
) -> WordingOut:
    """Return the words to show before asking; `classes` may be repeated or comma-separated."""
    own = own_child(request, _person(request), child, at=now())
    service = service_of(own, to) if own else None
    if service is None:
        raise NotFound
    words = wording_for(
        language=language,
        classes=[name for part in classes for name in part.split(",") if name],
        purpose=purpose,
        partner_name=service.name,
        until=until,
    )
    return _words(words)


@router.post("", status_code=201)
def give(request: Request, order: ConsentIn, x_csrf_token: CsrfHeader = "") -> ConsentId:
    """Record a yes of the signed-in parent."""
    person = _guarded(request, x_csrf_token)
    given = give_consent(
        hub_of(request),
        person,
        ConsentOrder(
            child=order.child,
            classes=order.classes,
            purpose=order.purpose,
            to=order.to,
            until=order.until,
            language=order.language,
            wording_sha256=order.wording_sha256,
        ),
        at=now(),
    )
    if isinstance(given, Refusal):
        raise _refused(given)
    return ConsentId(id=given)


@router.post("/{consent}/withdraw")
def withdraw(request: Request, consent: str, x_csrf_token: CsrfHeader = "") -> ConsentId:
    """Stop one consent of the signed-in parent; absent and not yours are the same."""
    person = _guarded(request, x_csrf_token)
    if not withdraw_consent(hub_of(request), person, consent, at=now()):
        raise NotFound
    return ConsentId(id=consent)


def _person(request: Request) -> PersonCaller:
    person = current_person(request)
    if person is None:
        raise NotAuthenticated
    return person


def _guarded(request: Request, token: str) -> PersonCaller:
    person = _person(request)
    if not form_is_ours(request, token, issuer=hub_of(request).settings.issuer):
        raise NotAllowed("send the X-CSRF-Token that GET /consents answers, from the same origin")
    return person


def _refused(refusal: Refusal) -> InvalidRequest | NotFound:
    if refusal.code == "unknown_child":
        return NotFound()
    error = InvalidRequest(refusal.message)
    error.code = refusal.code
    return error


def _out(child: str, view: ConsentView) -> ConsentOut:
    return ConsentOut(
        id=view.id,
        child=child,
        partner=view.partner,
        partner_name=view.partner_name,
        classes=sorted(view.classes),
        purpose=view.purpose,
        since=view.since,
        until=view.until,
        withdrawn=view.withdrawn,
        mine=view.mine,
    )


def _words(words: Wording) -> WordingOut:
    return WordingOut(
        text_id=words.text_id,
        version=words.version,
        language=words.language,
        text=words.text,
        sha256=words.sha256,
    )
