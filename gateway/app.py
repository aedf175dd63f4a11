"""The only composition root: one FastAPI application from settings."""

from fastapi import FastAPI

from gateway.api import (
    access,
    assessments,
    diagnosis_tasks,
    emergency,
    feed,
    fhir,
    health,
    intake,
    keys,
    legal_routes,
    log_tree,
    notices,
    pace,
    problems,
    proposals,
    relays,
    sign_in,
)
from gateway.auditor import contests, erasures, identity, reidentification
from gateway.auditor import routes as auditor
from gateway.exchange.hub import open_hub
from gateway.identity.session import install_sessions
from gateway.observability import Event, configure_logging, log
from gateway.pages.static_files import mount_static
from gateway.portal import routes as portal
from gateway.settings import Settings, load_settings

DESCRIPTION = """Sharing under the family's control. Partners deliver records in their own format
and read what the family permits; denied and absent look the same everywhere."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the hub's application; settings come from the environment when not given."""
    settings = settings or load_settings()
    configure_logging(settings.log_level)
    app = FastAPI(
        title="deelregie", version="0.1.0", description=DESCRIPTION, docs_url=None, redoc_url=None
    )
    app.state.hub = open_hub(settings)
    app.state.searches = fhir.open_searches(app.state.hub)
    app.state.feed_pace = pace.Pace()
    problems.install_error_handlers(app)
    install_sessions(app, settings)
    partners = (fhir, intake, keys, access, proposals, assessments, legal_routes, relays, emergency)
    for router in (*partners, feed, notices, diagnosis_tasks, sign_in, health, log_tree):
        app.include_router(router.router)
    app.include_router(portal.router)
    app.include_router(auditor.router)
    app.include_router(contests.router)
    app.include_router(identity.router)
    app.include_router(erasures.router)
    app.include_router(reidentification.router)
    mount_static(app)
    log(Event.HUB_STARTED)
    return app
