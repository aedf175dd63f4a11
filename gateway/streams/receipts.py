"""Accepted records are processed as soon as their receipt is committed."""

from threading import Event
from typing import Final

from gateway import clock
from gateway.exchange.hub import Hub
from gateway.exchange.links.link_waiting import link_waiting
from gateway.exchange.records.store_record import process_accepted
from gateway.streams.wake import RECEIPTS, listening, wait

AT_ONCE: Final = 20


def process_receipts(hub: Hub, stop: Event) -> None:
    """Process receipts until it is time to stop; an exception means the database is gone."""
    with listening(hub.engine, RECEIPTS) as connection:
        # Also what began to wait while nobody ran.
        told = True
        while not stop.is_set():
            if process_accepted(hub, limit=AT_ONCE, at=clock.now()):
                told = True
            elif not told or not link_waiting(hub, at=clock.now()):
                told = wait(connection)
