"""Danger and a vital emergency need no protocol between services; every other route does (G2)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from gateway import clock
from gateway.exchange.services.register_protocol import (
    Agreed,
    add_protocol,
    end_protocol,
    enforce_protocols,
)
from tests.integration.lifecycle.speaking import CLB, VK, Speaking, hub, speaking
from tests.support.route_records import concern, necessity

__all__ = ["hub", "speaking"]


@pytest.fixture
def agreed(speaking: Speaking) -> Speaking:
    """The CLB may send to the confidential centre, and nothing else may go."""
    protocol = Agreed(source=CLB, to=VK, reference="protocol 2026/17")
    add_protocol(speaking.hub, protocol, at=clock.now())
    enforce_protocols(speaking.hub, stop_uncovered=True, at=clock.now())
    return speaking


def test_the_end_of_a_protocol_destroys_the_keys_of_routes_that_need_one(agreed: Speaking) -> None:
    agreed.spoken("necessity", necessity(clock.now()))
    danger = agreed.sealed(VK)
    agreed.spoken("concern_report", concern(clock.now()))
    worry = agreed.sealed(VK)
    assert danger
    assert worry
    end_protocol(agreed.hub, CLB, VK, on=None, at=clock.now())
    keys = agreed.sql("select id::text from delivery where wrapped_key is not null")
    assert {one.id for one in keys} == set(danger)
    assert {one.state for one in agreed.keys(VK, worry)} == {"gone"}
    assert {one.state for one in agreed.keys(VK, danger)} == {"released"}


@pytest.mark.parametrize(
    ("ground", "written", "goes"),
    [("necessity", necessity, True), ("concern_report", concern, False)],
)
def test_without_a_protocol_only_danger_is_told(
    agreed: Speaking, ground: str, written: Callable[[datetime], dict[str, Any]], goes: bool
) -> None:
    end_protocol(agreed.hub, CLB, VK, on=None, at=clock.now())
    agreed.speak(ground, written(clock.now()))
    assert bool(agreed.read(VK)) is goes
