"""The access log as FHIR AuditEvents, for auditors and families; partners see none, as elsewhere.

It is the search of the auditors' page and the family's page of who looked in another form: the
same sessions, use cases and lines of the log (docs/access-log.md).
"""

import re
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from adapters.contract import dump
from gateway import clock
from gateway.api import fhir
from gateway.api.callers import hub_of, partner_of
from gateway.api.problems import FHIR_JSON
from gateway.errors import InvalidRequest, NotFound
from gateway.exchange.audit.audit_events import (
    AuditPage,
    auditors_line,
    auditors_page,
    familys_line,
    familys_lines,
)
from gateway.exchange.audit.search_log import LogQuery
from gateway.exchange.hub import Hub
from gateway.fhir.audit_event import AuditLine, audit_event
from gateway.fhir.audit_event_search import (
    AUDITORS_MAY,
    FAMILIES_MAY,
    MOST,
    USUAL,
    AuditSearch,
    read_search,
)
from gateway.identity.callers import AuditorCaller, PersonCaller
from gateway.identity.session import current_auditor, current_person

# PostgreSQL's bigint ends at 19 digits.
_LINE: Final = re.compile("[0-9]{1,18}")
_PATH: Final = "/fhir/AuditEvent"

router = APIRouter(prefix=_PATH, tags=["FHIR R4"])

# Read by `read_search`, which refuses what is not here; this is what the description names.
Token = Annotated[str | None, Query(description="Codes, with a comma between them: any of these")]
Text = Annotated[str | None, Query()]


@router.get("", summary="The access log, as far as you may see it")
async def search(
    request: Request,
    *,
    patient: Annotated[str | None, Query(description="Auditors' pseudonym, or own child")] = None,
    agent: Annotated[str | None, Query(description="Organization/<id>; auditors only")] = None,
    date: Annotated[
        list[str] | None, Query(description="eq, ge, gt, le, lt; twice at most")
    ] = None,
    outcome: Token = None,
    type: Token = None,  # noqa: A002 -- FHIR's own word
    subtype: Token = None,
    after: Annotated[str | None, Query(description="As the next link of a page gives it")] = None,
    count: Annotated[
        str | None, Query(alias="_count", description=f"1 to {MOST}, else {USUAL}")
    ] = None,
) -> Response:
    """Return AuditEvents, newest first: an auditor's search, or who looked at an own child.

    With the session of a signed-in person. There is no total. That you looked is logged.
    """
    del patient, agent, date, outcome, type, subtype, after, count
    hub, reader = hub_of(request), _reader(request)
    if reader is None:
        partner_of(request)
        raise NotFound
    return await run_in_threadpool(_search, hub, reader, request.query_params.multi_items())


@router.get("/{event_id}", summary="Read one line of the access log")
async def read(request: Request, event_id: str, purpose: fhir.Purpose = "care") -> Response:
    """Return one AuditEvent; absent and not for you are the same 404. That you looked is logged."""
    hub, reader = hub_of(request), _reader(request)
    if reader is None:
        # As for every resource that a service cannot read.
        return await fhir.read(request, "AuditEvent", event_id, purpose)
    found = await run_in_threadpool(_read, hub, reader, event_id)
    if found is None:
        raise NotFound
    return _answer(audit_event(found, issuer=hub.settings.issuer))


def _reader(request: Request) -> AuditorCaller | PersonCaller | None:
    """Return the person behind the session; None for a partner's system or nobody."""
    if "authorization" in request.headers:
        return None
    return current_auditor(request) or current_person(request)


def _search(
    hub: Hub, reader: AuditorCaller | PersonCaller, given: list[tuple[str, str]]
) -> Response:
    if isinstance(reader, AuditorCaller):
        search = read_search(given, AUDITORS_MAY)
        page = auditors_page(hub, reader, _query(search), at=clock.now())
    else:
        page = _familys_page(hub, reader, read_search(given, FAMILIES_MAY))
    return _answer(_searchset(hub.settings.issuer, page, given))


def _query(search: AuditSearch) -> LogQuery:
    if search.after is not None and not _LINE.fullmatch(search.after):
        raise _no_such_page()
    return LogQuery(
        child=search.patient,
        partner=search.partner,
        acts=search.acts,
        outcomes=search.outcomes,
        since=search.since,
        until=search.until,
        after=None if search.after is None else int(search.after),
        limit=search.count,
    )


def _familys_page(hub: Hub, person: PersonCaller, search: AuditSearch) -> AuditPage:
    """Return a page of what this person may know; nothing else is ever counted or skipped."""
    lines = familys_lines(hub, person, search.patient, at=clock.now())
    if search.after is not None:
        names = [one.id for one in lines]
        if search.after not in names:
            raise _no_such_page()
        lines = lines[names.index(search.after) + 1 :]
    found = [one for one in lines if search.found(at=one.at, act=one.act, outcome=one.outcome)]
    return AuditPage(lines=tuple(found[: search.count]), more=len(found) > search.count)


def _no_such_page() -> InvalidRequest:
    return InvalidRequest("follow the next link of a page, or begin again", where="after")


def _read(hub: Hub, reader: AuditorCaller | PersonCaller, event: str) -> AuditLine | None:
    if isinstance(reader, PersonCaller):
        return familys_line(hub, reader, event, at=clock.now())
    if not _LINE.fullmatch(event):
        return None
    return auditors_line(hub, reader, int(event), at=clock.now())


def _searchset(issuer: str, page: AuditPage, given: list[tuple[str, str]]) -> dict[str, Any]:
    # No total: what is withheld must not be counted.
    links = [{"relation": "self", "url": _address(issuer, given)}]
    if page.more:
        onward = [(name, text) for name, text in given if name != "after"]
        onward.append(("after", page.lines[-1].id))
        links.append({"relation": "next", "url": _address(issuer, onward)})
    entries = [
        {
            "fullUrl": f"{issuer}{_PATH}/{one.id}",
            "resource": audit_event(one, issuer=issuer),
            "search": {"mode": "match"},
        }
        for one in page.lines
    ]
    bundle = {"resourceType": "Bundle", "type": "searchset", "link": links}
    return bundle | ({"entry": entries} if entries else {})


def _address(issuer: str, given: list[tuple[str, str]]) -> str:
    return f"{issuer}{_PATH}" + (f"?{urlencode(given)}" if given else "")


def _answer(content: dict[str, Any]) -> Response:
    return Response(dump(content), headers=fhir.NO_STORE, media_type=FHIR_JSON)
