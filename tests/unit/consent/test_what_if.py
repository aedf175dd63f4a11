"""Who can see a record, and who could after a grant; never more than the engine decides."""

import pytest

from consent.decide import decide
from consent.model import CareRelation, Ground, Service, ToActor, ToService
from consent.what_if import Given, delivery_to, facts_if_granted, preview, who_can_see
from tests.support.situations import (
    AT,
    FOURTEEN,
    SERVICES,
    a_child,
    ask,
    facts,
    grant,
    granted_by_both,
    refusal,
)

pytestmark = pytest.mark.unit
CRECHE = {**SERVICES, "creche": Service(kind="childcare")}


def test_every_service_but_the_source_is_decided() -> None:
    known = facts(*granted_by_both(), services=CRECHE)
    seen = who_can_see(ask(), known, at=AT)
    assert {name: view.segments["dx"].rule for name, view in seen.items()} == {
        "vaph-1": "K1",
        "creche": "G4",
    }
    assert seen["creche"] == decide(ask(ToService("creche")), known, at=AT)


def test_a_preview_shows_before_and_after_and_leaves_the_facts_alone() -> None:
    known = facts(grant("mother"), services=CRECHE)
    given = Given(by="father", classes=frozenset({"diagnosis"}), to=frozenset({"vaph-1"}))
    found = preview([given], ask(), known, at=AT)
    assert found["vaph-1"].before.segments["dx"].rule == "K4"
    assert found["vaph-1"].after.segments["dx"].rule == "K1"
    assert found["vaph-1"].after.segments["dx"].consents == ("grant-mother", "what-if-0")
    assert found["creche"].before == found["creche"].after
    assert len(known.consents) == 1


def test_a_grant_of_somebody_outside_the_file_shows_nothing_more() -> None:
    given = Given(by="neighbour", classes=None, to=frozenset({"vaph-1"}))
    found = preview([given], ask(), facts(), at=AT)
    assert found["vaph-1"].before == found["vaph-1"].after


def test_a_grant_is_for_this_purpose_and_this_source() -> None:
    given = Given(by="mother", classes=None, to=frozenset({"vaph-1"}))
    [consent] = facts_if_granted([given], ask(purpose="referral"), facts(), at=AT).consents
    assert (consent.purpose, consent.from_services) == ("referral", frozenset({"clb-1"}))
    assert consent.since == AT


def test_a_legal_route_is_not_inherited_by_another_recipient() -> None:
    route = Ground(kind="necessity", invoked_by="an", record="complete")
    request = ask(ToService("vaph-1"), ground=route, kind="pull", classes=frozenset({"medical"}))
    assert delivery_to("vaph-1", request).ground == route
    assert delivery_to("creche", request).ground is None
    assert delivery_to("vaph-1", ask(ToActor("an"), ground=route)).ground is None
    assert delivery_to("vaph-1", request).classes is None


def test_a_grant_of_this_instant_lifts_an_earlier_refusal_in_a_preview() -> None:
    no = refusal("child")
    known = facts(no, child=a_child(born=FOURTEEN))
    given = Given(by="child", classes=frozenset({"diagnosis"}), to=frozenset({"vaph-1"}))
    found = preview([given], ask(), known, at=AT)
    assert found["vaph-1"].before.segments["dx"].rule == "R1"
    assert found["vaph-1"].after.segments["dx"].rule == "K1"


def test_a_grant_to_one_service_shows_nothing_to_another() -> None:
    both = (CareRelation(service="vaph-1"), CareRelation(service="caw-1"))
    services = {**SERVICES, "caw-1": Service(kind="caw")}
    given = Given(by="mother", classes=frozenset({"diagnosis"}), to=frozenset({"caw-1"}))
    found = preview([given], ask(), facts(services=services, relations=both), at=AT)
    assert found["caw-1"].after.segments["dx"].rule == "K4"
    assert found["vaph-1"].after == found["vaph-1"].before
