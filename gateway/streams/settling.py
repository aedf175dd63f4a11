"""The loop that brings messages in line after a stop that took many keys at once."""

from threading import Event
from typing import Final

from gateway import clock
from gateway.exchange.deliveries.settle_keys import settle_keys
from gateway.exchange.hub import Hub

LOOK_SECONDS: Final = 2.0


def settle_the_keys(hub: Hub, stop: Event) -> None:
    """Settle until it is time to stop; several may run, each takes what is free."""
    while not stop.is_set():
        if not settle_keys(hub, at=clock.now()):
            stop.wait(LOOK_SECONDS)
