"""What goes wrong with one service's messages is no trouble of another's."""

from typing import Any

import pytest

from gateway import clock
from gateway.exchange import seal_delivery
from gateway.exchange.fill_feed import fill_feed
from gateway.exchange.park_delivery import MOST_TRIES, list_parked
from gateway.exchange.seal_delivery import claim_and_seal
from gateway.exchange.write_message import write_message
from tests.integration.receiving.desk import Desk
from tests.support.family_world import CAW, CLB


def test_one_service_s_trouble_does_not_stop_the_feeds_of_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.receives("feed", partner=CAW)
    desk.allow()
    desk.allow(to=CAW)
    left = claim_and_seal(desk.hub, limit=100, at=clock.now(), ways={"feed"})
    assert {one.partner for one in left} == {CAW, CLB}

    def break_for_one(tx: Any, hub: Any, delivery: Any, *more: Any, **keys: Any) -> Any:
        if delivery.partner == CAW:
            raise KeyError("may be in no log")
        return write_message(tx, hub, delivery, *more, **keys)

    monkeypatch.setattr(seal_delivery, "write_message", break_for_one)
    fill_feed(desk.hub, limit=100, at=clock.now())
    assert len(desk.page(partner=CLB).events) == sum(one.partner == CLB for one in left)
    for _ in range(MOST_TRIES):
        fill_feed(desk.hub, limit=100, at=clock.now())
    assert {one.partner for one in list_parked(desk.hub)} == {CAW}
    assert desk.page(partner=CAW).events
