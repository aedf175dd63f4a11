"""The schema of before can be had back, whatever was erased or sealed twice since."""

from typing import Any

import pytest

from gateway import clock
from gateway.exchange.deliveries import seal_delivery
from gateway.exchange.deliveries.park_delivery import list_parked, retry_parked
from gateway.exchange.deliveries.seal_delivery import unsent
from gateway.exchange.deliveries.size_class import TooLarge
from gateway.store import migrate
from tests.integration.erasure.world import Family, shared
from tests.support.running_hub import CLB

TWICE = "select outbox from delivery group by outbox having count(*) > 1"


def _url(family: Family) -> str:
    family.desk.hub.engine.dispose()
    return family.desk.hub.settings.database_url.get_secret_value()


def _go_back(family: Family, revision: str) -> None:
    migrate.downgrade(_url(family), revision)
    # What a connection prepared before is of another schema.
    family.desk.hub.engine.dispose()


def test_the_schema_before_erasures_comes_back_after_one(family: Family) -> None:
    shared(family)
    family.erase()
    lines = (
        "select (select count(*) from consent_event) + (select count(*) from corrected) as lines"
    )
    before = family.desk.rows(lines)
    _go_back(family, "0009")
    assert family.desk.rows(lines) == before
    migrate.upgrade(_url(family))
    assert family.reads(family.sam)


def test_the_schema_before_parking_comes_back_after_a_retry(
    family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    retried, *waiting = _parked(family, monkeypatch)
    retry_parked(family.desk.hub, [retried], at=family.desk.at)
    family.send()
    retry_parked(family.desk.hub, waiting[:1], at=family.desk.at)
    assert [row.outbox for row in family.desk.rows(TWICE)] == [retried]
    numbers = family.desk.rows("select id, sequence, state from delivery order by sequence")
    _go_back(family, "0008")
    assert not family.desk.rows(TWICE)
    # What is to be sealed again has no message yet, as before there was a retry.
    due = family.desk.rows("select id from outbox where state = 'due'")
    assert [row.id for row in due] == waiting
    assert not family.desk.rows("select id from delivery where outbox = any(:rows)", rows=waiting)
    migrate.upgrade(_url(family))
    found = family.desk.rows("select id, sequence, state from delivery order by sequence")
    assert found == numbers
    assert len(family.send()) == len(waiting)


def _parked(family: Family, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let messages that are sealed be too large to send; return their rows."""
    hub = family.desk.hub
    seal_delivery.claim_and_seal(hub, limit=100, at=family.desk.at)

    def write(*_: Any, **__: Any) -> Any:
        raise TooLarge("too much")

    with monkeypatch.context() as patched:
        patched.setattr(seal_delivery, "write_message", write)
        unsent(hub, partner=CLB, limit=100, at=clock.now())
    return [one.id for one in list_parked(hub)]
