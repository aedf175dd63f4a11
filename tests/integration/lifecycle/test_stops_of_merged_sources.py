"""A family stops what one source says, by the name it had or has, before or after it merged."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from gateway.exchange.deliveries.release_key import release_keys
from gateway.exchange.services.organisations import merge_partner
from gateway.identity.callers import PartnerCaller
from gateway.store import partners
from gateway.store.engine import transaction
from tests.integration.lifecycle.merging import ELSEWHERE, HEIR, LATER, NEW_SOURCE, merging
from tests.integration.lifecycle.world import OTHER, READER, SOURCE, World, register

__all__ = ["merging"]


def keys_left(world: World) -> int:
    query = text("select count(*) from message_key where wrapped_key is not null")
    with transaction(world.hub.engine) as tx:
        return int(tx.execute(query).scalar_one())


@pytest.mark.parametrize("named", [SOURCE, NEW_SOURCE])
def test_a_stop_takes_the_keys_and_tells_who_read(merging: World, named: str) -> None:
    merging.both_grant()
    merging.send()
    caller = PartnerCaller(partner=READER, scopes=frozenset())
    read = str(merging.messages()[0])
    assert release_keys(merging.hub, caller, [read], at=merging.at)[0].state == "released"
    merge_partner(merging.hub, SOURCE, NEW_SOURCE, at=LATER)
    assert merging.sees(at=LATER) > 0
    merging.restrict(named, at=LATER + timedelta(hours=1))
    assert merging.sees(at=LATER + timedelta(hours=2)) == 0
    assert (keys_left(merging), merging.told()) == (0, 1)


def test_a_stop_of_another_source_leaves_the_keys_where_they_are(merging: World) -> None:
    merging.both_grant()
    merging.send()
    merge_partner(merging.hub, SOURCE, NEW_SOURCE, at=LATER)
    left = keys_left(merging)
    merging.restrict(OTHER, at=LATER + timedelta(hours=1))
    assert keys_left(merging) == left > 0


def test_a_line_of_services_ends_where_the_mission_changes(merging: World) -> None:
    """The family's word about a school service is not one about the hospital it went into."""
    register(merging.hub, "clb-derde", "clb")
    for old, into in ((READER, HEIR), ("clb-derde", HEIR), (HEIR, ELSEWHERE)):
        assert merge_partner(merging.hub, old, into, at=LATER).settled
    line = (HEIR, "clb-derde", READER)
    with transaction(merging.hub.engine) as tx:
        assert set(partners.one_line(tx, [READER])) == set(partners.one_line(tx, [HEIR]))
        assert set(partners.one_line(tx, [READER])) == set(line)
        assert partners.one_line(tx, [ELSEWHERE]) == (ELSEWHERE,)
