"""Which event of the log an exception becomes; only its class is ever written, never its text."""

import psycopg

from gateway.errors import SourceUnavailable
from gateway.exchange.audit.guard_log import LogRolledBack
from gateway.observability import Event
from gateway.streams.client import BROKER_TROUBLE


def trouble_event(error: Exception) -> Event:
    """Return the log event for an exception that ended a round."""
    if isinstance(error, LogRolledBack):
        return Event.LOG_ROLLED_BACK
    if isinstance(error, SourceUnavailable | psycopg.Error):
        return Event.DATABASE_UNAVAILABLE
    if isinstance(error, BROKER_TROUBLE):
        return Event.BROKER_UNAVAILABLE
    return Event.LOOP_RESTARTED
