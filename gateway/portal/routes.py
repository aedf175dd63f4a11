"""Every route of the family's pages, for the application to include."""

from fastapi import APIRouter

from gateway.portal import (
    answer,
    api,
    ask,
    entrance,
    looks,
    notices,
    overview,
    seeing,
    seeing_api,
    stop,
)

router = APIRouter()
for part in (entrance, overview, notices, ask, answer, stop, looks, seeing, seeing_api, api):
    router.include_router(part.router)
