"""One family, and a CLB that receives by the feed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from gateway import clock
from gateway.exchange.deliveries.fill_feed import fill_feed
from gateway.exchange.deliveries.read_feed import FeedPage, read_feed
from gateway.exchange.hub import Hub
from gateway.exchange.partners.register_partner import Registration, register_partner
from gateway.exchange.partners.register_way import Way, set_way
from gateway.identity.callers import PartnerCaller
from gateway.identity.jose import new_signing_jwk, public_part
from gateway.streams.hub_client import HubClient
from tests.support.families import DOSSIER, FATHER, MOTHER, NOOR, Family
from tests.support.family_world import CLB, FamilyWorld, build_family_world

CLASSES = {"diagnosis", "functional"}


@dataclass
class Desk:
    """What a test of receiving needs."""

    hub: Hub
    world: FamilyWorld
    key: dict[str, Any]

    def allow(self, *, to: str = CLB, **more: Any) -> str:
        """Let both parents say yes."""
        at = clock.now()
        self.world.given(self.world.father, CLASSES, at=at, to=to, **more)
        return self.world.given(self.world.mother, CLASSES, at=at, to=to, **more)

    def stop(self, consent: str) -> None:
        self.world.take_back(self.world.mother, consent, at=clock.now())

    def fill(self) -> int:
        """Do what the loop does until nothing is due."""
        return self.fill_at(clock.now())

    def fill_at(self, at: datetime) -> int:
        """The same, at an instant."""
        moved = 0
        while now := fill_feed(self.hub, limit=100, at=at):
            moved += now
        return moved

    def page(self, *, after: int = 0, limit: int = 100, partner: str = CLB) -> FeedPage:
        caller = PartnerCaller(partner=partner, scopes=frozenset())
        return read_feed(self.hub, caller, after=after, limit=limit)

    def receives(self, way: str, *, url: str | None = None, partner: str = CLB) -> None:
        assert set_way(self.hub, partner, Way(way=way, webhook=url), at=clock.now())

    @contextmanager
    def client(self) -> Iterator[HubClient]:
        found = HubClient(self.hub.settings.issuer, CLB, self.key)
        try:
            yield found
        finally:
            found.close()

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Call the hub as the CLB, whatever it answers."""
        with self.client() as signed_in:
            token = signed_in._access_token(fresh=False)
        headers = {"authorization": f"Bearer {token}"}
        address = self.hub.settings.issuer + path
        return httpx.request(method, address, headers=headers, timeout=30, **more)


def build_desk(hub: Hub) -> Desk:
    """Let VAPH and the CLB tell about Noor, and the CLB receive by the feed from the start."""
    noor = Family(child=NOOR, mother=MOTHER, father=FATHER, dossier=DOSSIER)
    world, key = build_family_world(hub, noor), new_signing_jwk()
    registration = Registration(
        id=CLB,
        name="CLB",
        kind="clb",
        source="clb",
        jwks={"keys": [public_part(key)]},
        way=Way(way="feed"),
    )
    register_partner(hub, registration, at=clock.now())
    return Desk(hub, world, key)


def later(**much: float) -> datetime:
    return clock.now() + timedelta(**much)
