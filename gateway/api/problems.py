"""Every error leaves through here: problem+json (RFC 9457), or OperationOutcome under /fhir."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.errors import HubError, InvalidRequest, NotFound, RefusedContent, SourceUnavailable
from gateway.observability import Event, warn
from gateway.pages.render import error_page, wants_page

MOST_PLACES = 10
CORRECT = (
    "correct these fields; take away an (unknown) one, which the API description does not name"
)
PROBLEM = "application/problem+json"
FHIR_JSON = "application/fhir+json; fhirVersion=4.0"
# FHIR R4 IssueType codes for the statuses this hub answers.
ISSUE_TYPES = {
    400: "invalid", 401: "login", 403: "forbidden", 404: "not-found", 405: "not-supported",
    409: "conflict", 413: "too-long", 415: "not-supported", 422: "invalid", 429: "throttled",
    503: "transient",
}  # fmt: skip
RETRY_AFTER = {429: "1", 503: "5"}


# What programs ask; everything else is a page when a browser asks for one.
PROGRAMS = (
    "/fhir", "/intake", "/oauth", "/keys", "/access/", "/consents", "/children", "/log", "/livez",
    "/readyz", "/proposals", "/assessments", "/legal-routes", "/relay-requests",
    "/emergency-access", "/feed", "/notices",
)  # fmt: skip
REQUEST_ID = "X-Request-ID"


def problem(error: HubError, request: Request, *, page: str) -> Response:
    """Render one error for the part of the hub that was asked; `page` names a page's text."""
    if wants_page(request) and not request.url.path.startswith(PROGRAMS):
        return error_page(request, page, status=error.status)
    headers = {"Cache-Control": "no-store", **request_id(request)}
    if error.status == 401:  # noqa: PLR2004 -- HTTP's own number
        headers["WWW-Authenticate"] = "Bearer"
    if error.status in RETRY_AFTER:
        headers["Retry-After"] = RETRY_AFTER[error.status]
    if request.url.path.startswith("/fhir"):
        return Response(orjson.dumps(_outcome(error)), error.status, headers, FHIR_JSON)
    return Response(orjson.dumps(_problem(error)), error.status, headers, PROBLEM)


def request_id(request: Request) -> dict[str, str]:
    """Return the caller's own name for a question about access, to be sent back as it came.

    AuthZEN 1.0, section 10.1: on every answer, errors too. It is the caller's text: never logged.
    """
    given = request.headers.get(REQUEST_ID)
    if given is None or not request.url.path.startswith("/access/"):
        return {}
    return {REQUEST_ID: given}


def places(mistakes: Iterable[Mapping[str, Any]], *above: str) -> str:
    """Name where a body is wrong: the first places only, and no name that the caller made up."""
    found = {".".join((*above, *map(str, _known_part(one)))) for one in mistakes}
    return ", ".join(sorted(found)[:MOST_PLACES])


def _known_part(mistake: Mapping[str, Any]) -> Sequence[int | str]:
    place: Sequence[int | str] = mistake["loc"]
    # Somebody may write a person's name where a field is expected.
    return (*place[:-1], "(unknown)") if mistake["type"] == "extra_forbidden" else place


def install_error_handlers(app: FastAPI) -> None:
    """Let no exception leave in any other form; causes are logged by class, never by text."""

    @app.exception_handler(HubError)
    def known(request: Request, error: HubError) -> Response:
        return problem(error, request, page=_page_of(error.status))

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        # The offending input stays out of the answer: it may hold personal data.
        found = InvalidRequest(CORRECT, where=places(error.errors()))
        return problem(found, request, page="invalid")

    @app.exception_handler(HTTPException)
    def routed(request: Request, error: HTTPException) -> Response:
        found = _from_routing(error)
        return problem(found, request, page=_page_of(found.status))

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> Response:
        warn(Event.REQUEST_FAILED, error=type(error).__name__, method=request.method)
        return problem(SourceUnavailable(), request, page="server")


def _page_of(status: int) -> str:
    if status == 404:  # noqa: PLR2004 -- HTTP's own number
        return "not_found"
    return "server" if status >= 500 else "invalid"  # noqa: PLR2004 -- HTTP's own number


def _from_routing(error: HTTPException) -> HubError:
    if error.status_code == 404:  # noqa: PLR2004 -- HTTP's own number
        return NotFound()
    known = InvalidRequest("use a method and path of the API description")
    known.status = error.status_code
    known.code = "not_supported"
    return known


def _problem(error: HubError) -> dict[str, object]:
    body: dict[str, object] = {
        "type": f"https://deelregie.example/problems/{error.code}",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "detail": str(error),
    }
    if error.where:
        body["where"] = error.where
    if isinstance(error, RefusedContent) and error.receipt:
        body["receipt"] = error.receipt
    return body


def _outcome(error: HubError) -> dict[str, object]:
    issue = {
        "severity": "error",
        "code": ISSUE_TYPES.get(error.status, "exception"),
        "details": {"text": str(error)},
    }
    return {"resourceType": "OperationOutcome", "issue": [issue]}
