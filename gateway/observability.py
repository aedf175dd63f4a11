"""Structured logs with an allow-list: a key that is not on the list is not written."""

import logging
import sys
from enum import StrEnum

import structlog
from structlog.typing import EventDict, WrappedLogger


class Event(StrEnum):
    """Every event name the hub may log; reviewed as one list, each free of personal data."""

    HUB_STARTED = "hub_started"
    REQUEST_FAILED = "request_failed"
    RECEIPT_ACCEPTED = "receipt_accepted"
    RECEIPT_PROCESSED = "receipt_processed"
    RECEIPT_FAILED = "receipt_failed"
    SEALING_FAILED = "sealing_failed"
    SEALING_HALTED = "sealing_halted"
    SEALING_RESUMED = "sealing_resumed"
    DELIVERY_PARKED = "delivery_parked"
    DELIVERIES_SENT = "deliveries_sent"
    DELIVERIES_REQUEUED = "deliveries_requeued"
    KEYS_DAMAGED = "keys_damaged"
    FEED_FILLED = "feed_filled"
    WEBHOOK_CALLED = "webhook_called"
    WEBHOOK_FAILED = "webhook_failed"
    WEBHOOK_PARKED = "webhook_parked"
    BROKER_UNAVAILABLE = "broker_unavailable"
    BROKER_LOST_DATA = "broker_lost_data"
    DATABASE_UNAVAILABLE = "database_unavailable"
    STREAM_MESSAGE_REFUSED = "stream_message_refused"
    CALENDAR_KEPT = "calendar_kept"
    CALENDAR_FAILED = "calendar_failed"
    LOG_ROLLED_BACK = "log_rolled_back"
    LOG_FORKED = "log_forked"
    LOG_INTEGRATED = "log_integrated"
    REVIEWS_OVERDUE = "reviews_overdue"
    RETENTION_DUE = "retention_due"
    RETENTION_APPLIED = "retention_applied"
    RETENTION_FAILED = "retention_failed"
    LOOP_RESTARTED = "loop_restarted"
    WORKER_STARTED = "worker_started"
    WORKER_STOPPED = "worker_stopped"


ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "loop", "error", "count", "topic", "partition", "offset",
        "partner", "source", "receipt", "status", "route", "method", "port", "seconds", "code",
    }
)  # fmt: skip


def keep_allowed(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Drop every key that is not on the allow-list; values are ids, names of places and counts."""
    return {key: value for key, value in event.items() if key in ALLOWED}


def configure_logging(level: str) -> None:
    """Write JSON lines to standard error; other libraries' own lines stay unwritten."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # Libraries put payloads, rows and URLs in their lines. Some raise their own logger's level,
    # so the handler must refuse as well.
    silent = logging.StreamHandler()
    silent.setLevel(logging.CRITICAL)
    logging.basicConfig(level=logging.CRITICAL, handlers=[silent])


def log(event: Event, **fields: str | float | None) -> None:
    """Log one event of the reviewed list with allowed fields."""
    structlog.get_logger().info(event.value, **fields)


def warn(event: Event, **fields: str | float | None) -> None:
    """Log one event that an operator should look at."""
    structlog.get_logger().warning(event.value, **fields)
