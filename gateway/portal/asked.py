"""What a service asks the family, and what one found about who decides."""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from gateway.clock import now
from gateway.exchange.families.assess import assessments_about, contest_assessment
from gateway.exchange.families.propose import open_for
from gateway.exchange.family_views.family_view import children_of
from gateway.identity.session import current_person, form_is_ours
from gateway.pages.render import error_page, hub_of, render, see_other
from gateway.portal.flash import leave_flash

PACKAGE: Final = "gateway.portal"

router = APIRouter(include_in_schema=False)


@router.get("/voorstel/{proposal}", response_class=HTMLResponse)
def proposed(request: Request, proposal: str) -> Response:
    """Lead from a service's question to the page where it is answered."""
    person, hub, at = current_person(request), hub_of(request), now()
    if person is None:
        return see_other(request, "/")
    for child in children_of(hub, person, at=at):
        for one in open_for(hub, person, child.id, at=at):
            if str(one.id) == proposal:
                chosen = [("soort", data_class) for data_class in one.classes]
                about = [("kind", child.id), ("dienst", one.partner), ("doel", one.purpose)]
                rest = [("tot", one.until.isoformat()), ("voorstel", proposal)]
                return see_other(request, f"/toestemming?{urlencode(about + chosen + rest)}")
    return error_page(request, "not_found", status=404)


@router.get("/zelf-beslissen", response_class=HTMLResponse)
def ability(request: Request, kind: str = "") -> Response:
    """Show what services found about whether a youngster can decide, and how to contest it."""
    person, hub, at = current_person(request), hub_of(request), now()
    if person is None:
        return see_other(request, "/")
    shown = [one for one in children_of(hub, person, at=at) if kind in {"", one.id}]
    if kind and not shown:
        return error_page(request, "not_found", status=404)
    found = [(one, assessments_about(hub, person, one.id, at=at)) for one in shown]
    return render(request, PACKAGE, "ability.html", found=found)


@router.post("/zelf-beslissen/{assessment}", response_class=HTMLResponse)
def contest(request: Request, assessment: str, csrf: Annotated[str, Form()] = "") -> Response:
    """Say that an assessment is not right; what is about the child waits."""
    person, hub = current_person(request), hub_of(request)
    if person is None or not form_is_ours(request, csrf, issuer=hub.settings.issuer):
        return error_page(request, "csrf", status=403)
    if not contest_assessment(hub, person, assessment, at=now()):
        return error_page(request, "not_found", status=404)
    leave_flash(request, "assessment_contested")
    return see_other(request, "/")
