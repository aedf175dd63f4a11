"""One message about what was just done, shown once on the next page."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

_KEY: Final = "flash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash:
    """The message's name in the locales, and the consent it is about."""

    name: str
    consent: str = ""


def leave_flash(request: Request, name: str, *, consent: str = "") -> None:
    """Leave a message for the next page; the session holds its name, never its words."""
    request.session[_KEY] = [name, consent]


def take_flash(request: Request) -> Flash | None:
    """Take the message away, so that it is shown once."""
    left = request.session.pop(_KEY, None)
    return Flash(name=left[0], consent=left[1]) if left else None
