"""Which language a page speaks, and the links that change it without leaving the place."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request

from gateway.i18n import DEFAULT_LANGUAGE, LANGUAGES

PARAMETER: Final = "taal"


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageLink:
    """One choice in the language switch."""

    code: str
    href: str
    current: bool


def language_of(request: Request) -> str:
    """Return the language asked for in the address, else the session's, else Dutch."""
    asked = request.query_params.get(PARAMETER, "")
    if asked in LANGUAGES:
        if request.session.get("language", DEFAULT_LANGUAGE) != asked:
            request.session["language"] = asked
        return asked
    kept = request.session.get("language", DEFAULT_LANGUAGE)
    return kept if kept in LANGUAGES else DEFAULT_LANGUAGE


def language_links(request: Request, current: str) -> tuple[LanguageLink, ...]:
    """Return a link per language; an answer to a form has no address of its own, so `/`."""
    here = "" if request.method == "GET" else "/"
    kept = [pair for pair in request.query_params.multi_items() if pair[0] != PARAMETER]
    return tuple(
        LanguageLink(
            code=code,
            href=f"{here}?{urlencode([*kept, (PARAMETER, code)])}",
            current=code == current,
        )
        for code in LANGUAGES
    )
