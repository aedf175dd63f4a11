"""The only composition root: one FastAPI application from settings."""

from fastapi import Depends, FastAPI

from gateway.api import (
    access,
    assessments,
    audit_events,
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
from gateway.exchange.audit.guard_log import Guard
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
    app.state.guard = Guard(app.state.hub)
    # Before the other resources: their addresses fit its own too.
    partners = (
        audit_events,
        fhir,
        intake,
        keys,
        access,
        proposals,
        assessments,
        legal_routes,
        relays,
        emergency,
    )
    persons = (portal, auditor, contests, identity, erasures, reidentification)
    # Probes, and checkpoints that name nobody, by which a witness sees what happened.
    for one in (health, log_tree):
        app.include_router(one.router)
    for one in (*partners, feed, notices, diagnosis_tasks, sign_in, *persons):
        app.include_router(one.router, dependencies=[Depends(health.no_older_database)])
    mount_static(app)
    log(Event.HUB_STARTED)
    return app
