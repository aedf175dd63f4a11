"""What goes wrong with one service's messages is no trouble of another's."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from gateway import clock
from gateway.exchange.deliveries import seal_delivery
from gateway.exchange.deliveries.fill_feed import fill_feed
from gateway.exchange.deliveries.park_delivery import MOST_TRIES, list_parked
from gateway.exchange.deliveries.seal_delivery import WITHDRAWN_TYPE, claim_and_seal
from gateway.exchange.deliveries.write_message import write_message
from gateway.store import outbox
from gateway.store.engine import transaction
from gateway.store.outbox import Due
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
    for minutes in range(2 * MOST_TRIES):
        fill_feed(desk.hub, limit=100, at=clock.now() + timedelta(minutes=minutes))
    assert {one.partner for one in list_parked(desk.hub)} == {CAW}
    assert desk.page(partner=CAW).events


def another_child(desk: Desk) -> UUID:
    with transaction(desk.hub.engine) as tx:
        made = text("""insert into child (id, facts, known_since)
            select gen_random_uuid(), facts, known_since from child limit 1 returning id""")
        found: UUID = tx.execute(made).scalar_one()
    return found


def test_many_messages_of_a_child_that_is_held_up_take_no_other_child_s_place(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.allow()
    other = another_child(desk)
    with transaction(desk.hub.engine) as tx:
        notice = Due(partner=CLB, child=other, resource=None, version=None, kind="withdrawn")
        outbox.queue(tx, [notice], at=clock.now())
        waiting = tx.execute(text("select count(*) from outbox where state = 'due'")).scalar_one()

    def break_for_others(tx: Any, hub: Any, delivery: Any, *more: Any, **keys: Any) -> Any:
        if delivery.child != other:
            raise KeyError("may be in no log")
        return write_message(tx, hub, delivery, *more, **keys)

    monkeypatch.setattr(seal_delivery, "write_message", break_for_others)
    assert waiting > 3
    sealed = claim_and_seal(desk.hub, limit=2, at=clock.now(), ways={"feed"})
    assert [one.type for one in sealed] == [WITHDRAWN_TYPE]
    assert sealed[0].sequence == 1
