"""The loop that fills the feeds of services without Kafka; it needs no broker, and many may run."""

import time
from threading import Event
from typing import Final

from gateway import clock
from gateway.exchange.deliveries.fill_feed import drop_read, fill_feed
from gateway.exchange.hub import Hub
from gateway.observability import Event as LogEvent
from gateway.observability import log
from gateway.streams.wake import OUTBOX, listening, wait

CLAIM: Final = 100
DROP_SECONDS: Final = 600.0


def fill_the_feeds(hub: Hub, stop: Event) -> None:
    """Fill the feeds until it is time to stop; an exception means the database is gone."""
    dropped_at = 0.0
    with listening(hub.engine, OUTBOX) as connection:
        while not stop.is_set():
            moved = fill_feed(hub, limit=CLAIM, at=clock.now())
            if moved:
                log(LogEvent.FEED_FILLED, count=moved)
                continue
            if time.monotonic() - dropped_at > DROP_SECONDS or not dropped_at:
                dropped_at = time.monotonic()
                drop_read(hub, at=clock.now())
            wait(connection)
