"""The relay: claims what is due, lets it be decided and sealed, and hands it to the lanes."""

import time
from collections import defaultdict
from collections.abc import Iterable
from threading import Event
from typing import Final

from gateway import clock
from gateway.exchange.deliveries.seal_delivery import Sealed, claim_and_seal
from gateway.exchange.hub import Hub
from gateway.streams.access import access_of
from gateway.streams.client import Broker
from gateway.streams.lane import Lane
from gateway.streams.ledger import open_streams, unsent_streams
from gateway.streams.wake import OUTBOX, become_the_relay, hear, listening, wait

CLAIM: Final = 250
# An operator may let a service receive through Kafka that had a feed: what lay there goes again.
LOOK_SECONDS: Final = 2.0
# How long a lane that is full may keep others waiting for what is due to them since.
FULL_SECONDS: Final = 0.02


def relay_outbox(hub: Hub, stop: Event) -> None:
    """Relay until it is time to stop; an exception means the database is gone: call again."""
    with listening(hub.engine, OUTBOX) as connection:
        if not become_the_relay(connection, stop):
            return
        lanes = _Lanes(hub)
        try:
            lanes.reopen(open_streams(hub))
            looked_at = time.monotonic()
            while not stop.is_set():
                if time.monotonic() - looked_at > LOOK_SECONDS:
                    looked_at = time.monotonic()
                    # With the connection goes the right to send; under load nothing waits on it.
                    hear(connection)
                    lanes.look(unsent_streams(hub))
                full = lanes.full()
                sealed = claim_and_seal(hub, limit=CLAIM, at=clock.now(), passing_over=full)
                lanes.offer(sealed)
                if full and not sealed:
                    lanes.wait_for_room()
                elif not sealed:
                    wait(connection)
        finally:
            lanes.close()


class _Lanes:
    """One lane for every partner that has had something to receive."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._broker = Broker(hub.settings.kafka_bootstrap, access_of(hub.settings))
        self._lanes: dict[str, Lane] = {}
        self._room = Event()

    def reopen(self, reached: Iterable[tuple[str, int]]) -> None:
        """Open the lanes on which an earlier relay left something."""
        for partner, offset in reached:
            self._open(partner, reached=offset)

    def look(self, partners: Iterable[str]) -> None:
        """Let these lanes look for what was left unsent."""
        for partner in partners:
            (self._lanes.get(partner) or self._open(partner, reached=-1)).look()

    def offer(self, sealed: Iterable[Sealed]) -> None:
        """Hand each partner its own, in order."""
        by_partner: defaultdict[str, list[Sealed]] = defaultdict(list)
        for item in sealed:
            by_partner[item.partner].append(item)
        for partner, items in by_partner.items():
            lane = self._lanes.get(partner) or self._open(partner, reached=-1)
            lane.offer(items)

    def full(self) -> frozenset[str]:
        """Return the partners whose lanes have enough to do for now."""
        self._room.clear()
        return frozenset(partner for partner, lane in self._lanes.items() if lane.is_full())

    def wait_for_room(self) -> None:
        """Wait until a lane has sent something."""
        self._room.wait(FULL_SECONDS)

    def close(self) -> None:
        """Let every lane finish what is under way."""
        for lane in self._lanes.values():
            lane.stop()
        for lane in self._lanes.values():
            lane.join()
        self._broker.close()

    def _open(self, partner: str, *, reached: int) -> Lane:
        lane = self._lanes[partner] = Lane(
            self._hub, self._broker, partner, reached=reached, room=self._room
        )
        lane.start()
        return lane
