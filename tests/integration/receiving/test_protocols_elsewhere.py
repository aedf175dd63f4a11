"""Whoever asks what may go, and whenever, is answered by the same register of protocols."""

from datetime import datetime

from consent.model import Segment
from gateway.exchange.audit.recompute import Result, Wanted, recompute
from gateway.exchange.family_views.who_can_see import ServiceAnswer, who_can_see
from gateway.exchange.legal_routes.answer_access import Question, evaluate
from gateway.exchange.partners.register_partner import Registration, register_partner
from gateway.exchange.services.organisations import merge_partner
from gateway.identity.callers import PartnerCaller
from gateway.identity.jose import new_signing_jwk, public_part
from tests.integration.receiving.desk import Desk
from tests.integration.receiving.protocols import (
    LATER,
    agreed,
    allowed,
    covered,
    ended,
    enforced,
    sealed,
    with_a_key,
)
from tests.support.family_world import CAW, CLB, DAY, SEVEN, VAPH

HEIR = "vaph-nieuw"


def may_get(desk: Desk, source: str, to: str, *, at: datetime) -> bool:
    """Ask as a source that keeps its own records."""
    question = Question(
        recipient=to,
        patient=desk.world.patient(source),
        purpose="care",
        kind="pull",
        segments=(Segment(id="0", data_class="diagnosis"),),
    )
    caller = PartnerCaller(partner=source, scopes=frozenset())
    [answer] = evaluate(desk.hub, caller, [question], at=at)
    return answer.permitted


def towards_clb(desk: Desk, *, at: datetime) -> list[ServiceAnswer]:
    found = who_can_see(desk.hub, desk.world.mother, str(desk.world.child), at=at)
    assert found is not None
    services = [one for part in found.parts for one in part.services if one.service == CLB]
    return [one for one in services if "G2" in one.rules]


def test_a_source_that_keeps_its_own_records_is_told_no_without_a_protocol(desk: Desk) -> None:
    allowed(desk)
    assert may_get(desk, CAW, CLB, at=SEVEN)
    enforced(desk, stop_uncovered=True)
    assert not may_get(desk, CAW, CLB, at=LATER)
    agreed(desk, CAW, CLB, at=LATER)
    assert may_get(desk, CAW, CLB, at=LATER)


def test_a_family_sees_that_only_the_services_can_change_it(desk: Desk) -> None:
    allowed(desk)
    assert towards_clb(desk, at=SEVEN) == []
    enforced(desk, stop_uncovered=True)
    found = towards_clb(desk, at=SEVEN)
    assert found
    assert ("agreement",) in {way for one in found for way in one.changes}
    agreed(desk)
    assert towards_clb(desk, at=SEVEN) == []


def test_what_was_decided_by_a_protocol_is_decided_the_same_after_it_ended(desk: Desk) -> None:
    covered(desk, days=5)
    allowed(desk)
    messages = sealed(desk)
    desk.world.open(messages[:1], at=SEVEN)
    assert desk.world.reads(at=SEVEN) > 0
    ended(desk)
    assert desk.world.reads(at=LATER) == 0
    wanted = Wanted(child=desk.world.child)
    found = list(recompute(desk.hub, wanted, by="operator", at=LATER + DAY))
    assert {one.result for one in found} == {Result.EQUAL}
    assert {"G2"} in [set(one.said.rules) for one in found]


def register_heir(desk: Desk) -> None:
    keys = {"keys": [public_part(new_signing_jwk())]}
    heir = Registration(id=HEIR, name="VAPH nieuw", kind="vaph_admin", jwks=keys)
    register_partner(desk.hub, heir, at=SEVEN)


def test_after_a_merger_the_flow_is_the_successors(desk: Desk) -> None:
    register_heir(desk)
    covered(desk)
    agreed(desk, HEIR, CLB)
    allowed(desk)
    messages = sealed(desk)
    merge_partner(desk.hub, VAPH, HEIR, at=LATER)
    ended(desk, source=VAPH, at=LATER)
    assert with_a_key(desk, messages) == set(messages)
    assert desk.world.reads(at=LATER) > 0
    ended(desk, source=HEIR, at=LATER)
    assert with_a_key(desk, messages) == set()
    assert desk.world.reads(at=LATER) == 0


def test_without_a_protocol_of_its_own_a_successor_sends_nothing(desk: Desk) -> None:
    register_heir(desk)
    covered(desk)
    allowed(desk)
    messages = sealed(desk)
    merge_partner(desk.hub, VAPH, HEIR, at=LATER)
    assert desk.world.reads(at=LATER) == 0
    assert set(desk.world.open(messages, at=LATER).values()) == {"gone"}
