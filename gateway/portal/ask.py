"""Asking for consent: choose what, then read the exact words."""

from datetime import date, datetime
from functools import partial
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from gateway.clock import brussels_date, now
from gateway.exchange.families.give_consent import SENSITIVE
from gateway.exchange.family_views.family_view import ChildView, ServiceView
from gateway.exchange.family_views.preview import Wish, preview_if_granted
from gateway.exchange.wording import wording_for
from gateway.identity.callers import PersonCaller
from gateway.identity.session import current_person
from gateway.pages.language import language_of
from gateway.pages.render import error_page, hub_of, render, see_other
from gateway.portal.family import own_child, running, service_of
from gateway.portal.months import last_day
from gateway.portal.offer import offered_classes, offered_purposes
from gateway.portal.saying import say_reasons, say_ways
from gateway.portal.wording_parts import parts_of

PACKAGE: Final = "gateway.portal"
MONTHS: Final = (3, 6, 12)
LONGEST_SENSITIVE: Final = 6

router = APIRouter(include_in_schema=False)


@router.get("/toestemming", response_class=HTMLResponse)
def ask(request: Request, kind: str = "", dienst: str = "") -> Response:
    """Let the parent choose; when the choice is made, show the question in the exact words."""
    person, at = current_person(request), now()
    if person is None:
        return see_other(request, "/")
    child = own_child(request, person, kind, at=at)
    service = service_of(child, dienst) if child else None
    if child is None or service is None:
        return error_page(request, "not_found", status=404)
    classes = frozenset(request.query_params.getlist("soort"))
    if not classes:
        return _choices(request, child, service)
    return _question(request, person, child, service, classes, at=at)


def _choices(request: Request, child: ChildView, service: ServiceView) -> HTMLResponse:
    missing = "verder" in request.query_params
    return render(
        request,
        PACKAGE,
        "choose.html",
        status=422 if missing else 200,
        child=child,
        service=service,
        offered=offered_classes(service.kind),
        months=MONTHS,
        missing=missing,
        given=_given(child, service),
    )


def _given(child: ChildView, service: ServiceView) -> frozenset[str]:
    """What this person said yes to before: a new yes takes its place, so it starts from there."""
    purposes = offered_purposes(service.kind)
    return frozenset[str]().union(
        *(
            one.classes
            for one in running(child.consents, at=now())
            if one.mine and one.heir == service.partner and one.purpose in purposes[:1]
        )
    )


def _question(
    request: Request,
    person: PersonCaller,
    child: ChildView,
    service: ServiceView,
    classes: frozenset[str],
    *,
    at: datetime,
) -> HTMLResponse:
    query, purposes = request.query_params, offered_purposes(service.kind)
    purpose = query.get("doel", purposes[0] if purposes else "")
    until = _until(query.get("tot", ""), query.get("maanden", ""), classes, brussels_date(at))
    if until is None or not classes <= {*offered_classes(service.kind)} or purpose not in purposes:
        return error_page(request, "invalid", status=400)
    wording = wording_for(
        language=language_of(request),
        classes=classes,
        purpose=purpose,
        partner_name=service.name,
        until=until,
        giver=child.giver,
    )
    wish = Wish(child=child.id, classes=classes, purpose=purpose, to=service.partner)
    return render(
        request,
        PACKAGE,
        "ask.html",
        child=child,
        service=service,
        classes=sorted(classes),
        purpose=purpose,
        until=until,
        wording=wording,
        parts=parts_of(wording.text),
        proposal=query.get("voorstel", ""),
        preview=preview_if_granted(hub_of(request), person, wish, at=at),
        reasons=partial(say_reasons, language_of(request)),
        ways=partial(say_ways, language_of(request)),
    )


def _until(day: str, months: str, classes: frozenset[str], today: date) -> date | None:
    """Return the end that was chosen; an end is never open (rules of sharing, section 8)."""
    if day:
        return parsed_day(day)
    if months not in {"", *map(str, MONTHS)}:
        return None
    chosen = int(months or MONTHS[-1])
    return last_day(today, min(chosen, LONGEST_SENSITIVE) if classes & SENSITIVE else chosen)


def parsed_day(text: str) -> date | None:
    """Return the civil date that a form or an address carries, or nothing."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
