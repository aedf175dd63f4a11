"""Who asks the JSON interface of the pages, and that a change was asked by our own page."""

from typing import Annotated

from fastapi import Header, Request

from gateway.errors import NotAllowed, NotAuthenticated
from gateway.identity.callers import PersonCaller
from gateway.identity.session import current_person, form_is_ours
from gateway.pages.render import hub_of

CsrfHeader = Annotated[str, Header(alias="X-CSRF-Token")]


def signed_in(request: Request) -> PersonCaller:
    """Return who is signed in; 401 for nobody."""
    person = current_person(request)
    if person is None:
        raise NotAuthenticated
    return person


def guarded(request: Request, token: str) -> PersonCaller:
    """Return who asks for a change; 403 without the token of the session or from elsewhere."""
    person = signed_in(request)
    if not form_is_ours(request, token, issuer=hub_of(request).settings.issuer):
        raise NotAllowed("send the X-CSRF-Token that GET /consents answers, from the same origin")
    return person
