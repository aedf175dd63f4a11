"""Danger that the hub cannot weigh goes to a person, who can."""

import pytest

from consent.model import Actor, Ground, Service, ToActor, ToPerson
from tests.support.situations import (
    DX,
    SERVICES,
    a_record,
    ask,
    decided,
    facts,
    granted_by_both,
    the_segment,
)

URGENT = ("necessity", "vital_emergency")
ACTORS = {"an": Actor(service="vaph-1", role="care", identity="weak")}


@pytest.mark.parametrize("kind", URGENT)
@pytest.mark.parametrize("to", [ToActor("an"), ToActor("nobody"), ToPerson("nobody")])
def test_danger_invoked_for_somebody_unknown_goes_to_a_person(
    kind: str, to: ToActor | ToPerson
) -> None:
    known = facts(*granted_by_both(), actors=ACTORS)
    part = the_segment(known, ask(to, kind="pull", ground=Ground(kind=kind, record="complete")))
    assert (part.effect, part.rule) == ("withhold", "G1")
    assert part.obligations == {"refer_to_human"}


@pytest.mark.parametrize("kind", URGENT)
def test_danger_invoked_where_the_source_is_unknown_goes_to_a_person(kind: str) -> None:
    known = facts(*granted_by_both(), record=a_record(DX, source="nowhere"))
    decision = decided(known, ask(ground=Ground(kind=kind)))
    assert decision.outcome == "deny"
    assert decision.obligations == {"refer_to_human"}


def test_an_unknown_asker_without_danger_goes_to_nobody() -> None:
    known = facts(*granted_by_both(), services=SERVICES | {"vaph-1": Service(kind="mystery")})
    for ground in (None, Ground(kind="statutory"), Ground(kind="team")):
        part = the_segment(known, ask(ground=ground))
        assert (part.rule, part.obligations) == ("G1", frozenset())
