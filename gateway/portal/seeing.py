"""Who can see what, and why: one page for each child, and for a youngster about itself."""

from collections.abc import Iterable
from functools import partial
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from gateway.clock import now
from gateway.exchange.family_views.family_view import children_of
from gateway.exchange.family_views.who_can_see import FileAnswer, PartAnswer, who_can_see
from gateway.i18n import in_order
from gateway.identity.session import current_person
from gateway.pages.language import language_of
from gateway.pages.render import error_page, hub_of, render, see_other
from gateway.portal.saying import say_reasons, say_ways

PACKAGE: Final = "gateway.portal"
SEEING: Final = "/wie-ziet-wat"

router = APIRouter(include_in_schema=False)


@router.get(SEEING, response_class=HTMLResponse)
def seeing(request: Request, kind: str = "") -> Response:
    """Show for all own children, or for one of them, who can see what and what would change it."""
    person, hub, at = current_person(request), hub_of(request), now()
    if person is None:
        return see_other(request, "/")
    shown = [one.id for one in children_of(hub, person, at=at) if kind in {"", one.id}]
    if kind and not shown:
        return error_page(request, "not_found", status=404)
    answers = [who_can_see(hub, person, one, at=at) for one in shown]
    language = language_of(request)
    return render(
        request,
        PACKAGE,
        "seeing.html",
        files=[(one, ordered(one)) for one in answers if one is not None],
        reasons=partial(say_reasons, language),
        ways=partial(say_ways, language),
    )


def ordered(file: FileAnswer) -> Iterable[PartAnswer]:
    """Put the kinds of data in the order of the pages."""
    by_class = {part.data_class: part for part in file.parts}
    return [by_class[one] for one in in_order("class", frozenset(by_class))]
