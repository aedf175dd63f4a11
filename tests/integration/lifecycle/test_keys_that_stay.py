"""Keys of what still may go: a pause of a service, or the end of another grant, destroys none."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from gateway.store import partners
from gateway.store.engine import transaction
from tests.integration.lifecycle.world import READER, SOURCE, START, World, brussels

TODAY = START.date()
SHORT, LONG = TODAY + timedelta(days=10), TODAY + timedelta(days=80)
AFTER = brussels(SHORT + timedelta(days=1))
FUNCTIONAL = frozenset({"functional"})


def for_diagnosis(world: World, *grants: UUID, until: date, data_class: str) -> None:
    """Let who gave these grants have given one for diagnosis as well."""
    with transaction(world.hub.engine) as tx:
        tx.execute(
            text(
                "insert into consent (id, child, person, effect, classes, purpose, partner, since,"
                " until, wording_id, wording_version, wording_language, wording_sha256, channel)"
                " select gen_random_uuid(), child, person, effect, array[:data_class],"
                " 'diagnosis', partner, since, cast(:until as date), wording_id, wording_version,"
                " wording_language, wording_sha256, channel from consent where id = any(:grants)"
            ),
            {"until": until, "grants": list(grants), "data_class": data_class},
        )


@pytest.mark.parametrize("paused", [SOURCE, READER])
def test_another_grant_that_ends_during_a_pause_destroys_no_key(world: World, paused: str) -> None:
    given = world.both_grant(classes=FUNCTIONAL, until=LONG)
    for_diagnosis(world, given[0], until=SHORT, data_class="development")
    world.send()
    keys = world.keys()
    assert keys
    with transaction(world.hub.engine) as tx:
        assert partners.set_status(tx, paused, "suspended")
    assert world.keep(AFTER)["consents_ended"] == 1
    assert world.keys() == keys
    with transaction(world.hub.engine) as tx:
        assert partners.set_status(tx, paused, "active")
    assert set(world.read(at=AFTER).values()) == {"released"}


def test_what_a_grant_for_another_purpose_carries_is_sent_for_that_one(world: World) -> None:
    given = world.both_grant(classes=FUNCTIONAL, until=SHORT)
    for_diagnosis(world, *given, until=LONG, data_class="functional")
    world.send()
    keys = world.keys()
    assert purposes(world) == ["care"]
    assert world.keep(AFTER)["keys_destroyed"] == keys["functional"]
    assert world.keys() == {}
    world.send(AFTER)
    assert world.keys() == keys
    assert purposes(world) == ["diagnosis"]
    world.keep(AFTER + timedelta(days=1))
    assert world.send(AFTER + timedelta(days=1)) == ()


def purposes(world: World) -> list[str]:
    """Return for which purposes the reader could still ask for a key."""
    query = text("select distinct purpose from delivery where wrapped_key is not null order by 1")
    with transaction(world.hub.engine) as tx:
        return list(tx.execute(query).scalars())
