"""Other children in the world of the streams, each with a parent who may decide about it."""

from dataclasses import replace

from sqlalchemy import text

from gateway import clock
from gateway.exchange.records.store_record import process_accepted
from gateway.identity.callers import PersonCaller
from gateway.store import children
from gateway.store.engine import transaction
from tests.integration.streams.world import OTHER, READER, World, hand_in
from tests.support.families import a_family


def more_children(world: World, count: int) -> list[World]:
    """Let VAPH tell about other children as it did of the first; return the world of each."""
    return [_another(world) for _ in range(count)]


def _another(world: World) -> World:
    hand_in(world.hub, record=a_family().vaph_2023)
    assert process_accepted(world.hub, limit=1, at=clock.now()) == 1
    newest = text(
        "select t.child, t.person from family_tie t join child c on c.id = t.child"
        " order by c.known_since desc limit 1"
    )
    with transaction(world.hub.engine) as tx:
        child, parent = tx.execute(newest).one()
        for partner in (READER, OTHER):
            children.start_care(tx, child, partner, at=clock.now())
    return replace(world, child=child, parent=PersonCaller(person=str(parent), correlation="test"))
