"""Every decision that a person of the family may know of, its state, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from consent.lifecycle import REMINDER, State
from gateway.clock import brussels_date, now
from gateway.exchange.families.contest import contest_consent
from gateway.exchange.families.decisions import DecisionView, decisions_of
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.exchange.family_views.family_view import ChildView, children_of
from gateway.exchange.refusal import Refusal
from gateway.identity.callers import PersonCaller
from gateway.identity.session import current_person, form_is_ours
from gateway.pages.render import error_page, hub_of, render, see_other
from gateway.portal.flash import leave_flash

PACKAGE: Final = "gateway.portal"
DECISIONS: Final = "/beslissingen"
_COUNTS: Final = frozenset(
    {State.ACTIVE, State.RECONFIRM_DUE, State.CONTESTED, State.NOT_YET, State.PROPOSED}
)

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A decision with the state that the page names."""

    view: DecisionView
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The decisions about one child: what counts now, and what is over."""

    child: ChildView
    counts: tuple[Shown, ...]
    over: tuple[Shown, ...]


@router.get(DECISIONS, response_class=HTMLResponse)
def decisions(request: Request, kind: str = "") -> Response:
    """Show the decisions about all own children, or about one."""
    person, hub, at = current_person(request), hub_of(request), now()
    if person is None:
        return see_other(request, "/")
    shown = [one for one in children_of(hub, person, at=at) if kind in {"", one.id}]
    if kind and not shown:
        return error_page(request, "not_found", status=404)
    decided = [
        sorted_out(one, decisions_of(hub, person, one.id, at=at) or (), at=at) for one in shown
    ]
    return render(request, PACKAGE, "decisions.html", decided=decided)


@router.post(DECISIONS + "/{decision}/terug", response_class=HTMLResponse)
def take_back(request: Request, decision: str, csrf: Annotated[str, Form()] = "") -> Response:
    """Take back a no of this person."""
    person = _ours(request, csrf)
    if person is None:
        return error_page(request, "csrf", status=403)
    if not withdraw_consent(hub_of(request), person, decision, at=now()):
        return error_page(request, "not_found", status=404)
    leave_flash(request, "stopped_no")
    return see_other(request, "/")


@router.get("/klopt-niet/{decision}", response_class=HTMLResponse)
def doubt(request: Request, decision: str) -> Response:
    """Say what contesting does, before it is done."""
    person = current_person(request)
    if person is None:
        return see_other(request, "/")
    found = _that_may(request, person, decision, "contest")
    if found is None:
        return error_page(request, "not_found", status=404)
    return render(request, PACKAGE, "contest.html", decision=found)


@router.post("/klopt-niet/{decision}", response_class=HTMLResponse)
def contest(request: Request, decision: str, csrf: Annotated[str, Form()] = "") -> Response:
    """Let a grant carry nothing until somebody has checked it."""
    person = _ours(request, csrf)
    if person is None:
        return error_page(request, "csrf", status=403)
    done = contest_consent(hub_of(request), person, decision, at=now())
    if isinstance(done, Refusal):
        return error_page(request, "consent", status=422)
    if not done:
        return error_page(request, "not_found", status=404)
    leave_flash(request, "contested")
    return see_other(request, "/")


def sorted_out(child: ChildView, views: Iterable[DecisionView], *, at: datetime) -> Decided:
    """Sort decisions by whether they count; who does not decide sees the own running ones only."""
    today = brussels_date(at)
    known = [one for one in views if child.decides or (one.mine and one.state in _COUNTS)]
    return Decided(
        child=child,
        counts=tuple(_shown(one, today) for one in known if one.state in _COUNTS),
        over=tuple(_shown(one, today) for one in known if one.state not in _COUNTS),
    )


def _shown(view: DecisionView, today: date) -> Shown:
    ends = view.until is not None and view.until < today + REMINDER + timedelta(days=1)
    soon = view.state is State.ACTIVE and view.effect == "grant" and ends
    return Shown(view=view, state="ends_soon" if soon else view.state)


def _that_may(
    request: Request, person: PersonCaller, decision: str, act: str
) -> DecisionView | None:
    views = decisions_of(hub_of(request), person, None, at=now()) or ()
    return next((one for one in views if str(one.id) == decision and act in one.can), None)


def _ours(request: Request, csrf: str) -> PersonCaller | None:
    ours = form_is_ours(request, csrf, issuer=hub_of(request).settings.issuer)
    return current_person(request) if ours else None
