"""Probes for whoever keeps the hub running."""

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from gateway.api.callers import HubOf
from gateway.errors import SourceUnavailable
from gateway.exchange.audit.guard_log import Guard, LogRolledBack, check_log
from gateway.exchange.hub import Hub
from gateway.observability import Event, warn
from gateway.store.health import database_is_ready

router = APIRouter(tags=["health"])


async def no_older_database(request: Request) -> None:
    """Answer 503 to whatever is asked while the database is older than what was signed."""
    guard: Guard = request.app.state.guard
    try:
        # Mostly known from a moment ago; a thread costs more than that.
        if guard.is_due:
            await run_in_threadpool(guard.check)
        else:
            guard.check()
    except LogRolledBack as error:
        # Why is for the operator (readiness, the command line), not for who asks.
        raise SourceUnavailable from error


@router.get("/livez", summary="The process answers")
def alive() -> dict[str, str]:
    """Answer without touching anything else."""
    return {"status": "alive"}


@router.get("/readyz", summary="The hub can serve")
def ready(hub: HubOf) -> JSONResponse:
    """Say whether the database answers at the schema this version needs, and is no older one.

    Streams may lag.
    """
    fits = database_is_ready(hub.engine)
    newest = fits and _is_newest(hub)
    status = "ready" if newest else "unavailable"
    body = {"status": status, "database": fits, "log": newest}
    return JSONResponse(body, 200 if newest else 503)


def _is_newest(hub: Hub) -> bool:
    try:
        check_log(hub)
    except LogRolledBack:
        warn(Event.LOG_ROLLED_BACK)
        return False
    except SourceUnavailable:
        return False
    return True
