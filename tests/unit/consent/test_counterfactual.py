"""What would let a withheld segment go, and what alone would stop one that goes."""

from datetime import date

import pytest

from consent.changes import Change, Kind
from consent.counterfactual import Alternative, would_go_if, would_stop_if
from consent.explain import LANGUAGES, say_change
from consent.model import (
    Actor,
    CareRelation,
    Effect,
    Facts,
    Person,
    Request,
    Segment,
    Service,
    ToActor,
    ToPerson,
)
from tests.support.situations import (
    AT,
    DX,
    FOURTEEN,
    PARENTS,
    SERVICES,
    a_child,
    a_record,
    a_segment,
    ask,
    facts,
    grant,
    granted_by_both,
    refusal,
)

pytestmark = pytest.mark.unit


def opens(known: Facts, request: Request | None = None, name: str = "dx") -> set[frozenset[str]]:
    """Each smallest set of changes, as words."""
    found = would_go_if(request or ask(), known, name, at=AT)
    return {_words(one) for one in found}


def stops(known: Facts, request: Request | None = None, name: str = "dx") -> dict[str, str]:
    """Each single change that stops the segment, with the rule that would then decide."""
    found = would_stop_if(request or ask(), known, name, at=AT)
    return {" ".join(_words(one)): one.rule for one in found}


def _words(one: Alternative) -> frozenset[str]:
    return frozenset(" ".join(filter(None, (change.kind, change.who))) for change in one.changes)


def test_the_missing_grant_of_either_parent_would_do_for_a_diagnosis() -> None:
    assert opens(facts()) == {frozenset({"grant mother"}), frozenset({"grant father"})}


def test_both_missing_grants_are_needed_for_context() -> None:
    known = facts(record=a_record(a_segment("context")))
    assert opens(known, name="context") == {frozenset({"grant mother", "grant father"})}


def test_an_alternative_tells_what_would_happen_and_by_which_rule() -> None:
    [mother, _] = would_go_if(ask(), facts(), "dx", at=AT)
    assert mother == Alternative(
        changes=(Change(kind=Kind.GRANT, who="mother"),), effect=Effect.PERMIT, rule="K4"
    )


def test_a_capable_child_decides_alone() -> None:
    assert opens(facts(child=a_child(born=FOURTEEN))) == {frozenset({"grant child"})}


def test_a_refusal_of_one_person_only_can_be_taken_back_or_overruled_by_that_person() -> None:
    known = facts(grant("child"), refusal("child"), child=a_child(born=FOURTEEN))
    assert opens(known) == {frozenset({"grant child"}), frozenset({"lift child"})}


def test_care_for_the_child_is_missing() -> None:
    known = facts(*granted_by_both(), relations=())
    assert opens(known) == {frozenset({"care_relation vaph-1"})}


def test_an_agreement_between_the_services_is_missing() -> None:
    known = facts(*granted_by_both(), protocols=())
    assert opens(known) == {frozenset({"protocol vaph-1"})}


def test_a_professional_must_sign_in_securely_or_be_on_the_team() -> None:
    weak = {"an": Actor(service="vaph-1", role="care", identity="weak")}
    known = facts(*granted_by_both(), actors=weak)
    assert opens(known, ask(ToActor("an"))) == {frozenset({"identify an"})}
    listed = CareRelation(service="vaph-1", actors=frozenset({"bo"}))
    strong = {"an": Actor(service="vaph-1", role="care")}
    known = facts(*granted_by_both(), actors=strong, relations=(listed,))
    assert frozenset({"care_team an"}) in opens(known, ask(ToActor("an")))


def test_a_quarrel_a_contest_a_veto_and_a_scan_can_be_settled() -> None:
    quarrel = {
        **PARENTS,
        "mother": Person(relation="parent", authority="exercised", disagrees=True),
    }
    assert opens(facts(*granted_by_both(), people=quarrel)) == {frozenset({"settle mother"})}
    contested = a_child(born=FOURTEEN, capacity_contested=True)
    assert opens(facts(grant("child"), child=contested)) == {frozenset({"capacity"})}
    assert opens(facts(*granted_by_both(), record=a_record(DX, source_veto=True))) == {
        frozenset({"release"})
    }
    scan = a_record(DX, a_segment("functional"), unsplittable=True)
    assert opens(facts(*granted_by_both(), record=scan)) == {frozenset({"split"})}


def test_another_persons_data_needs_that_person() -> None:
    history = Segment(id="history", data_class="parent_data", about=frozenset({"mother"}))
    known = facts(*granted_by_both(), record=a_record(history))
    assert opens(known, name="history") == {frozenset({"grant mother"})}


def test_all_ways_of_three_changes_are_given() -> None:
    known = facts(relations=(), protocols=())
    always = {"care_relation vaph-1", "protocol vaph-1"}
    assert opens(known) == {
        frozenset({"grant mother", *always}),
        frozenset({"grant father", *always}),
    }


def test_more_than_three_changes_are_still_found() -> None:
    report = a_segment("context", about=frozenset({"child", "brother", "sister"}))
    people = {
        **PARENTS,
        "brother": Person(relation="sibling"),
        "sister": Person(relation="sibling"),
        "aunt": Person(relation="kin"),
        "uncle": Person(relation="kin"),
    }
    known = facts(people=people, relations=(), record=a_record(report))
    assert opens(known, name="context") == {
        frozenset(
            [
                "grant mother",
                "grant father",
                "grant brother",
                "grant sister",
                "care_relation vaph-1",
            ]
        )
    }


def test_of_ways_of_four_changes_one_is_told() -> None:
    """More than three at once is more than a family can read: one way that is enough will do."""
    shared = a_segment("diagnosis", about=frozenset({"child", "brother", "sister", "aunt"}))
    people = {
        **PARENTS,
        "brother": Person(relation="sibling"),
        "sister": Person(relation="sibling"),
        "aunt": Person(relation="kin"),
    }
    known = facts(people=people, record=a_record(shared))
    always = {"grant brother", "grant sister", "grant aunt"}
    assert opens(known, name="diagnosis") in (
        {frozenset({"grant mother", *always})},
        {frozenset({"grant father", *always})},
    )


def test_an_extract_goes_so_it_needs_no_opening_and_can_be_stopped() -> None:
    grants = granted_by_both(to=frozenset({"creche"}))
    services = {**SERVICES, "creche": Service(kind="childcare")}
    lead = {"lead": Actor(service="creche", role="childcare_lead")}
    cares = (CareRelation(service="creche"),)
    known = facts(*grants, services=services, actors=lead, relations=cares)
    assert opens(known, ask(ToActor("lead"))) == set()
    assert stops(known, ask(ToActor("lead")))["refuse mother"] == "R5"
    missing = facts(services=services, actors=lead, relations=cares)
    assert opens(missing, ask(ToActor("lead"))) == {
        frozenset({"grant mother"}),
        frozenset({"grant father"}),
    }


@pytest.mark.parametrize("data_class", ["placement", "judicial", "therapy_notes", "unlabelled"])
def test_what_no_consent_lifts_has_no_way_to_go(data_class: str) -> None:
    known = facts(*granted_by_both(data_class), record=a_record(a_segment(data_class)))
    assert opens(known, name=data_class) == set()


def test_a_person_of_the_family_is_granted_by_name() -> None:
    people = {**PARENTS, "foster": Person(relation="foster_parent")}
    known = facts(people=people)
    found = would_go_if(ask(ToPerson("foster")), known, "dx", at=AT)
    assert {one.changes for one in found} == {
        (Change(kind=Kind.GRANT, who="mother"),),
        (Change(kind=Kind.GRANT, who="father"),),
    }


def test_a_single_withdrawal_or_refusal_of_a_decider_stops() -> None:
    assert stops(facts(*granted_by_both())) == {
        "withdraw mother": "R5",
        "withdraw father": "R5",
        "refuse mother": "R5",
        "refuse father": "R5",
    }


def test_the_refusal_of_a_young_child_or_a_stranger_stops_nothing() -> None:
    people = {**PARENTS, "aunt": Person(relation="kin")}
    found = stops(facts(*granted_by_both(), people=people))
    assert not {words for words in found if words.endswith(("child", "aunt"))}


def test_what_goes_needs_no_opening_and_what_stays_cannot_be_stopped() -> None:
    assert opens(facts(*granted_by_both())) == set()
    assert stops(facts()) == {}


def test_a_segment_that_is_absent_or_not_asked_for_has_no_answer() -> None:
    pull = ask(kind="pull", classes=frozenset({"medical"}))
    assert opens(facts(), name="absent") == opens(facts(), pull) == set()
    assert stops(facts(*granted_by_both()), pull) == {}


def test_an_inactive_service_has_no_way_to_get_anything() -> None:
    services = {**SERVICES, "clb-1": Service(kind="clb", status="closed")}
    assert opens(facts(*granted_by_both(), services=services)) == set()


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_change_can_be_said_in_every_language(kind: Kind, language: str) -> None:
    said = say_change(Change(kind=kind, who="mother", consent="consents[3]"), language)
    assert "{" not in said
    assert said.endswith(" (consents[3])")


def test_every_change_is_said_differently_and_names_who() -> None:
    for language in LANGUAGES:
        assert len({say_change(Change(kind=kind, who="mother"), language) for kind in Kind}) == 12
    assert say_change(Change(kind=Kind.GRANT, who="child")) == "het kind hiervoor toestemming geeft"
    english = say_change(Change(kind=Kind.REFUSE, who="father"), "en")
    assert english == "father says no to this"
    withdrawn = Change(kind=Kind.WITHDRAW, who="mother")
    assert say_change(withdrawn, "xx") == say_change(withdrawn, "nl")


def test_a_grant_of_today_is_weighed_against_a_refusal_of_tomorrow() -> None:
    later = refusal("child", since=date(2026, 3, 3))
    known = facts(later, child=a_child(born=FOURTEEN))
    assert opens(known) == {frozenset({"grant child"})}
