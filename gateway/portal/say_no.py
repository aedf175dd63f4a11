"""Saying no: to everything for one service, or to some kinds of data; it counts at once."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict

from gateway.clock import now
from gateway.errors import InvalidRequest
from gateway.exchange.families.refuse import RefusalOrder, refuse
from gateway.exchange.families.words_to_decide import Draft, words_to_decide
from gateway.exchange.family_views.family_view import ChildView, ServiceView
from gateway.exchange.refusal import Refusal
from gateway.i18n import LANGUAGES
from gateway.identity.callers import PersonCaller
from gateway.identity.session import current_person, form_is_ours
from gateway.pages.language import language_of
from gateway.pages.render import error_page, hub_of, render, see_other
from gateway.portal.family import own_child, service_of
from gateway.portal.flash import leave_flash
from gateway.portal.offer import offered_classes
from gateway.portal.wording_parts import parts_of

PACKAGE: Final = "gateway.portal"
EXCLUDE: Final = "exclude"
REFUSE: Final = "refuse"
_MISSING: Final = 422

router = APIRouter(include_in_schema=False)


class No(BaseModel):
    """The form under the question."""

    model_config = ConfigDict(frozen=True)

    csrf: str = ""
    kind: str = ""
    dienst: str = ""
    wat: str = ""
    soort: frozenset[str] = frozenset()
    taal: str = ""
    sha256: str = ""


@router.get("/nee", response_class=HTMLResponse)
def ask(request: Request, kind: str = "", dienst: str = "", wat: str = "") -> Response:
    """Let the person choose what to say no to; when chosen, show it in the exact words."""
    person, at = current_person(request), now()
    if person is None:
        return see_other(request, "/")
    child = own_child(request, person, kind, at=at)
    service = service_of(child, dienst) if child else None
    if child is None or service is None:
        return error_page(request, "not_found", status=404)
    classes = frozenset(request.query_params.getlist("soort"))
    if wat == EXCLUDE or (wat == REFUSE and classes):
        return _question(request, person, child, service, _effect_and_classes(wat, classes))
    return _choices(request, child, service, missing="verder" in request.query_params)


@router.post("/nee", response_class=HTMLResponse)
def say(request: Request, form: Annotated[No, Form()]) -> Response:
    """Record the no; what lies undelivered stops."""
    person, hub = current_person(request), hub_of(request)
    if person is None or not form_is_ours(request, form.csrf, issuer=hub.settings.issuer):
        return error_page(request, "csrf", status=403)
    if form.wat not in {EXCLUDE, REFUSE} or form.taal not in LANGUAGES:
        return error_page(request, "invalid", status=400)
    effect, classes = _effect_and_classes(form.wat, form.soort)
    order = RefusalOrder(
        child=form.kind,
        effect=effect,
        classes=classes,
        to=form.dienst,
        language=form.taal,
        wording_sha256=form.sha256,
    )
    said = refuse(hub, person, order, at=now())
    if isinstance(said, Refusal):
        page, status = _page_of(said)
        return error_page(request, page, status=status)
    leave_flash(request, "said_no")
    return see_other(request, "/")


def _effect_and_classes(what: str, classes: frozenset[str]) -> tuple[str, frozenset[str] | None]:
    return (EXCLUDE, None) if what == EXCLUDE else (REFUSE, classes)


def _page_of(refusal: Refusal) -> tuple[str, int]:
    pages = {"wording_changed": ("wording", 409), "unknown_child": ("not_found", 404)}
    return pages.get(refusal.code, ("consent", 422))


def _choices(
    request: Request, child: ChildView, service: ServiceView, *, missing: bool
) -> HTMLResponse:
    return render(
        request,
        PACKAGE,
        "no_choose.html",
        status=_MISSING if missing else 200,
        child=child,
        service=service,
        offered=offered_classes(service.kind),
        missing=missing,
    )


def _question(
    request: Request,
    person: PersonCaller,
    child: ChildView,
    service: ServiceView,
    chosen: tuple[str, frozenset[str] | None],
) -> Response:
    effect, classes = chosen
    draft = Draft(
        child=child.id,
        effect=effect,
        classes=classes,
        purpose=None,
        to=service.partner,
        sources=None,
        until=None,
        language=language_of(request),
    )
    try:
        words = words_to_decide(hub_of(request), person, draft, at=now())
    except InvalidRequest:
        return error_page(request, "invalid", status=400)
    if isinstance(words, Refusal):
        return error_page(request, "not_found", status=404)
    return render(
        request,
        PACKAGE,
        "no_ask.html",
        child=child,
        service=service,
        effect=effect,
        classes=sorted(classes or ()),
        wording=words,
        parts=parts_of(words.text),
    )
