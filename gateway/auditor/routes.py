"""Every route of the auditor's pages, for the application to include."""

from gateway.auditor.search import router

__all__ = ["router"]
