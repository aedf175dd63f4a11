"""The loop that calls webhooks: each call in a thread of its own, so that none waits for another.

A service has one call under way at a time, in whichever process: the database hands them out.
"""

from threading import Event, Thread
from typing import Final

from gateway import clock
from gateway.errors import SourceUnavailable
from gateway.exchange.deliveries.ring_webhook import Ring, ring_ended, rings_due
from gateway.exchange.hub import Hub
from gateway.observability import Event as LogEvent
from gateway.observability import log, warn
from gateway.store.feed import NEWS
from gateway.streams.wake import listening, wait
from gateway.streams.webhook_call import call_webhook

LAST_CALLS_SECONDS: Final = 2.0


def call_the_webhooks(hub: Hub, stop: Event) -> None:
    """Call until it is time to stop; an exception means the database is gone."""
    calls: list[Thread] = []
    with listening(hub.engine, NEWS) as connection:
        while not stop.is_set():
            calls = [one for one in calls if one.is_alive()]
            for ring in rings_due(hub, at=clock.now()):
                # A daemon: a call that is cut off when the process ends is made again.
                thread = Thread(target=_call, args=(hub, ring), daemon=True)
                thread.start()
                calls.append(thread)
            wait(connection)
    for thread in calls:
        thread.join(LAST_CALLS_SECONDS)


def _call(hub: Hub, ring: Ring) -> None:
    partner = ring.claim.partner
    trouble = call_webhook(ring, loopback=hub.settings.loopback_webhooks)
    try:
        parked = ring_ended(hub, ring, trouble, at=clock.now())
    except SourceUnavailable:
        return  # told again when its lease is over
    if parked:
        warn(LogEvent.WEBHOOK_PARKED, partner=partner, code=trouble)
    elif trouble:
        log(LogEvent.WEBHOOK_FAILED, partner=partner, code=trouble)
    else:
        log(LogEvent.WEBHOOK_CALLED, partner=partner)
