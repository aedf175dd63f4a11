"""Rendering: one environment per folder of templates, escaped, strict, in the page's language."""

from datetime import datetime
from functools import cache, partial
from typing import Any

from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from starlette.requests import Request

from gateway import i18n
from gateway.clock import BRUSSELS, brussels_date
from gateway.exchange.hub import Hub
from gateway.identity.session import csrf_token, current_auditor, current_person
from gateway.pages.headers import page_headers
from gateway.pages.language import language_links, language_of
from gateway.pages.static_files import static_url

_SHARED = "gateway.pages"


def hub_of(request: Request) -> Hub:
    """Return the hub that the application opened at start."""
    hub: Hub = request.app.state.hub
    return hub


def render(
    request: Request, package: str, template: str, *, status: int = 200, **values: object
) -> HTMLResponse:
    """Render a template of a package as a page in the language of the request."""
    language = language_of(request)
    page = _templates_of(package).get_template(template)
    content = page.render(_shared(request, language) | values)
    return HTMLResponse(content, status, headers=_headers(request))


def error_page(request: Request, error: str, *, status: int) -> HTMLResponse:
    """Render a plain page that says what went wrong and what to do; never why in detail."""
    # An error from outside the session's middleware still gets a page.
    request.scope.setdefault("session", {})
    return render(request, _SHARED, "error.html", status=status, error=error)


def see_other(request: Request, path: str) -> RedirectResponse:
    """Send the browser on with GET, as after every form."""
    return RedirectResponse(path, 303, headers=_headers(request))


def wants_page(request: Request) -> bool:
    """Tell whether the caller is a browser that shows a page rather than a program."""
    return "text/html" in request.headers.get("accept", "")


@cache
def _templates_of(package: str) -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(_SHARED)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static_url"] = static_url
    return environment


def _shared(request: Request, language: str) -> dict[str, Any]:
    person, auditor = current_person(request), current_auditor(request)
    return _words(language) | {
        "path": request.url.path,
        "languages": language_links(request, language),
        "csrf": csrf_token(request),
        "is_person": person is not None,
        "is_auditor": auditor is not None,
    }


def _words(language: str) -> dict[str, Any]:
    return {
        "language": language,
        "t": partial(i18n.translate, language),
        "name_of": partial(i18n.name_of, language),
        "names_of": partial(i18n.names_of, language),
        "say_date": partial(i18n.say_date, language),
        "say_day": partial(i18n.say_day, language),
        "say_day_of": lambda at: i18n.say_date(language, brussels_date(at)),
        "say_time": partial(_say_time, language),
    }


def _say_time(language: str, at: datetime) -> str:
    return i18n.say_time(language, at.astimezone(BRUSSELS))


def _headers(request: Request) -> dict[str, str]:
    return page_headers(hub_of(request).settings.oidc_issuer)
