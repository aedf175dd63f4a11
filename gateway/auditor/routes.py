"""Every route of the auditor's pages, for the application to include."""

from fastapi import APIRouter

from gateway.auditor import decided_again, identities, reviews, search

__all__ = ["router"]

router = APIRouter()
for part in (search, reviews, identities, decided_again):
    router.include_router(part.router)
