"""A Consent tells a partner what goes to it now, and nothing about who decided or holds back."""

from datetime import timedelta
from typing import Any

from gateway.exchange.disclose import Asked
from gateway.exchange.families.show_consents import consents_for
from gateway.identity.callers import PartnerCaller
from tests.support.family_world import CLB, SEVEN, TWELVE, FamilyWorld

LATER = SEVEN + timedelta(hours=1)


def shown(world: FamilyWorld, **asked: Any) -> list[dict[str, Any]]:
    clb = PartnerCaller(partner=CLB, scopes=frozenset())
    question = Asked(type="Consent", purpose="care", patient=world.patient(CLB))
    return [one.content for one in consents_for(world.hub, clb, question, at=asked["at"])]


def test_classes_that_the_other_parent_holds_back_are_not_named(world: FamilyWorld) -> None:
    world.given(world.mother, {"diagnosis", "functional"}, at=SEVEN)
    world.given(world.father, {"diagnosis", "functional"}, at=SEVEN)
    world.said_no(world.father, at=LATER, classes={"functional"}, to=CLB)
    found = shown(world, at=LATER)
    assert found
    for one in found:
        assert [code["code"] for code in one["provision"]["class"]] == ["diagnosis"]


def test_a_child_s_own_yes_looks_like_that_of_a_parent(world: FamilyWorld) -> None:
    world.given(world.mother, {"diagnosis"}, at=SEVEN)
    (parents,) = shown(world, at=LATER)
    world.given(world.youngster(at=TWELVE), {"diagnosis"}, at=TWELVE)
    (own,) = shown(world, at=TWELVE + timedelta(hours=1))
    assert "performer" not in own
    assert own.keys() == parents.keys()
    assert own["policy"] == parents["policy"]
