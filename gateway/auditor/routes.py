"""Every route of the auditor's pages, for the application to include."""

from fastapi import APIRouter

from gateway.auditor import decided_again, erasure_pages, identities, reviews, search

__all__ = ["router"]

router = APIRouter()
for part in (search, reviews, identities, erasure_pages, decided_again):
    router.include_router(part.router)
