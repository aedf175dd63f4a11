"""Who looked: when, which organisation, in which role, at what and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from gateway.clock import brussels_date, now
from gateway.exchange.families.answer_notice import KEPT_FOR
from gateway.exchange.family_views.family_view import ChildView, LookView, children_of, who_looked
from gateway.identity.session import current_person
from gateway.pages.render import error_page, hub_of, render, see_other

PACKAGE: Final = "gateway.portal"
# Rules of sharing, section 5: those that let something through; every other one keeps it closed.
OPENING: Final = frozenset(
    {"K1", "K2", "K2b", "K4", "J1", "L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8"}
)

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look, with the rules that let something through apart from those that did not."""

    seen: LookView
    opened_by: tuple[str, ...]
    closed_by: tuple[str, ...]
    kept_for: tuple[str, ...] = ()
    """Why the law lets a service keep its copy, as that service says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The looks of one day, newest first."""

    day: date
    looks: tuple[Look, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Who looked at one child."""

    child: ChildView
    days: tuple[Day, ...]


@router.get("/wie-keek", response_class=HTMLResponse)
def looks(request: Request, kind: str = "") -> Response:
    """Show who looked at all own children, or at one of them."""
    person, hub, at = current_person(request), hub_of(request), now()
    if person is None:
        return see_other(request, "/")
    shown = [one for one in children_of(hub, person, at=at) if kind in {"", one.id}]
    if kind and not shown:
        return error_page(request, "not_found", status=404)
    timelines = tuple(
        Timeline(child=child, days=by_day(who_looked(hub, person, child.id, at=at)))
        for child in shown
    )
    return render(request, PACKAGE, "looks.html", timelines=timelines, at=at)


def by_day(looks: Iterable[LookView]) -> tuple[Day, ...]:
    """Group looks by the civil day in Flanders, newest first."""
    newest = sorted(looks, key=lambda look: look.at, reverse=True)
    days = groupby(newest, key=lambda look: brussels_date(look.at))
    return tuple(Day(day=day, looks=tuple(map(_with_reasons, group))) for day, group in days)


def _with_reasons(look: LookView) -> Look:
    rules = tuple(rule for rule in look.reason.split(", ") if rule)
    kept = tuple(rule for rule in rules if rule.startswith(KEPT_FOR))
    return Look(
        seen=look,
        opened_by=tuple(rule for rule in rules if rule in OPENING),
        closed_by=tuple(rule for rule in rules if rule not in OPENING and rule not in kept),
        kept_for=kept,
    )
