"""Who read of a child is told of every stop that is about it, and of none twice."""

from datetime import timedelta

import orjson
import pytest

from gateway.exchange.deliveries.settle_keys import settle_keys
from gateway.exchange.deliveries.stop_deliveries import stop_deliveries
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.exchange.partners.register_partner import set_partner_status
from gateway.identity.callers import PersonCaller
from gateway.store import children, outbox
from gateway.store.engine import transaction
from tests.integration.lifecycle.merging import NEW_SOURCE, merging
from tests.integration.lifecycle.world import READER, SOURCE, START, World

__all__ = ["merging"]


def named(sent: tuple[bytes, ...]) -> set[str]:
    """Return the messages that notices name; whatever else went is sealed."""
    notices = [orjson.loads(one) for one in sent if one.startswith(b'{"withdrawn')]
    return {one for notice in notices for one in notice["withdrawn"]}


def test_a_stop_of_one_source_is_no_word_about_another(merging: World) -> None:
    """Also when the keys of what was read are gone already."""
    merging.state("functional", partner=NEW_SOURCE)
    merging.both_grant(until=(START + timedelta(days=2)).date())
    merging.send()
    assert set(merging.read().values()) == {"released"}
    for status in ("suspended", "active"):
        assert set_partner_status(merging.hub, READER, status, at=START)
    while settle_keys(merging.hub, at=START):
        pass
    merging.restrict(SOURCE, at=START + timedelta(days=1))
    first = named(merging.send(START + timedelta(days=1)))
    merging.keep(START + timedelta(days=5))
    second = named(merging.send(START + timedelta(days=5)))
    assert first
    assert second
    assert first.isdisjoint(second)
    assert first | second == {str(one) for one in merging.messages()}


def test_who_was_told_of_a_stop_is_not_told_again_while_messages_are_settled(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SETTLED_AT_ONCE", 1)
    consent, _ = world.both_grant()
    world.send()
    assert len(world.read()) > 1
    mother = PersonCaller(person=str(world.mother), correlation="test")
    withdraw_consent(world.hub, mother, str(consent), at=START)
    with transaction(world.hub.engine) as tx:
        children.lock(tx, world.child)
        gone = stop_deliveries(tx, world.hub, world.child, partners=None, at=START)
    assert (gone, world.told()) == (0, 1)
