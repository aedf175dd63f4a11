"""What a signed-in parent's pages look up: their own children, services and consents."""

from collections.abc import Iterable
from datetime import datetime

from starlette.requests import Request

from gateway.clock import brussels_date
from gateway.exchange.family_views.family_view import (
    ChildView,
    ConsentView,
    ServiceView,
    children_of,
)
from gateway.identity.callers import PersonCaller
from gateway.pages.render import hub_of


def own_child(
    request: Request, person: PersonCaller, child: str, *, at: datetime
) -> ChildView | None:
    """Return one of this person's children; absent and not theirs are the same."""
    children = children_of(hub_of(request), person, at=at)
    return next((view for view in children if view.id == child), None)


def own_consent(
    request: Request, person: PersonCaller, consent: str, *, at: datetime
) -> tuple[ChildView, ConsentView] | None:
    """Return a consent this person gave, with its child."""
    for child in children_of(hub_of(request), person, at=at):
        for view in child.consents:
            if view.id == consent and view.mine:
                return child, view
    return None


def service_of(child: ChildView, partner: str) -> ServiceView | None:
    """Return one service around the child."""
    return next((view for view in child.services if view.partner == partner), None)


def running(consents: Iterable[ConsentView], *, at: datetime) -> tuple[ConsentView, ...]:
    """Return the consents that still work now."""
    today = brussels_date(at)
    return tuple(view for view in consents if view.withdrawn is None and view.until >= today)
