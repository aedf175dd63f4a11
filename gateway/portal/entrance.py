"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from gateway.clock import now
from gateway.exchange.families.sign_in_person import person_for
from gateway.identity.session import AUDITOR_ROLE, begin_session, end_session, form_is_ours
from gateway.identity.sign_in import (
    SignedIn,
    SignInFailed,
    auditor_id,
    begin_sign_in,
    finish_sign_in,
)
from gateway.pages.render import error_page, hub_of, see_other
from gateway.portal.flash import leave_flash

router = APIRouter(include_in_schema=False)


@router.get("/aanmelden", response_class=HTMLResponse)
def sign_in(request: Request) -> Response:
    """Send the browser to the sign-in provider."""
    address = begin_sign_in(request, hub_of(request).settings)
    if isinstance(address, SignInFailed):
        return _failed(request, address)
    return see_other(request, address)


@router.get("/aanmelden/terug", response_class=HTMLResponse)
def signed_in(request: Request) -> Response:
    """Finish the sign-in; who is neither family nor auditor gets no session."""
    result = finish_sign_in(request, hub_of(request).settings)
    if isinstance(result, SignInFailed):
        return _failed(request, result)
    person, auditor = _known_as(request, result)
    if person is None and auditor is None:
        end_session(request)
        return error_page(request, "unknown", status=403)
    begin_session(request, person=person, auditor=auditor, roles=result.roles)
    return see_other(request, "/" if person else "/audit")


@router.post("/afmelden", response_class=HTMLResponse)
def sign_out(request: Request, csrf: Annotated[str, Form()] = "") -> Response:
    """End the session of this browser."""
    if not form_is_ours(request, csrf, issuer=hub_of(request).settings.issuer):
        return error_page(request, "csrf", status=403)
    end_session(request)
    leave_flash(request, "signed_out")
    return see_other(request, "/")


def _known_as(request: Request, signed_in: SignedIn) -> tuple[str | None, str | None]:
    hub = hub_of(request)
    person = person_for(
        hub, issuer=signed_in.issuer, subject=signed_in.subject, insz=signed_in.insz, at=now()
    )
    is_auditor = AUDITOR_ROLE in signed_in.roles
    return (
        person.person if person else None,
        auditor_id(hub.settings, signed_in) if is_auditor else None,
    )


def _failed(request: Request, failure: SignInFailed) -> HTMLResponse:
    if failure.reason == "provider":
        return error_page(request, "provider", status=503)
    return error_page(request, "sign_in", status=400)
