"""The family's decisions as JSON, with the session of the pages (docs/pages.md)."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from gateway.clock import now
from gateway.errors import NotFound
from gateway.exchange.families.contest import contest_consent
from gateway.exchange.families.decisions import DecisionView, decisions_of
from gateway.exchange.families.give_consent import ConsentOrder, give_consent
from gateway.exchange.families.reconfirm import ReconfirmOrder, reconfirm, words_to_reconfirm
from gateway.exchange.families.refuse import RefusalOrder, refuse
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.exchange.families.words_to_decide import Draft, words_to_decide
from gateway.exchange.refusal import Refusal
from gateway.exchange.wording import Wording
from gateway.identity.session import csrf_token
from gateway.pages.render import hub_of
from gateway.portal.api_orders import (
    GRANT,
    AgainIn,
    DecisionIn,
    order_of,
    refused,
)
from gateway.portal.api_session import CsrfHeader, guarded, signed_in

router = APIRouter(prefix="/consents", tags=["family"])


class ConsentOut(BaseModel):
    """One decision of the family; null means any."""

    id: str
    child: str
    effect: str
    state: str
    giver: str
    mine: bool
    partner: str | None
    partner_name: str | None
    classes: list[str] | None
    purpose: str | None
    sources: list[str] | None
    since: datetime
    until: date | None
    withdrawn: datetime | None
    assisted_by: str | None
    can: list[str]


class ConsentList(BaseModel):
    """Every decision about the children asked for, as the hub holds it now."""

    consents: list[ConsentOut]


class WordingOut(BaseModel):
    """The exact words of a decision; `sha256` is over their UTF-8 bytes."""

    text_id: str
    version: str
    language: str
    text: str
    sha256: str


class ConsentId(BaseModel):
    """The id of the decision that was recorded, stopped or contested."""

    id: str


@router.get("")
def list_consents(request: Request, response: Response, child: str | None = None) -> ConsentList:
    """List the decisions about one own child or all; the answer carries the X-CSRF-Token."""
    found = decisions_of(hub_of(request), signed_in(request), child, at=now())
    if found is None:
        raise NotFound
    response.headers["X-CSRF-Token"] = csrf_token(request)
    response.headers["Cache-Control"] = "no-store"
    return ConsentList(consents=[_out(one) for one in found])


@router.get("/wording")
def wording(
    request: Request,
    *,
    child: str,
    to: str | None = None,
    purpose: str | None = None,
    until: date | None = None,
    classes: Annotated[list[str] | None, Query()] = None,
    sources: Annotated[list[str] | None, Query()] = None,
    effect: str = GRANT,
    language: str = "nl",
) -> WordingOut:
    """Return the words to show before asking; lists may be repeated or comma-separated."""
    draft = Draft(
        child=child,
        effect=effect,
        to=to,
        purpose=purpose,
        until=until,
        classes=_names(classes),
        sources=_names(sources),
        language=language,
    )
    return _words(words_to_decide(hub_of(request), signed_in(request), draft, at=now()))


@router.post("", status_code=201)
def decide(request: Request, order: DecisionIn, x_csrf_token: CsrfHeader = "") -> ConsentId:
    """Record a yes, or with another `effect` a no, of the signed-in person."""
    person, hub = guarded(request, x_csrf_token), hub_of(request)
    found = order_of(order)
    if isinstance(found, ConsentOrder):
        return _id(give_consent(hub, person, found, at=now()))
    assert isinstance(found, RefusalOrder)
    return _id(refuse(hub, person, found, at=now()))


@router.post("/{consent}/withdraw")
def withdraw(request: Request, consent: str, x_csrf_token: CsrfHeader = "") -> ConsentId:
    """End one decision of the signed-in person; absent and not yours are the same."""
    person = guarded(request, x_csrf_token)
    if not withdraw_consent(hub_of(request), person, consent, at=now()):
        raise NotFound
    return ConsentId(id=consent)


@router.get("/{consent}/wording")
def wording_to_reconfirm(request: Request, consent: str, language: str = "nl") -> WordingOut:
    """Return the words to show before somebody says yes again to this scope."""
    person = signed_in(request)
    return _words(words_to_reconfirm(hub_of(request), person, consent, language=language, at=now()))


@router.post("/{consent}/reconfirm", status_code=201)
def say_yes_again(
    request: Request, consent: str, again: AgainIn, x_csrf_token: CsrfHeader = ""
) -> ConsentId:
    """Confirm a consent whose text changed, or take over a parent's; answers the new one's id."""
    person = guarded(request, x_csrf_token)
    order = ReconfirmOrder(
        consent=consent,
        language=again.language,
        wording_sha256=again.wording_sha256,
        assisted_by=again.assisted_by,
    )
    return _id(reconfirm(hub_of(request), person, order, at=now()))


@router.post("/{consent}/contest")
def contest(request: Request, consent: str, x_csrf_token: CsrfHeader = "") -> ConsentId:
    """Say that a consent was not validly given; it carries nothing until that is settled."""
    person = guarded(request, x_csrf_token)
    found = contest_consent(hub_of(request), person, consent, at=now())
    if isinstance(found, Refusal):
        raise refused(found)
    if not found:
        raise NotFound
    return ConsentId(id=consent)


def _id(found: str | Refusal) -> ConsentId:
    if isinstance(found, Refusal):
        raise refused(found)
    return ConsentId(id=found)


def _names(asked: list[str] | None) -> frozenset[str] | None:
    if asked is None:
        return None
    return frozenset(name for part in asked for name in part.split(",") if name)


def _out(view: DecisionView) -> ConsentOut:
    return ConsentOut(
        id=view.id,
        child=view.child,
        effect=view.effect,
        state=view.state,
        giver=view.giver,
        mine=view.mine,
        partner=view.partner,
        partner_name=view.partner_name,
        classes=None if view.classes is None else sorted(view.classes),
        purpose=view.purpose,
        sources=None if view.sources is None else sorted(view.sources),
        since=view.since,
        until=view.until,
        withdrawn=view.withdrawn,
        assisted_by=view.assisted_by,
        can=sorted(view.can),
    )


def _words(words: Wording | Refusal) -> WordingOut:
    if isinstance(words, Refusal):
        raise refused(words)
    return WordingOut(
        text_id=words.text_id,
        version=words.version,
        language=words.language,
        text=words.text,
        sha256=words.sha256,
    )
