"""A service that closes or splits: what was granted to it ends, and nobody inherits it."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from gateway.errors import InvalidRequest
from gateway.exchange.partners.sign_in_partner import registered_client
from gateway.exchange.records.receive_record import Incoming, Refused, accept_record
from gateway.exchange.services.organisations import close_partner, split_partner
from gateway.store import children
from gateway.store.engine import transaction
from tests.integration.lifecycle.world import OTHER, READER, SAMPLE, SOURCE, START, World, register

LATER = START + timedelta(days=5)
UNITS = ("clb-noord", "clb-zuid")


@pytest.fixture
def splitting(world: World) -> World:
    for unit in UNITS:
        register(world.hub, unit, "clb")
    return world


def around(world: World) -> set[str]:
    with transaction(world.hub.engine) as tx:
        return set(children.services_around(tx, world.child, at=LATER))


def test_what_was_granted_to_a_closed_service_ends_and_the_family_is_told(world: World) -> None:
    given = world.grant()
    other = world.grant(to=OTHER)
    world.send()
    done = close_partner(world.hub, READER, at=LATER)
    assert (done.status, done.consents_ended, done.settled) == ("closed", 1, True)
    assert world.ended() == {given}
    assert other not in world.ended()
    assert world.events() == [(given, "ended")]
    assert world.keys() == {}
    assert world.keys(OTHER) != {}
    assert READER not in around(world)
    told = {(READER, LATER.date())}
    assert {one[2:] for one in world.notices("service_closed")} == told
    assert world.told_people("service_closed") == {world.mother, world.father}


def test_a_closed_service_is_answered_like_a_suspended_one(world: World) -> None:
    world.grant()
    world.send()
    close_partner(world.hub, READER, at=LATER)
    client = registered_client(world.hub, READER)
    assert client is not None
    assert not client.active
    assert world.sees(at=LATER) == 0
    assert set(world.read(at=LATER).values()) == {"gone"}
    world.send(LATER)


def test_a_closed_source_delivers_nothing_and_what_it_wrote_is_withheld(world: World) -> None:
    world.grant()
    close_partner(world.hub, SOURCE, at=LATER)
    incoming = Incoming(
        partner=SOURCE,
        source=SOURCE,
        raw=SAMPLE.read_bytes(),
        content_type="application/xml",
        idempotency_key="new",
        channel="http",
    )
    answer = accept_record(world.hub, incoming, at=LATER)
    assert isinstance(answer, Refused)
    assert answer.status == 403
    assert world.sees(at=LATER) == 0


def test_a_service_closes_once_and_for_ever(world: World) -> None:
    close_partner(world.hub, READER, at=LATER)
    with pytest.raises(InvalidRequest, match="is closed already"):
        close_partner(world.hub, READER, at=LATER)
    with pytest.raises(InvalidRequest, match="no service is called"):
        close_partner(world.hub, "nobody-here", at=LATER)
    with pytest.raises(InvalidRequest, match="under another id"):
        register(world.hub, READER, "clb")


def test_after_a_split_the_grants_stay_where_the_care_is(splitting: World) -> None:
    splitting.grant()
    done = split_partner(splitting.hub, READER, UNITS, close_source=False, at=LATER)
    assert (done.status, done.consents_ended) == ("active", 0)
    assert splitting.sees(at=LATER) > 0
    for unit in UNITS:
        assert splitting.sees(unit, at=LATER) == 0
        assert unit not in around(splitting)
    assert splitting.notices() == []


def test_after_a_split_a_grant_without_care_ends(splitting: World) -> None:
    given = splitting.grant()
    with transaction(splitting.hub.engine) as tx:
        tx.execute(
            text("update care_relation set until = :at where partner = :partner"),
            {"at": START, "partner": READER},
        )
    done = split_partner(splitting.hub, READER, UNITS, close_source=False, at=LATER)
    assert done.consents_ended == 1
    assert splitting.ended() == {given}


def test_a_split_that_closes_the_service_ends_everything(splitting: World) -> None:
    given = splitting.grant()
    done = split_partner(splitting.hub, READER, UNITS, close_source=True, at=LATER)
    assert done.status == "closed"
    assert splitting.ended() == {given}
    assert splitting.sees(at=LATER) == 0
    assert splitting.told_people("service_closed") == {splitting.mother, splitting.father}


@pytest.mark.parametrize(
    ("source", "new", "words"),
    [
        ("nobody-here", UNITS, "no service is called nobody-here"),
        (READER, (READER,), "not the service itself"),
        (READER, ("clb-noord", "clb-noord"), "once"),
        (READER, ("nobody-here",), "no service is called nobody-here"),
    ],
)
def test_a_split_into_nobody_or_itself_is_refused(
    splitting: World, source: str, new: tuple[str, ...], words: str
) -> None:
    with pytest.raises(InvalidRequest, match=words):
        split_partner(splitting.hub, source, new, close_source=False, at=LATER)


def test_what_was_read_before_a_closure_stays_lawful(world: World) -> None:
    world.grant()
    world.send()
    world.read()
    close_partner(world.hub, READER, at=LATER)
    assert world.told() == 0
