"""The first page: who may see what about my children."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from gateway.clock import now
from gateway.exchange.family_views.family_view import (
    ChildView,
    ConsentView,
    ServiceView,
    children_of,
    times_looked,
)
from gateway.exchange.family_views.read_notices import NoticeView, notices_of
from gateway.exchange.hub import Hub
from gateway.identity.callers import PersonCaller
from gateway.identity.session import current_auditor, current_person
from gateway.pages.language import language_of
from gateway.pages.render import hub_of, render, see_other
from gateway.portal.family import running
from gateway.portal.flash import Flash, take_flash
from gateway.portal.offer import offered_classes
from gateway.portal.saying import say_notice

PACKAGE: Final = "gateway.portal"
RECENT: Final = timedelta(days=7)

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One service on the page: what it sees, what I also gave, and the one thing to do."""

    service: ServiceView
    promised: frozenset[str]
    until: date | None
    stop: str | None
    can_give: bool
    by_other: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One child on the page."""

    child: ChildView
    rows: tuple[Row, ...]
    looks: int
    earlier: tuple[ConsentView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What was just done, with the consent it was done to."""

    name: str
    consent: ConsentView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notice in words."""

    notice: NoticeView
    text: str


@router.get("/", response_class=HTMLResponse)
def overview(request: Request) -> Response:
    """Show the services around each child, or the way in."""
    person = current_person(request)
    if person is None and current_auditor(request):
        return see_other(request, "/audit")
    if person is None:
        flash = take_flash(request)
        return render(request, PACKAGE, "welcome.html", signed_out=flash is not None)
    hub, at = hub_of(request), now()
    children = children_of(hub, person, at=at)
    cards = tuple(_card(hub, person, child, at=at) for child in children)
    message = _message(take_flash(request), children)
    return render(
        request,
        PACKAGE,
        "overview.html",
        cards=cards,
        message=message,
        notices=[
            Told(notice=one, text=say_notice(language_of(request), one))
            for one in notices_of(hub, person, at=at)
        ],
    )


def row_of(service: ServiceView, consents: Iterable[ConsentView]) -> Row:
    """Fold the running consents for one service into its row."""
    running_here = [view for view in consents if view.heir == service.partner]
    mine = [view for view in running_here if view.mine]
    given = frozenset[str]().union(*(view.classes for view in mine))
    return Row(
        service=service,
        promised=given - service.sees,
        until=max((view.until for view in mine or running_here), default=None),
        stop=max(mine, key=lambda view: view.since).id if mine else None,
        can_give=bool(offered_classes(service.kind)),
        by_other=service.state == "may_see" and not mine and bool(running_here),
    )


def _card(hub: Hub, person: PersonCaller, child: ChildView, *, at: datetime) -> Card:
    current = running(child.consents, at=at)
    return Card(
        child=child,
        rows=tuple(row_of(service, current) for service in child.services),
        looks=times_looked(hub, person, child.id, since=at - RECENT, at=at),
        earlier=tuple(view for view in child.consents if view.mine and view not in current),
    )


def _message(flash: Flash | None, children: Iterable[ChildView]) -> Message | None:
    if flash is None:
        return None
    consents = (view for child in children for view in child.consents)
    about = next((view for view in consents if view.id == flash.consent), None)
    return Message(name=flash.name, consent=about)
