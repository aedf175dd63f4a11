"""What a service was still to receive, or to be told, when it merged: its successor gets it."""

import pytest
from sqlalchemy import text

from gateway import clock
from gateway.exchange.organisations import merge_partner
from gateway.exchange.park_delivery import retry_parked
from gateway.store.engine import transaction
from tests.integration.lifecycle.merging import HEIR, LATER, merge, merging
from tests.integration.lifecycle.speaking import VK, Speaking, hub, speaking
from tests.integration.lifecycle.test_routes_of_merged_services import OTHER_VK, heir_of_vk
from tests.integration.lifecycle.world import World
from tests.support.route_records import concern

__all__ = ["heir_of_vk", "hub", "merging", "speaking"]

_PARK = """
update outbox set state = 'parked', parked_for = 'cannot_be_sealed', parked_error = 'X',
       parked_at = now(), tries = 5
 where state = 'due' and {which} returning id, resource
"""


def test_what_was_parked_for_the_old_service_goes_to_the_successor(merging: World) -> None:
    merging.grant()
    with transaction(merging.hub.engine) as tx:
        which = "id = (select min(id) from outbox)"
        [parked] = tx.execute(text(_PARK.format(which=which))).all()
    merge(merging)
    merging.send(LATER)
    with transaction(merging.hub.engine) as tx:
        query = text("select resource from delivery where partner = :heir")
        assert parked.resource in set(tx.execute(query, {"heir": HEIR}).scalars())


@pytest.mark.usefixtures("heir_of_vk")
def test_what_was_parked_on_a_legal_route_waits_for_the_successor(speaking: Speaking) -> None:
    answer = speaking.spoken("concern_report", concern(clock.now()))
    with transaction(speaking.hub.engine) as tx:
        rows = tx.execute(text(_PARK.format(which="route is not null"))).all()
    assert merge_partner(speaking.hub, VK, OTHER_VK, at=clock.now()).settled
    assert speaking.read(OTHER_VK) == []
    retry_parked(speaking.hub, [one.id for one in rows], at=clock.now())
    assert len(speaking.read(OTHER_VK)) == len(answer.resources) > 0
