"""The pages of the two people who decide about erasing a child: what waits, and one request.

What they do is what the JSON interface does (`erasures`); only the words are here.
"""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from gateway.auditor.erasures import WORDS, decider
from gateway.auditor.guards import PACKAGE, from_our_form, not_ours, way_in
from gateway.clock import now
from gateway.exchange.erasure.erase_child import (
    NO_REASON,
    NO_SUCH_CHILD,
    NOT_WAITING,
    Erased,
    ErasureRequest,
    NotErased,
    ask_erasure,
    confirm_erasure,
    reject_erasure,
)
from gateway.exchange.erasure.retention_register import GROUNDS
from gateway.exchange.erasure.show_erasures import every_erasure, find_erasure
from gateway.exchange.hub import Hub
from gateway.identity.callers import AuditorCaller
from gateway.identity.session import current_auditor
from gateway.pages.render import error_page, hub_of, render, see_other
from gateway.store.vault import AUDITORS

ADDRESS: Final = "/audit/erasures"
NOT_SURE: Final = "not_sure"

router = APIRouter(prefix=ADDRESS, include_in_schema=False)


class Wanted(BaseModel):
    """The form that asks for an erasure, in the page's own words."""

    model_config = ConfigDict(frozen=True)

    csrf: str = ""
    kind: str = Field(default="", max_length=64)
    grond: str = Field(default="", max_length=40)
    redenen: str = Field(default="", max_length=WORDS)


class Answer(BaseModel):
    """The forms that decide: `zeker` is ticked by who read what goes, `redenen` say why not."""

    model_config = ConfigDict(frozen=True)

    csrf: str = ""
    zeker: str = ""
    redenen: str = Field(default="", max_length=WORDS)


@router.get("", response_class=HTMLResponse)
def erasures(request: Request, kind: str = "") -> Response:
    """Show every request, and a form to ask; `kind` fills in the pseudonym."""
    if current_auditor(request) is None:
        return way_in(request)
    return _list_page(request, Wanted(kind=kind[:64]))


@router.post("", response_class=HTMLResponse)
def ask(request: Request, wanted: Annotated[Wanted, Form()]) -> Response:
    """Ask that a child is erased."""
    ours = from_our_form(request, wanted.csrf)
    if ours is None:
        return not_ours(request)
    hub, auditor = ours
    done = _asked(hub, auditor, wanted)
    if isinstance(done, NotErased):
        return _list_page(request, wanted, wrong=done.why)
    return see_other(request, f"{ADDRESS}/{done}")


@router.get("/{erasure}", response_class=HTMLResponse)
def erasure_page(request: Request, erasure: UUID) -> Response:
    """Show one request: who asks it and why, what goes, what stays, and what one can do."""
    auditor = current_auditor(request)
    return way_in(request) if auditor is None else _one_page(request, auditor, erasure)


@router.post("/{erasure}/confirm", response_class=HTMLResponse)
def confirm(request: Request, erasure: UUID, answer: Annotated[Answer, Form()]) -> Response:
    """Erase the child, for who ticked that they read what goes; then say what was done."""
    ours = from_our_form(request, answer.csrf)
    if ours is None:
        return not_ours(request)
    hub, auditor = ours
    if not answer.zeker:
        return _one_page(request, auditor, erasure, wrong=NOT_SURE)
    done = confirm_erasure(hub, erasure, decider(auditor), at=now())
    if isinstance(done, NotErased):
        return _one_page(request, auditor, erasure, wrong=done.why)
    return _one_page(request, auditor, erasure, done=done)


@router.post("/{erasure}/reject", response_class=HTMLResponse)
def reject(request: Request, erasure: UUID, answer: Annotated[Answer, Form()]) -> Response:
    """Say no, and why; nothing is erased."""
    ours = from_our_form(request, answer.csrf)
    if ours is None:
        return not_ours(request)
    hub, auditor = ours
    if not answer.redenen.strip():
        return _one_page(request, auditor, erasure, wrong=NO_REASON)
    by, reason = decider(auditor), answer.redenen
    if not reject_erasure(hub, erasure, by, at=now(), reason=reason):
        return _one_page(request, auditor, erasure, wrong=NOT_WAITING)
    return see_other(request, ADDRESS)


def _asked(hub: Hub, auditor: AuditorCaller, wanted: Wanted) -> UUID | NotErased:
    child = hub.vault.resolve(AUDITORS, wanted.kind.strip())
    if child is None:
        return NotErased(NO_SUCH_CHILD)
    wish = ErasureRequest(child=child, ground=wanted.grond, reason=wanted.redenen)
    return ask_erasure(hub, wish, decider(auditor), at=now())


def _list_page(request: Request, wanted: Wanted, *, wrong: str = "") -> HTMLResponse:
    return render(
        request,
        PACKAGE,
        "erasures.html",
        status=422 if wrong else 200,
        lines=every_erasure(hub_of(request), at=now()),
        grounds=tuple(GROUNDS),
        wanted=wanted,
        wrong=wrong,
    )


def _one_page(
    request: Request,
    auditor: AuditorCaller,
    erasure: UUID,
    *,
    wrong: str = "",
    done: Erased | None = None,
) -> HTMLResponse:
    found = find_erasure(hub_of(request), erasure, decider(auditor), at=now())
    if found is None:
        return error_page(request, "not_found", status=404)
    return render(
        request,
        PACKAGE,
        "erasure.html",
        status=422 if wrong else 200,
        file=found,
        wrong=wrong,
        done=done,
    )
