"""Every route of the family's pages, for the application to include."""

from fastapi import APIRouter

from gateway.portal import (
    again,
    answer,
    api,
    api_asked,
    ask,
    asked,
    decisions,
    entrance,
    looks,
    notices,
    overview,
    say_no,
    seeing,
    seeing_api,
    stop,
)

_PAGES = (
    entrance,
    overview,
    notices,
    ask,
    answer,
    stop,
    looks,
    seeing,
    decisions,
    again,
    say_no,
    asked,
)
_PROGRAMS = (seeing_api, api, api_asked)

router = APIRouter()
for part in _PAGES + _PROGRAMS:
    router.include_router(part.router)
