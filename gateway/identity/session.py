"""The browser session: a signed cookie with opaque ids, and the token that guards forms."""

import hmac
import secrets
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

from starlette.applications import Starlette
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from gateway.clock import now
from gateway.identity.callers import AuditorCaller, PersonCaller
from gateway.settings import Settings

IDLE_SECONDS: Final = 30 * 60
# A copied cookie must not live for ever by being used; also keeps WCAG 2.2.1 (no cut-off mid-form).
LONGEST_SECONDS: Final = 8 * 60 * 60
REFRESH_SECONDS: Final = 60
# Partner systems and probes sign in with tokens or not at all: a cookie means nothing there.
WITHOUT_SESSION: Final = (
    "/fhir", "/intake", "/oauth", "/keys", "/access/", "/livez", "/readyz",
    "/proposals", "/assessments",
    "/legal-routes", "/relay-requests", "/emergency-access",
)  # fmt: skip
# The access log is there for people too, in the form of FHIR.
ALSO_FOR_PEOPLE: Final = "/fhir/AuditEvent"
AUDITOR_ROLE: Final = "auditor"


def install_sessions(app: Starlette, settings: Settings) -> None:
    """Give people's requests a session; the cookie is HttpOnly, SameSite=Lax, on https Secure."""
    secure = settings.issuer.startswith("https:")
    app.add_middleware(
        _SessionsOfPeople,
        secret_key=settings.session_secret.get_secret_value(),
        session_cookie="__Host-deelregie" if secure else "deelregie",
        max_age=IDLE_SECONDS,
        same_site="lax",
        https_only=secure,
    )


class _SessionsOfPeople(SessionMiddleware):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _without_session(scope["path"]):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def _without_session(path: str) -> bool:
    if path == ALSO_FOR_PEOPLE or path.startswith(f"{ALSO_FOR_PEOPLE}/"):
        return False
    return path.startswith(WITHOUT_SESSION)


def begin_session(
    request: Request, *, person: str | None, auditor: str | None, roles: frozenset[str]
) -> None:
    """Start a signed-in session with nothing left of the one before (session fixation)."""
    end_session(request)
    moment = _epoch()
    request.session.update(
        person=person,
        auditor=auditor,
        roles=sorted(roles),
        since=moment,
        seen=moment,
        csrf=secrets.token_urlsafe(32),
    )


def end_session(request: Request) -> None:
    """Forget everything but the language."""
    language = request.session.get("language")
    request.session.clear()
    if language:
        request.session["language"] = language


def current_person(request: Request) -> PersonCaller | None:
    """Return the signed-in family member, or nothing."""
    person = request.session.get("person") if _alive(request) else None
    return PersonCaller(person=person, correlation=str(uuid4())) if person else None


def current_auditor(request: Request) -> AuditorCaller | None:
    """Return the signed-in auditor, or nothing."""
    session = request.session
    if not _alive(request) or AUDITOR_ROLE not in session.get("roles", ()):
        return None
    auditor = session.get("auditor")
    if not auditor:
        return None
    roles = frozenset(str(role) for role in session["roles"])
    return AuditorCaller(auditor=auditor, correlation=str(uuid4()), roles=roles)


def csrf_token(request: Request) -> str:
    """Return the token that every form of this session carries; empty when nobody is signed in."""
    return str(request.session.get("csrf", "")) if _alive(request) else ""


def form_is_ours(request: Request, token: str, *, issuer: str) -> bool:
    """Tell whether a change was asked by our own page in this session."""
    expected = csrf_token(request)
    return (
        bool(expected)
        and hmac.compare_digest(expected.encode(), token.encode())
        and _same_origin(request, issuer)
    )


def _same_origin(request: Request, issuer: str) -> bool:
    # Sec-Fetch-Site cannot be forged by a page; Origin is `null` on our forms (no-referrer).
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    ours = urlsplit(issuer)
    return origin is None or origin == f"{ours.scheme}://{ours.netloc}"


def _alive(request: Request) -> bool:
    session, moment = request.session, _epoch()
    if moment - session.get("since", 0) > LONGEST_SECONDS:
        return False
    if moment - session.get("seen", 0) > REFRESH_SECONDS:
        session["seen"] = moment
    return True


def _epoch() -> int:
    return int(now().timestamp())
