"""The pages of the two reviewers: what waits, one route with its record, and a finding."""

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict

from gateway.auditor.guards import PACKAGE, CsrfField, from_our_form, not_ours, way_in
from gateway.clock import now
from gateway.exchange.legal_routes.review_route import (
    CAPACITIES,
    Finding,
    breaches,
    capacities_of,
    close_breach,
    file_finding,
    open_route,
    routes_to_review,
)
from gateway.identity.callers import AuditorCaller
from gateway.identity.session import current_auditor
from gateway.pages.render import error_page, hub_of, render, see_other
from gateway.store.routes import FINDINGS

ADDRESS: Final = "/audit/routes"

router = APIRouter(include_in_schema=False)


class Said(BaseModel):
    """The form of a finding, in the page's own words."""

    model_config = ConfigDict(frozen=True)

    csrf: str = ""
    hoedanigheid: str = ""
    oordeel: str = ""
    redenen: str = ""
    vertel_op: str = ""

    def finding(self, route: str) -> Finding | None:
        """Return what the form says; None when its day is no day."""
        try:
            day = date.fromisoformat(self.vertel_op) if self.vertel_op else None
        except ValueError:
            return None
        return Finding(
            route=route,
            capacity=self.hoedanigheid,
            finding=self.oordeel,
            # PostgreSQL is not asked to keep it as text, but nobody types a NUL either.
            reasons=self.redenen.replace("\x00", ""),
            tell_on=day,
        )


@router.get(ADDRESS, response_class=HTMLResponse)
def reviews(request: Request) -> Response:
    """List every route that is or was to be reviewed; without a session, the way in."""
    auditor = current_auditor(request)
    if auditor is None:
        return way_in(request)
    hub, at = hub_of(request), now()
    return render(
        request,
        PACKAGE,
        "reviews.html",
        routes=routes_to_review(hub, auditor, at=at),
        breaches=breaches(hub, auditor),
        may_open=bool(capacities_of(auditor)),
        at=at,
    )


@router.get(ADDRESS + "/{route}", response_class=HTMLResponse)
def review(request: Request, route: str) -> Response:
    """Show one route with its whole record to a reviewer; the log says that it was opened."""
    auditor = current_auditor(request)
    return way_in(request) if auditor is None else _route_page(request, auditor, route)


@router.post(ADDRESS + "/{route}", response_class=HTMLResponse)
def find(request: Request, route: str, said: Annotated[Said, Form()]) -> Response:
    """File a finding; what cannot be filed shows the page again and changes nothing."""
    ours = from_our_form(request, said.csrf)
    if ours is None:
        return not_ours(request)
    hub, auditor = ours
    finding = said.finding(route)
    if finding is None or not file_finding(hub, auditor, finding, at=now()):
        return _route_page(request, auditor, route, wrong=True)
    return see_other(request, ADDRESS)


@router.post("/audit/breaches/{item}", response_class=HTMLResponse)
def breach(request: Request, item: str, csrf: CsrfField = "") -> Response:
    """Let the data protection officer say that a breach was dealt with."""
    ours = from_our_form(request, csrf)
    if ours is None:
        return not_ours(request)
    hub, auditor = ours
    if not close_breach(hub, auditor, item, at=now()):
        return error_page(request, "not_found", status=404)
    return see_other(request, ADDRESS)


def _route_page(
    request: Request, auditor: AuditorCaller, route: str, *, wrong: bool = False
) -> HTMLResponse:
    found = open_route(hub_of(request), auditor, route, at=now())
    if found is None:
        return error_page(request, "not_found", status=404)
    return render(
        request,
        PACKAGE,
        "review.html",
        status=422 if wrong else 200,
        file=found,
        record=[(_name(path), text) for path, text in found.record],
        capacities=CAPACITIES,
        findings=FINDINGS,
        wrong=wrong,
    )


def _name(path: str) -> str:
    """Return the name of a part under which the locales know it: without numbers of a list."""
    return ".".join(part for part in path.split(".") if not part.isdigit())
