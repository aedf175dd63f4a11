"""A notice of the first page is put away when its reader says so."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from gateway.clock import now
from gateway.exchange.family_views.read_notices import mark_notice_read
from gateway.identity.session import current_person, form_is_ours
from gateway.pages.render import error_page, hub_of, see_other

router = APIRouter(include_in_schema=False)


@router.post("/gelezen/{notice}", response_class=HTMLResponse)
def read(request: Request, notice: str, csrf: Annotated[str, Form()] = "") -> Response:
    """Mark an own notice as read; one that is not yours, or read before, changes nothing."""
    person, hub = current_person(request), hub_of(request)
    if person is None or not form_is_ours(request, csrf, issuer=hub.settings.issuer):
        return error_page(request, "csrf", status=403)
    mark_notice_read(hub, person, notice, at=now())
    return see_other(request, "/")
