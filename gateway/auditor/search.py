"""The auditor's search of the access log, as a page and as JSON."""

import re
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict

from gateway.auditor.guards import PACKAGE, private, signed_in, way_in
from gateway.clock import now
from gateway.exchange.audit.search_log import DECIDED, LogPage, LogQuery, search_log
from gateway.i18n import codes_of
from gateway.identity.session import current_auditor
from gateway.pages.render import hub_of, render

# PostgreSQL's bigint ends at 19 digits.
_LINE_NUMBER: Final = re.compile("[0-9]{1,18}")

router = APIRouter()


class Filters(BaseModel):
    """The search fields of the page, in its own words; empty means all."""

    model_config = ConfigDict(frozen=True)

    kind: str = ""
    dienst: str = ""
    uitkomst: str = ""
    handeling: str = ""
    na: str = ""

    def query(self) -> LogQuery:
        """Return the search these fields stand for."""
        return LogQuery(
            child=_text(self.kind),
            partner=_text(self.dienst),
            outcome=_text(self.uitkomst),
            act=_text(self.handeling),
            after=int(self.na) if _LINE_NUMBER.fullmatch(self.na) else None,
        )

    def address(self, **changed: str) -> str:
        """Return the address of this search with some fields changed."""
        fields = {name: text for name, text in (self.model_dump() | changed).items() if text}
        return f"/audit?{urlencode(fields)}"


class LineOut(BaseModel):
    """One line of the access log."""

    id: int
    at: datetime
    act: str
    actor: str
    partner: str | None
    purpose: str | None
    child: str | None
    classes: tuple[str, ...]
    outcome: str
    rules: tuple[str, ...]
    consents: tuple[str, ...]


class PageOut(BaseModel):
    """Lines, newest first; `next` continues as `after`."""

    entries: list[LineOut]
    next: int | None


@router.get("/audit", response_class=HTMLResponse, include_in_schema=False)
def audit(request: Request, filters: Annotated[Filters, Query()]) -> HTMLResponse:
    """Search the access log; without a session, the way in."""
    auditor = current_auditor(request)
    if auditor is None:
        return way_in(request)
    page = search_log(hub_of(request), auditor, filters.query(), at=now())
    return render(
        request,
        PACKAGE,
        "audit.html",
        filters=filters,
        page=page,
        outcomes=codes_of("outcome"),
        acts=codes_of("act"),
        decided=DECIDED,
    )


@router.get("/log", tags=["audit"])
def log(
    request: Request,
    response: Response,
    *,
    child: str | None = None,
    partner: str | None = None,
    outcome: str | None = None,
    act: str | None = None,
    after: Annotated[int | None, Query(ge=0, lt=10**18)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> PageOut:
    """Search the access log as a signed-in auditor."""
    auditor = signed_in(request)
    query = LogQuery(
        child=_text(child),
        partner=_text(partner),
        outcome=_text(outcome),
        act=_text(act),
        after=after,
        limit=limit,
    )
    private(response)
    return _out(search_log(hub_of(request), auditor, query, at=now()))


def _text(field: str | None) -> str | None:
    # PostgreSQL text holds no NUL; nothing is stored under one.
    return (field or "").replace("\x00", "").strip() or None


def _out(page: LogPage) -> PageOut:
    lines = [LineOut.model_validate(asdict(entry)) for entry in page.entries]
    return PageOut(entries=lines, next=page.next)
