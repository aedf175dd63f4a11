"""The loop that brings lines of the access log into the tree and signs it, every few seconds.

It needs no broker. Several may run: one at a time holds the tree.
"""

from threading import Event
from typing import Final

from gateway import clock
from gateway.exchange.audit.integrate_log import integrate
from gateway.exchange.hub import Hub
from gateway.observability import Event as LogEvent
from gateway.observability import log

# Each round that finds lines signs a checkpoint, and every export carries them all.
ROUND_SECONDS: Final = 5.0


def sequence_log(hub: Hub, stop: Event) -> None:
    """Integrate until it is time to stop; an exception means the database is gone."""
    while not stop.is_set():
        done = integrate(hub, at=clock.now())
        if done.lines:
            log(LogEvent.LOG_INTEGRATED, count=done.lines)
        if not done.more:
            stop.wait(ROUND_SECONDS)
