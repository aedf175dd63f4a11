"""A world in which services merge into others, and what became of them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from gateway.exchange.services.organisations import (
    Reorganised,
    merge_partner,
)
from gateway.store import children, succession
from gateway.store.engine import transaction
from gateway.store.tables import resource
from tests.integration.lifecycle.world import (
    READER,
    SOURCE,
    START,
    World,
    register,
)

HEIR, ELSEWHERE, NEW_SOURCE = "clb-groot", "gbo-elders", "vaph-nieuw"
LATER = START + timedelta(days=5)


@pytest.fixture
def merging(world: World) -> World:
    """Two services into which others may merge: one like the reader, one with another mission."""
    register(world.hub, HEIR, "clb")
    register(world.hub, ELSEWHERE, "health")
    register(world.hub, NEW_SOURCE, "vaph_admin", source=SOURCE)
    return world


def merge(world: World, old: str = READER, into: str = HEIR) -> Reorganised:
    return merge_partner(world.hub, old, into, at=LATER)


def owners(world: World) -> set[str]:
    """Return the services under which something active is stored."""
    with transaction(world.hub.engine) as tx:
        query = select(resource.c.partner).where(resource.c.status == "active")
        return set(tx.execute(query).scalars())


def around(world: World) -> set[str]:
    with transaction(world.hub.engine) as tx:
        return set(children.services_around(tx, world.child, at=LATER))


def in_review(world: World, partner: str = HEIR) -> bool:
    with transaction(world.hub.engine) as tx:
        return succession.in_succession_review(tx, world.child, partner, at=LATER)
