"""Every route of the family's pages, for the application to include."""

from fastapi import APIRouter

from gateway.portal import (
    answer,
    api,
    api_asked,
    ask,
    entrance,
    looks,
    notices,
    overview,
    seeing,
    seeing_api,
    stop,
)

_PAGES = (entrance, overview, notices, ask, answer, stop, looks, seeing)
_PROGRAMS = (seeing_api, api, api_asked)

router = APIRouter()
for part in _PAGES + _PROGRAMS:
    router.include_router(part.router)
