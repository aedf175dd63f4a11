"""Every route of the auditor's pages, for the application to include."""

from fastapi import APIRouter

from gateway.auditor import decided_again, search

router = APIRouter()
for one in (search, decided_again):
    router.include_router(one.router)
