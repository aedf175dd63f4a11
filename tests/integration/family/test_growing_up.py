"""From 12 the child decides, and from 18 the child alone: at midnight in Flanders."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from gateway.exchange.families.contest import contest_consent
from gateway.exchange.families.decisions import decisions_of
from gateway.exchange.families.withdraw_consent import withdraw_consent
from gateway.exchange.refusal import Refusal
from gateway.store import children, ties
from gateway.store.children import Tie
from gateway.store.engine import transaction
from tests.support.family_world import (
    CLB,
    DAY,
    EIGHTEEN,
    MOMENT,
    SEVEN,
    TWELVE,
    FamilyWorld,
)

EVE = TWELVE - DAY


def code(found: object) -> str:
    assert isinstance(found, Refusal), found
    return found.code


def test_a_youngster_is_known_from_the_twelfth_birthday_and_not_a_moment_before(
    world: FamilyWorld,
) -> None:
    number = world.family.child
    assert world.sign_in(number, at=TWELVE - MOMENT) is None
    person = world.sign_in(number, at=TWELVE)
    assert person is not None
    assert person.person not in {world.mother.person, world.father.person}
    assert world.sign_in(number, at=TWELVE + DAY).person == person.person  # type: ignore[union-attr]  # known since
    assert world.sign_in("19631421099", at=TWELVE) is None


def test_a_youngster_decides_for_itself_and_parents_do_not(world: FamilyWorld) -> None:
    young = world.youngster(at=TWELVE)
    consent = world.given(young, {"diagnosis"}, at=TWELVE)
    assert world.row(consent).giver == "self"
    assert world.row(consent).wording_id == "share_as"
    assert world.reads(at=TWELVE) == 1
    assert code(world.give(world.mother, {"diagnosis"}, at=TWELVE)) == "child_decides"
    assert code(world.say_no(world.father, at=TWELVE)) == "child_decides"
    assert world.reads(at=TWELVE) == 1
    world.said_no(young, at=TWELVE + DAY, effect="exclude", to=CLB)
    assert world.reads(at=TWELVE + DAY) == 0


@pytest.mark.parametrize("parents", ["mother", "father"])
def test_the_last_yes_of_a_parent_is_given_a_moment_before_the_birthday(
    world: FamilyWorld, parents: str
) -> None:
    parent = getattr(world, parents)
    assert world.given(parent, {"diagnosis"}, at=TWELVE - MOMENT)
    refused = world.give(parent, {"functional"}, at=TWELVE)
    assert code(refused) == "child_decides"
    assert isinstance(refused, Refusal)
    assert refused.message == "from 12 the child decides; ask your child to sign in"


def test_parents_yes_goes_on_for_thirty_days_unless_the_child_decides(world: FamilyWorld) -> None:
    consent = world.given(world.mother, {"diagnosis"}, at=EVE, days=200)
    last = TWELVE + 30 * DAY - MOMENT
    assert world.reads(at=last) == 1
    assert world.decisions(world.mother, at=last)[consent].state == "reconfirm_due"
    assert world.reads(at=last + MOMENT) == 0
    assert world.decisions(world.mother, at=last + MOMENT)[consent].state == "expired"


def test_the_child_takes_over_a_parents_yes_in_one_act_and_parents_do_not_learn_it(
    world: FamilyWorld,
) -> None:
    earlier = world.given(world.mother, {"diagnosis", "functional"}, at=EVE, days=200)
    young = world.youngster(at=TWELVE)
    assert "reconfirm" in world.decisions(young, at=TWELVE)[earlier].can
    before = world.decisions(world.mother, at=TWELVE)
    own = world.confirm(young, earlier, at=TWELVE)
    assert isinstance(own, str)
    row = world.row(own)
    assert (row.giver, row.wording_id, str(row.supersedes)) == ("self", "reconfirm", earlier)
    assert row.until == world.row(earlier).until
    assert world.reads(at=TWELVE + 60 * DAY) == 1
    seen = world.decisions(young, at=TWELVE)
    assert (seen[earlier].state, seen[own].state) == ("superseded", "active")
    assert seen[earlier].can == frozenset()
    assert world.decisions(world.mother, at=TWELVE) == before
    assert code(world.confirm(world.mother, earlier, at=TWELVE)) == "child_decides"
    assert code(world.confirm(world.mother, own, at=TWELVE)) == "unknown_consent"


def test_a_parent_sees_nothing_of_what_the_child_decides(world: FamilyWorld) -> None:
    young = world.youngster(at=TWELVE)
    before = world.decisions(world.mother, at=TWELVE)
    own = [world.given(young, {"diagnosis"}, at=TWELVE), world.said_no(young, at=TWELVE + DAY)]
    assert world.decisions(world.mother, at=TWELVE + DAY) == before == {}
    assert set(world.decisions(young, at=TWELVE + DAY)) == set(own)
    assert world.notices(world.mother) == world.notices(world.father) == []
    for one in own:
        assert contest_consent(world.hub, world.mother, one, at=TWELVE + DAY) is False
        assert not withdraw_consent(world.hub, world.mother, one, at=TWELVE + DAY)


def test_a_parent_may_stop_an_own_yes_after_twelve(world: FamilyWorld) -> None:
    consent = world.given(world.mother, {"diagnosis"}, at=EVE, days=200)
    world.seal(at=EVE)
    assert world.keys()
    assert withdraw_consent(world.hub, world.mother, consent, at=TWELVE)
    assert world.keys() == {}
    assert world.reads(at=TWELVE) == 0


def test_parents_of_a_capable_pupil_may_object_to_a_transfer_in_their_own_name(
    world: FamilyWorld,
) -> None:
    assert world.said_no(world.mother, at=TWELVE, effect="object")
    assert code(world.say_no(world.mother, at=TWELVE, effect="object_gdpr")) == "child_decides"
    assert code(world.say_no(world.mother, at=EIGHTEEN, effect="object")) == "unknown_child"


def test_from_eighteen_parents_have_no_say_and_see_nothing(world: FamilyWorld) -> None:
    eve = EIGHTEEN - MOMENT
    young = world.youngster(at=TWELVE)
    consent = world.given(young, {"diagnosis"}, at=eve)
    assert decisions_of(world.hub, world.mother, None, at=eve) == ()
    assert decisions_of(world.hub, world.mother, str(world.child), at=eve) == ()
    assert decisions_of(world.hub, world.mother, str(world.child), at=EIGHTEEN) is None
    assert world.reads(at=EIGHTEEN) == 1
    assert world.decisions(young, at=EIGHTEEN)[consent].state == "active"
    assert world.given(world.youngster(at=EIGHTEEN), {"functional"}, at=EIGHTEEN)


def test_a_parent_who_asks_after_eighteen_hears_why_not(world: FamilyWorld) -> None:
    scope: dict[str, Any] = {"classes": {"diagnosis"}, "purpose": "care", "to": CLB}
    until = EIGHTEEN.date() + DAY
    words = world.words(world.mother, at=SEVEN, until=until, **scope)
    assert not isinstance(words, Refusal)
    refused = world.give_with(words, world.mother, {"diagnosis"}, until, at=EIGHTEEN)
    assert code(refused) == "grown_up"


@pytest.mark.parametrize("authority", ["held", "deprived", "none"])
def test_who_does_not_exercise_authority_gives_nothing_but_may_stop(
    world: FamilyWorld, authority: str
) -> None:
    consent = world.given(world.mother, {"diagnosis"}, at=SEVEN)
    world.seal(at=SEVEN)
    world.set_authority(world.mother, authority)
    assert code(world.give(world.mother, {"functional"}, at=SEVEN + DAY)) == "no_authority"
    assert code(world.say_no(world.mother, at=SEVEN + DAY)) == "no_authority"
    assert withdraw_consent(world.hub, world.mother, consent, at=SEVEN + DAY)
    assert world.keys() == {}


def test_a_foster_parent_decides_only_when_decisions_were_delegated(world: FamilyWorld) -> None:
    with transaction(world.hub.engine) as tx:
        number = world.hub.vault.lookup("insz", "85073003328")
        person = children.ensure_person(tx, number)
        tie = Tie(person=person, relation="foster_parent", authority="none")
        ties.set_tie(tx, world.child, tie, evidence="test", at=SEVEN)
    foster = world.sign_in("85073003328", at=SEVEN)
    assert foster is not None
    assert code(world.give(foster, {"diagnosis"}, at=SEVEN)) == "unknown_child"
    world.set_authority(foster, "delegated")
    consent = world.given(foster, {"diagnosis"}, at=SEVEN)
    assert world.row(consent).giver == "foster_parent"
    assert world.row(consent).wording_id == "share_as"


def test_a_youngsters_own_tie_is_never_made_a_parents(world: FamilyWorld) -> None:
    young = world.youngster(at=TWELVE)
    with transaction(world.hub.engine) as tx:
        tie = Tie(person=world.uuid(young), relation="parent", authority="exclusive")
        ties.set_tie(tx, world.child, tie, evidence="source:vaph", at=TWELVE)
        known = {one.person: one.relation for one in children.ties_of_child(tx, world.child)}
    assert known[world.uuid(young)] == "self"


def test_nobody_decides_when_the_birth_date_is_unknown(world: FamilyWorld) -> None:
    world.forget_birth_date()
    assert code(world.give(world.mother, {"diagnosis"}, at=SEVEN)) == "age_unknown"
    assert world.sign_in(world.family.child, at=datetime(2040, 1, 1, tzinfo=TWELVE.tzinfo)) is None


def test_a_sign_in_without_a_number_is_nobody(world: FamilyWorld) -> None:
    assert world.sign_in("", at=TWELVE + timedelta(days=1)) is None
