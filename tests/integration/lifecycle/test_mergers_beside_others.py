"""A service merges while a relay or an erasure is busy with what waits for it."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import text

from gateway import clock
from gateway.exchange.services.organisations import merge_partner
from gateway.store import children, erasing, outbox, succession
from gateway.store.engine import Transaction, transaction
from tests.integration.lifecycle.speaking import VK, Speaking, hub, speaking
from tests.integration.lifecycle.test_routes_of_merged_services import OTHER_VK, heir_of_vk
from tests.support.route_records import concern

__all__ = ["heir_of_vk", "hub", "speaking"]


def as_relay(tx: Transaction, child: UUID) -> Callable[[], None]:
    assert outbox.claim(tx, VK, limit=100)
    return lambda: children.lock_shared(tx, child)


def as_erasure(tx: Transaction, child: UUID) -> Callable[[], None]:
    erasing.lock_outbox(tx, child)
    return lambda: children.lock(tx, child)


@pytest.mark.usefixtures("heir_of_vk")
@pytest.mark.parametrize("begin", [as_relay, as_erasure])
def test_neither_waits_in_a_circle(
    speaking: Speaking, begin: Callable[[Transaction, UUID], Callable[[], None]]
) -> None:
    answer = speaking.spoken("concern_report", concern(clock.now()))
    with ThreadPoolExecutor(1) as pool:
        with transaction(speaking.hub.engine) as tx:
            go_on = begin(tx, speaking.child)
            merging = pool.submit(merge_partner, speaking.hub, VK, OTHER_VK, at=clock.now())
            until_somebody_waits(speaking)
            go_on()
        assert merging.result(timeout=30).settled
    assert len(speaking.read(OTHER_VK)) == len(answer.resources) > 0


@pytest.mark.usefixtures("heir_of_vk")
def test_a_row_that_a_relay_took_meanwhile_is_waited_for_again(
    speaking: Speaking, monkeypatch: pytest.MonkeyPatch
) -> None:
    speaking.spoken("concern_report", concern(clock.now()))
    asked = iter([False, False, True])
    monkeypatch.setattr(succession, "waiting_is_ours", lambda *_: next(asked))
    assert merge_partner(speaking.hub, VK, OTHER_VK, at=clock.now()).settled
    assert next(asked, None) is None


def until_somebody_waits(speaking: Speaking) -> None:
    waiting = text(
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
        " and datname = current_database()"
    )
    for _ in range(200):
        with transaction(speaking.hub.engine) as tx:
            if tx.execute(waiting).scalar_one():
                return
        time.sleep(0.05)
    raise AssertionError
