"""The page on which two auditors look behind one pseudonym of the log."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from gateway.auditor.guards import PACKAGE, CsrfField, from_our_form, not_ours, way_in
from gateway.clock import now
from gateway.exchange.audit.reidentify import (
    Asked,
    Identity,
    Refused,
    approve,
    ask_who,
    person_of,
    who_is_asked,
    who_is_it,
)
from gateway.identity.callers import AuditorCaller
from gateway.identity.session import current_auditor
from gateway.pages.render import hub_of, render, see_other

ADDRESS: Final = "/audit/identities"
_LONGEST: Final = 2000

router = APIRouter(prefix=ADDRESS, include_in_schema=False)

Words = Annotated[str, Form(max_length=_LONGEST)]


@router.get("", response_class=HTMLResponse)
def identities(request: Request, kind: str = "") -> Response:
    """Show what waits and a form to ask; `kind` fills in the pseudonym."""
    auditor = current_auditor(request)
    return way_in(request) if auditor is None else _page(request, auditor, child=kind)


@router.post("", response_class=HTMLResponse)
def ask(
    request: Request,
    kind: Words = "",
    dossier: Words = "",
    redenen: Words = "",
    csrf: CsrfField = "",
) -> Response:
    """Ask who a child of the log is."""
    found = from_our_form(request, csrf)
    if found is None:
        return not_ours(request)
    hub, auditor = found
    said = {"case": dossier.replace("\x00", ""), "reason": redenen.replace("\x00", "")}
    done = ask_who(hub, auditor, kind.strip(), at=now(), **said)
    if isinstance(done, Refused):
        return _page(request, auditor, child=kind, wrong=done.why)
    return see_other(request, ADDRESS)


@router.post("/{question}/approve", response_class=HTMLResponse)
def approve_question(request: Request, question: UUID, csrf: CsrfField = "") -> Response:
    """Approve what another auditor asked."""
    found = from_our_form(request, csrf)
    if found is None:
        return not_ours(request)
    hub, auditor = found
    refused = approve(hub, auditor, question, at=now())
    if refused is not None:
        return _page(request, auditor, wrong=refused.why)
    return see_other(request, ADDRESS)


@router.post("/{question}/look", response_class=HTMLResponse)
def look(request: Request, question: UUID, csrf: CsrfField = "") -> Response:
    """Show who it is; in an answer to a form, so that no address leads to it."""
    found = from_our_form(request, csrf)
    if found is None:
        return not_ours(request)
    hub, auditor = found
    seen = who_is_it(hub, auditor, question, at=now())
    if isinstance(seen, Refused):
        return _page(request, auditor, wrong=seen.why)
    return _page(request, auditor, seen=seen)


def _page(
    request: Request,
    auditor: AuditorCaller,
    *,
    child: str = "",
    wrong: str = "",
    seen: Identity | None = None,
) -> HTMLResponse:
    return render(
        request,
        PACKAGE,
        "identities.html",
        status=422 if wrong else 200,
        questions=who_is_asked(hub_of(request), at=now()),
        may=lambda one: _may(auditor, one),
        child=child,
        wrong=wrong,
        seen=seen,
    )


def _may(auditor: AuditorCaller, one: Asked) -> bool:
    """Whether this auditor is who looks at what is open, or another person than who asked."""
    if one.open_until is not None:
        return one.asked_by == f"auditor/{auditor.auditor}"
    return person_of(one.asked_by) != auditor.auditor
