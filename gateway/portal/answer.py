"""The answer to the question: yes is kept with the words that were shown, no changes nothing."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict

from gateway.clock import now
from gateway.exchange.families.give_consent import ConsentOrder, Refusal, give_consent
from gateway.exchange.families.propose import decline_proposal
from gateway.i18n import LANGUAGES
from gateway.identity.session import current_person, form_is_ours
from gateway.pages.render import error_page, hub_of, see_other
from gateway.portal.ask import parsed_day
from gateway.portal.flash import leave_flash

_PAGE_OF_REFUSAL: Final = {
    "wording_changed": ("wording", 409),
    "unknown_child": ("not_found", 404),
    "unknown_service": ("not_found", 404),
}

router = APIRouter(include_in_schema=False)


class Answer(BaseModel):
    """The form under the question; every field may be missing, so that a page can say so."""

    model_config = ConfigDict(frozen=True)

    csrf: str = ""
    antwoord: str = ""
    kind: str = ""
    dienst: str = ""
    soort: frozenset[str] = frozenset()
    doel: str = ""
    tot: str = ""
    taal: str = ""
    sha256: str = ""
    voorstel: str = ""


@router.post("/toestemming", response_class=HTMLResponse)
def answer(request: Request, form: Annotated[Answer, Form()]) -> Response:
    """Record a yes; a no costs nothing and is not kept."""
    person = current_person(request)
    if person is None or not form_is_ours(
        request, form.csrf, issuer=hub_of(request).settings.issuer
    ):
        return error_page(request, "csrf", status=403)
    if form.antwoord == "nee":
        if form.voorstel:
            decline_proposal(hub_of(request), person, form.voorstel, at=now())
        leave_flash(request, "refused")
        return see_other(request, "/")
    order = _order(form) if form.antwoord == "ja" else None
    if order is None:
        return error_page(request, "invalid", status=400)
    given = give_consent(hub_of(request), person, order, at=now())
    if isinstance(given, Refusal):
        page, status = _PAGE_OF_REFUSAL.get(given.code, ("consent", 422))
        return error_page(request, page, status=status)
    leave_flash(request, "given", consent=given)
    return see_other(request, "/")


def _order(form: Answer) -> ConsentOrder | None:
    until = parsed_day(form.tot)
    if until is None or form.taal not in LANGUAGES or not form.soort:
        return None
    return ConsentOrder(
        child=form.kind,
        classes=form.soort,
        purpose=form.doel,
        to=form.dienst,
        until=until,
        language=form.taal,
        wording_sha256=form.sha256,
        proposal=form.voorstel or None,
    )
