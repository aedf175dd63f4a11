"""Saying yes again: the text changed, or a youngster takes over what the parents chose."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict

from gateway.clock import now
from gateway.exchange.families.reconfirm import ReconfirmOrder, reconfirm, words_to_reconfirm
from gateway.exchange.refusal import Refusal
from gateway.i18n import LANGUAGES
from gateway.identity.session import current_person, form_is_ours
from gateway.pages.language import language_of
from gateway.pages.render import error_page, hub_of, render, see_other
from gateway.portal.flash import leave_flash
from gateway.portal.wording_parts import parts_of

PACKAGE: Final = "gateway.portal"

router = APIRouter(include_in_schema=False)


class Again(BaseModel):
    """The form under the words."""

    model_config = ConfigDict(frozen=True)

    csrf: str = ""
    antwoord: str = ""
    taal: str = ""
    sha256: str = ""


@router.get("/opnieuw/{decision}", response_class=HTMLResponse)
def ask_again(request: Request, decision: str) -> Response:
    """Show the words of today."""
    person, language = current_person(request), language_of(request)
    if person is None:
        return see_other(request, "/")
    words = words_to_reconfirm(hub_of(request), person, decision, language=language, at=now())
    if isinstance(words, Refusal):
        return error_page(request, "not_found", status=404)
    return render(
        request,
        PACKAGE,
        "again.html",
        decision=decision,
        wording=words,
        parts=parts_of(words.text),
    )


@router.post("/opnieuw/{decision}", response_class=HTMLResponse)
def say_again(request: Request, decision: str, form: Annotated[Again, Form()]) -> Response:
    """Record the new yes; a no leaves everything as it is."""
    person, hub = current_person(request), hub_of(request)
    if person is None or not form_is_ours(request, form.csrf, issuer=hub.settings.issuer):
        return error_page(request, "csrf", status=403)
    if form.antwoord == "nee":
        leave_flash(request, "refused")
        return see_other(request, "/")
    if form.antwoord != "ja" or form.taal not in LANGUAGES:
        return error_page(request, "invalid", status=400)
    order = ReconfirmOrder(consent=decision, language=form.taal, wording_sha256=form.sha256)
    given = reconfirm(hub, person, order, at=now())
    if isinstance(given, Refusal):
        changed = given.code == "wording_changed"
        page, status = ("wording", 409) if changed else ("consent", 422)
        return error_page(request, page, status=status)
    leave_flash(request, "again")
    return see_other(request, "/")
