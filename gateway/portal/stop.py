"""Stopping: one page that says what happens, one button, never more steps than giving."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from gateway.clock import now
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.exchange.family_views.family_view import ChildView, ConsentView
from gateway.identity.session import current_person, form_is_ours
from gateway.pages.render import error_page, hub_of, render, see_other
from gateway.portal.family import own_consent, running
from gateway.portal.flash import leave_flash

PACKAGE: Final = "gateway.portal"

router = APIRouter(include_in_schema=False)


@router.get("/stop/{consent}", response_class=HTMLResponse)
def confirm(request: Request, consent: str) -> Response:
    """Say what stopping does and what it cannot undo."""
    person, at = current_person(request), now()
    if person is None:
        return see_other(request, "/")
    found = own_consent(request, person, consent, at=at)
    together = _together(*found, at=at) if found else ()
    if found is None or not together:
        return error_page(request, "not_found", status=404)
    classes = frozenset[str]().union(*(one.classes for one in together))
    return render(request, PACKAGE, "stop.html", child=found[0], consent=found[1], classes=classes)


@router.post("/stop/{consent}", response_class=HTMLResponse)
def stop(request: Request, consent: str, csrf: Annotated[str, Form()] = "") -> Response:
    """Withdraw what this person gave to the service; the page promised: nothing any more."""
    person, hub, at = current_person(request), hub_of(request), now()
    if person is None or not form_is_ours(request, csrf, issuer=hub.settings.issuer):
        return error_page(request, "csrf", status=403)
    found = own_consent(request, person, consent, at=at)
    if found is None:
        return error_page(request, "not_found", status=404)
    for one in _together(*found, at=at):
        withdraw_consent(hub, person, one.id, at=at)
    leave_flash(request, "stopped", consent=consent)
    return see_other(request, "/")


def _together(child: ChildView, consent: ConsentView, *, at: datetime) -> tuple[ConsentView, ...]:
    """Return every running consent of this person for the same service, the named one last.

    What was given to a service that merged goes on to the other one, so it stops along with it.
    """
    same = (one for one in running(child.consents, at=at) if one.heir == consent.heir)
    return tuple(sorted((one for one in same if one.mine), key=lambda one: one.id == consent.id))
