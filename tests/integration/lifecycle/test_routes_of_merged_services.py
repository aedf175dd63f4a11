"""Legal routes and blind requests of a service that goes on in another one, or does not."""

from datetime import timedelta

import pytest

from gateway import clock
from gateway.exchange.legal_routes.relay_request import Question, relay_request, requests_for
from gateway.exchange.partners.register_partner import Registration, register_partner
from gateway.exchange.services.organisations import close_partner, merge_partner
from gateway.identity.jose import new_signing_jwk, public_part
from tests.integration.lifecycle.speaking import (
    CLB,
    HOSPITAL,
    OTHER_CLB,
    VK,
    Speaking,
    caller,
    hub,
    speaking,
)
from tests.support.route_records import concern, transfer

__all__ = ["hub", "speaking"]

OTHER_VK = "vk-andere-stad"


@pytest.fixture
def heir_of_vk(speaking: Speaking) -> None:
    jwks = {"keys": [public_part(new_signing_jwk())]}
    new = Registration(id=OTHER_VK, name=OTHER_VK, kind="vk", source=None, jwks=jwks)
    register_partner(speaking.hub, new, at=clock.now())


@pytest.fixture
def merging(speaking: Speaking, heir_of_vk: None) -> Speaking:
    return speaking


def ended(speaking: Speaking) -> list[list[str]]:
    return [one.resources for one in speaking.lines("route_ended")]


def test_what_a_holder_said_by_law_goes_on_when_the_holder_merges(merging: Speaking) -> None:
    merging.spoken("concern_report", concern(clock.now()))
    sent = merging.sealed(VK)
    assert merge_partner(merging.hub, CLB, OTHER_CLB, at=clock.now()).settled
    assert {one.state for one in merging.keys(VK, sent)} == {"released"}
    assert ended(merging) == []


@pytest.mark.parametrize("sealed", [True, False])
def test_what_was_said_to_a_service_by_law_goes_to_its_successor(
    merging: Speaking, sealed: bool
) -> None:
    answer = merging.spoken("concern_report", concern(clock.now()))
    if sealed:
        assert merging.sealed(VK)
    assert merge_partner(merging.hub, VK, OTHER_VK, at=clock.now()).settled
    assert len(merging.read(OTHER_VK)) == len(answer.resources)
    assert merging.sealed(VK) == {}
    assert ended(merging) == []


def test_a_transfer_to_the_service_in_which_the_holder_goes_on_ends(merging: Speaking) -> None:
    answer = merging.spoken("clb_transfer", transfer(clock.now()), to=OTHER_CLB, purpose="transfer")
    assert merging.sealed(OTHER_CLB)
    merge_partner(merging.hub, CLB, OTHER_CLB, at=clock.now())
    assert ended(merging) == [[f"route/{answer.route}"]]
    assert keys_left(merging) == 0


@pytest.mark.parametrize("closes", [True, False])
def test_a_route_of_a_service_that_does_not_go_on_ends_with_its_keys(
    merging: Speaking, closes: bool
) -> None:
    answer = merging.spoken("concern_report", concern(clock.now()))
    assert merging.sealed(VK)
    if closes:
        close_partner(merging.hub, CLB, at=clock.now())
    else:
        merge_partner(merging.hub, CLB, HOSPITAL, at=clock.now())
    assert ended(merging) == [[f"route/{answer.route}"]]
    assert keys_left(merging) == 0


def test_an_open_blind_request_waits_for_the_successor_of_the_holder(merging: Speaking) -> None:
    at = clock.now()
    question = Question(patient=merging.patient(VK), insz=None, text="help")
    assert relay_request(merging.hub, caller(VK), question, at=at)
    merge_partner(merging.hub, CLB, OTHER_CLB, at=at + timedelta(seconds=1))
    (one,) = requests_for(merging.hub, caller(OTHER_CLB), at=at + timedelta(seconds=2))
    assert (one.asked_by, one.question) == (VK, "help")
    assert requests_for(merging.hub, caller(CLB), at=at + timedelta(seconds=2)) == ()


def keys_left(speaking: Speaking) -> int:
    query = "select count(*) from delivery where wrapped_key is not null"
    return int(speaking.sql(query)[0][0])
