"""Who comes in: auditors only, and a change only from our own page in the same session.

The JSON interface answers 401 and 403; pages show the way in, or say in words what is wrong.
"""

from typing import Annotated, Final

from fastapi import Form, Header, Request, Response
from fastapi.responses import HTMLResponse

from gateway.errors import NotAllowed, NotAuthenticated
from gateway.exchange.hub import Hub
from gateway.identity.callers import AuditorCaller
from gateway.identity.session import csrf_token, current_auditor, current_person, form_is_ours
from gateway.pages.render import error_page, hub_of, render

PACKAGE: Final = "gateway.auditor"
CsrfHeader = Annotated[str, Header(alias="X-CSRF-Token")]
CsrfField = Annotated[str, Form()]


def signed_in(request: Request) -> AuditorCaller:
    """Return the auditor who asks; 401 for nobody, 403 for a family member."""
    auditor = current_auditor(request)
    if auditor is None and current_person(request):
        raise NotAllowed("this is for auditors only")
    if auditor is None:
        raise NotAuthenticated
    return auditor


def guarded(request: Request, token: str) -> tuple[Hub, AuditorCaller]:
    """Return the auditor who asks for a change; 403 without the session's token."""
    auditor, hub = signed_in(request), hub_of(request)
    if not form_is_ours(request, token, issuer=hub.settings.issuer):
        raise NotAllowed("send the X-CSRF-Token that GET of this list answers, from this origin")
    return hub, auditor


def private(response: Response) -> None:
    """Let nobody keep an answer."""
    response.headers["Cache-Control"] = "no-store"


def with_token(request: Request, response: Response) -> None:
    """Answer what waits, with the token that deciding it asks for."""
    private(response)
    response.headers["X-CSRF-Token"] = csrf_token(request)


def way_in(request: Request) -> HTMLResponse:
    """Show who is no auditor how to sign in; a family member that the page is not for them."""
    if current_person(request):
        return error_page(request, "not_allowed", status=403)
    return render(request, PACKAGE, "sign_in.html")


def from_our_form(request: Request, csrf: str) -> tuple[Hub, AuditorCaller] | None:
    """Return the auditor who sent a form of ours in this session, or None."""
    auditor, hub = current_auditor(request), hub_of(request)
    if auditor is None or not form_is_ours(request, csrf, issuer=hub.settings.issuer):
        return None
    return hub, auditor


def not_ours(request: Request) -> HTMLResponse:
    """Say that nothing was saved, since the form was too old or came from elsewhere."""
    return error_page(request, "csrf", status=403)
