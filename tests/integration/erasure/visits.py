"""Auditors at their browsers, on the database of a family."""

from typing import Any, Final

from gateway.auditor import erasures, reidentification
from tests.integration.erasure.world import Family
from tests.unit.pages.visitor import Visitor, pages_app, settings

OURS: Final[dict[str, Any]] = {"X_CSRF_Token": "token", "Sec_Fetch_Site": "same-origin"}


def visitor_of(family: Family) -> Visitor:
    """Return a browser that visits the pages and the JSON interface over this database."""
    app = pages_app(settings())
    for one in (erasures, reidentification):
        app.include_router(one.router)
    app.state.hub.engine.dispose()
    app.state.hub = family.desk.hub
    return Visitor(app)


def signed_in(visitor: Visitor, name: str, *roles: str) -> Visitor:
    """Let an auditor sit down at the browser."""
    return visitor.signed_in(auditor=name, roles=["auditor", *roles])
