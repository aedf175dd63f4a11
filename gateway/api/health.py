"""Probes for whoever keeps the hub running."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from gateway.api.callers import HubOf
from gateway.store.health import database_is_ready

router = APIRouter(tags=["health"])


@router.get("/livez", summary="The process answers")
def alive() -> dict[str, str]:
    """Answer without touching anything else."""
    return {"status": "alive"}


@router.get("/readyz", summary="The hub can serve")
def ready(hub: HubOf) -> JSONResponse:
    """Say whether the database answers at the schema this version needs; streams may lag."""
    fits = database_is_ready(hub.engine)
    body = {"status": "ready" if fits else "unavailable", "database": fits}
    return JSONResponse(body, 200 if fits else 503)
