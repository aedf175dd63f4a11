"""Every route of the family's pages, for the application to include."""

from fastapi import APIRouter

from gateway.portal import answer, api, api_asked, ask, entrance, looks, overview, stop

router = APIRouter()
for part in (entrance, overview, ask, answer, stop, looks, api, api_asked):
    router.include_router(part.router)
