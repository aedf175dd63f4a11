"""One line of the access log, decided again, so that an auditor can tell whether it is right."""

from typing import Annotated, TypeAlias

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from gateway.auditor.guards import PACKAGE, private, signed_in, way_in
from gateway.clock import now
from gateway.errors import NotFound
from gateway.exchange.audit.recompute import Recomputed, Result, Wanted, recompute
from gateway.identity.callers import AuditorCaller
from gateway.identity.session import current_auditor
from gateway.pages.render import error_page, hub_of, render

# PostgreSQL's bigint ends at 19 digits.
Line: TypeAlias = Annotated[int, Path(ge=1, lt=10**18)]

router = APIRouter()


class DecidedAgainOut(BaseModel):
    """What came of deciding a line again; `differs` names what is not the same."""

    line: int
    result: Result
    differs: tuple[str, ...]
    edition: str | None
    release: str | None


@router.get("/audit/{line}", response_class=HTMLResponse, include_in_schema=False)
def is_it_right(request: Request, line: Line) -> HTMLResponse:
    """Tell in plain words whether a line says what the rules decided."""
    auditor = current_auditor(request)
    if auditor is None:
        return way_in(request)
    found = _again(request, auditor, line)
    if found is None:
        return error_page(request, "not_found", status=404)
    return render(request, PACKAGE, "decided_again.html", found=found)


@router.get("/log/{line}/recomputed", tags=["audit"])
def recomputed(request: Request, response: Response, line: Line) -> DecidedAgainOut:
    """Decide a line of the log again, on the facts and by the rules of then, as an auditor.

    `result` is `equal`, `differs`, `basis_missing`, `erased`, `other_rules` (`release` decides by
    them) or `undecided` (the rules decided nothing in this line). That you asked is logged.
    """
    auditor = signed_in(request)
    found = _again(request, auditor, line)
    if found is None:
        raise NotFound
    private(response)
    return DecidedAgainOut(
        line=found.line,
        result=found.result,
        differs=found.differs,
        edition=found.edition,
        release=found.release,
    )


def _again(request: Request, auditor: AuditorCaller, line: int) -> Recomputed | None:
    found = recompute(
        hub_of(request),
        Wanted(lines=(line,)),
        by=f"auditor/{auditor.auditor}",
        at=now(),
        correlation=auditor.correlation,
    )
    return next(found, None)
