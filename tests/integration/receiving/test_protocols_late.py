"""Clocks around a handover, and what was left undone: no key goes that a protocol still covers."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.clock import brussels_date
from gateway.errors import InvalidRequest
from gateway.exchange.child_by_child import child_by_child
from tests.integration.receiving.desk import Desk
from tests.integration.receiving.protocols import (
    LATER,
    agreed,
    allowed,
    calendar,
    covered,
    ended,
    enforced,
    nobody_can_be_locked,
    sealed,
    with_a_key,
)
from tests.support.family_world import CLB, SEVEN


def test_where_one_protocol_follows_another_a_clock_that_is_behind_destroys_no_key(
    desk: Desk,
) -> None:
    covered(desk, days=0)
    agreed(desk, since=brussels_date(LATER))
    allowed(desk)
    messages = sealed(desk)
    assert calendar(desk, LATER)["protocols_ended"] == 1
    # Another process, for which it is still the day before.
    found = desk.world.open(messages, CLB, at=SEVEN + timedelta(minutes=1))
    assert set(found.values()) == {"released"}


def test_an_end_that_is_carried_out_late_destroys_no_key_of_a_newer_protocol(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    covered(desk)
    allowed(desk)
    old = sealed(desk)
    place = "gateway.exchange.services.carry_out_protocols.child_by_child"
    new = list[str]()

    def late(hub: Any, waiting: Sequence[UUID], act: Any, **rest: Any) -> Any:
        monkeypatch.setattr(place, child_by_child)
        # Another process finishes first, and the operator registers the flow again.
        calendar(desk, LATER)
        assert with_a_key(desk, old) == set()
        agreed(desk, at=LATER)
        new.extend(one for one in sealed(desk, at=LATER) if one not in old)
        return child_by_child(hub, waiting, act, **rest)

    monkeypatch.setattr(place, late)
    ended(desk, at=LATER)
    assert new
    assert with_a_key(desk, new) == set(new)


def test_what_an_enforcement_left_undone_comes_before_a_new_protocol(desk: Desk) -> None:
    allowed(desk)
    messages = sealed(desk)
    with nobody_can_be_locked():
        assert enforced(desk, at=LATER, stop_uncovered=True).carried.failed == 1
        with pytest.raises(InvalidRequest, match="deelregie calendar"):
            agreed(desk, at=LATER)
    calendar(desk, LATER)
    assert with_a_key(desk, messages) == set()
    agreed(desk, at=LATER)
    assert with_a_key(desk, messages) == set()
