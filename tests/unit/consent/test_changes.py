"""What could be otherwise, and the facts as they would then be: that change and nothing else."""

from dataclasses import replace
from datetime import date

import pytest

from consent.changes import Asked, Change, Kind, closings, facts_after, openings
from consent.explain import say_change
from consent.model import (
    Actor,
    CareRelation,
    Consent,
    Facts,
    Person,
    Protocol,
    Recipient,
    ToActor,
    ToPerson,
)
from tests.support.situations import (
    AT,
    DX,
    PARENTS,
    a_child,
    a_record,
    ask,
    facts,
    grant,
    refusal,
)

pytestmark = pytest.mark.unit
AN = Actor(service="vaph-1", role="care")
WEAK = replace(AN, identity="weak")
GRANTS = tuple(Change(kind=Kind.GRANT, who=name) for name in ("child", "mother", "father"))


def possible(known: Facts, to: Recipient | None = None) -> set[Change]:
    """What may open a door, beside the grants of the child and its parents."""
    return set(openings(ask(to), known)) - set(GRANTS)


def after(change: Change, known: Facts, to: Recipient | None = None) -> Facts:
    return facts_after([change], known, Asked(request=ask(to), segment=DX, at=AT))


def test_everybody_in_the_file_could_grant_and_the_service_could_care() -> None:
    assert openings(ask(), facts(grant("mother"))) == (
        *GRANTS,
        Change(kind=Kind.CARE_RELATION, who="vaph-1"),
    )
    assert possible(facts(), ToPerson("mother")) == set()


def test_a_no_can_be_taken_back_and_a_grant_is_no_no() -> None:
    known = facts(grant("mother"), refusal("father"))
    assert Change(kind=Kind.LIFT, who="father", consent="no-father") in possible(known)
    assert [one.consent for one in possible(known) if one.kind is Kind.LIFT] == ["no-father"]


@pytest.mark.parametrize(
    ("known", "change"),
    [
        ({"capacity_contested": True}, {Change(kind=Kind.CAPACITY)}),
        ({"capacity_motivated": False}, {Change(kind=Kind.CAPACITY)}),
        ({}, set()),
    ],
)
def test_capacity_can_be_settled_where_it_is_open(
    known: dict[str, bool], change: set[Change]
) -> None:
    found = possible(facts(child=a_child(**known)))
    assert {one for one in found if one.kind is Kind.CAPACITY} == change


def test_a_professional_can_join_the_team_and_a_weak_one_sign_in_securely() -> None:
    team = Change(kind=Kind.CARE_TEAM, who="an")
    cares = Change(kind=Kind.CARE_RELATION, who="vaph-1")
    assert possible(facts(actors={"an": AN}), ToActor("an")) == {cares, team}
    weak = {Change(kind=Kind.IDENTIFY, who="an"), cares, team}
    assert possible(facts(actors={"an": WEAK}), ToActor("an")) == weak
    assert possible(facts(), ToActor("nobody")) == set()


def test_a_scan_and_a_veto_are_nobodys_in_particular() -> None:
    found = possible(facts(record=a_record(DX, unsplittable=True, source_veto=True)))
    assert {Change(kind=Kind.SPLIT), Change(kind=Kind.RELEASE)} < found
    assert {one.who for one in found if one.kind in {Kind.SPLIT, Kind.RELEASE}} == {None}


def test_only_a_grant_that_stands_can_be_withdrawn_and_everybody_can_refuse() -> None:
    gone = grant("father", withdrawn=AT)
    known = facts(grant("mother"), gone, refusal("mother"))
    assert set(closings(known)) == {
        Change(kind=Kind.WITHDRAW, who="mother", consent="grant-mother"),
        *(Change(kind=Kind.REFUSE, who=name) for name in ("child", "mother", "father")),
    }


@pytest.mark.parametrize("kind", [Kind.GRANT, Kind.REFUSE])
def test_what_somebody_would_say_is_about_exactly_this_from_this_instant(kind: Kind) -> None:
    said = Consent(
        id=f"what-if-{kind}-mother",
        by="mother",
        effect=kind.value,
        classes=frozenset({"diagnosis"}),
        purpose="care",
        from_services=frozenset({"clb-1"}),
        to=frozenset({"vaph-1"}),
        since=AT,
    )
    change = Change(kind=kind, who="mother")
    actors = {"an": AN}
    known = facts(grant("father"), actors=actors)
    assert after(change, known).consents == (grant("father"), said)
    assert after(change, known, ToActor("an")).consents[-1] == said
    to_person = replace(said, to=None, to_person="father")
    assert after(change, known, ToPerson("father")).consents[-1] == to_person


def test_one_decision_is_taken_back_and_the_others_stay() -> None:
    known = facts(grant("mother"), grant("father"), refusal("father"))
    lifted = after(Change(kind=Kind.LIFT, who="father", consent="no-father"), known)
    assert lifted == replace(known, consents=(grant("mother"), grant("father")))
    withdrawn = after(Change(kind=Kind.WITHDRAW, who="mother", consent="grant-mother"), known)
    gone = grant("mother", withdrawn=AT)
    assert withdrawn == replace(known, consents=(gone, *known.consents[1:]))


def test_a_quarrel_is_settled_for_one_and_capacity_for_the_child() -> None:
    angry = Person(relation="parent", authority="exercised", disagrees=True)
    known = facts(
        people={"mother": angry, "father": angry},
        child=a_child(capacity_contested=True, capacity_motivated=False),
    )
    settled = after(Change(kind=Kind.SETTLE, who="mother"), known)
    assert settled == replace(known, people={"mother": PARENTS["mother"], "father": angry})
    assert after(Change(kind=Kind.CAPACITY), known) == replace(known, child=a_child())


def test_a_service_would_care_and_an_agreement_would_be_added_to_the_others() -> None:
    old = Protocol(from_service="caw-1", to_service="vaph-1", until=date(2026, 1, 1))
    known = facts(protocols=(old,))
    cares = after(Change(kind=Kind.CARE_RELATION, who="caw-1"), known)
    added = CareRelation(service="caw-1")
    assert cares == replace(known, relations=(*known.relations, added))
    agreed = after(Change(kind=Kind.PROTOCOL, who="vaph-1"), known)
    new = Protocol(from_service="clb-1", to_service="vaph-1")
    assert agreed == replace(known, protocols=(old, new))


def test_a_professional_joins_the_listed_teams_of_the_own_service_only() -> None:
    listed = CareRelation(service="vaph-1", actors=frozenset({"bo"}))
    whole, elsewhere = CareRelation(service="vaph-1"), replace(listed, service="clb-1")
    known = facts(actors={"an": WEAK, "bo": AN}, relations=(listed, whole, elsewhere))
    joined = replace(listed, actors=frozenset({"an", "bo"}))
    team = after(Change(kind=Kind.CARE_TEAM, who="an"), known)
    assert team == replace(known, relations=(joined, whole, elsewhere))
    strong = after(Change(kind=Kind.IDENTIFY, who="an"), known)
    assert strong == replace(known, actors={"an": AN, "bo": AN})


def test_a_scan_would_be_split_and_a_veto_released() -> None:
    known = facts(record=a_record(DX, unsplittable=True, source_veto=True))
    split = after(Change(kind=Kind.SPLIT), known)
    assert split == replace(known, record=a_record(DX, source_veto=True))
    released = after(Change(kind=Kind.RELEASE), known)
    assert released == replace(known, record=a_record(DX, unsplittable=True))


def test_the_child_is_named_in_the_language_that_is_asked() -> None:
    change = Change(kind=Kind.GRANT, who="child")
    assert say_change(change, "en") == "the child agrees to this"
    assert say_change(change, "fr") == "l'enfant donne son accord pour ceci"
    assert say_change(Change(kind=Kind.SPLIT), "en") == "the author makes an extract"
