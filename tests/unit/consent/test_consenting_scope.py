"""K5 and K6: a grant that reaches goes before a reason why none does; who is asked for what."""

from consent.model import Actor, CareRelation, Ground, Person, Service, ToActor, ToPerson
from tests.support.situations import (
    FOURTEEN,
    PARENTS,
    SERVICES,
    a_child,
    a_record,
    a_segment,
    ask,
    decided,
    facts,
    grant,
    granted_by_both,
    refusal,
    rule_for,
    the_segment,
)

MINOR = a_child(born=FOURTEEN)
STAFF = {"an": Actor(service="vaph-1", role="care"), "bo": Actor(service="vaph-1", role="care")}
TO_AN = ask(ToActor("an"))


def test_a_grant_that_reaches_the_asker_is_not_undone_by_one_that_names_a_colleague() -> None:
    to_colleague = grant("child", id="colleague", to_person="bo")
    known = facts(grant("child"), to_colleague, actors=STAFF, child=MINOR)
    assert rule_for(known, TO_AN) == "K1"
    other_class = grant("child", "medical")
    assert rule_for(facts(other_class, to_colleague, actors=STAFF, child=MINOR), TO_AN) == "K5"


def test_a_grant_to_somebody_unknown_or_to_another_service_says_nothing_here() -> None:
    for elsewhere in ({"to_person": "nobody"}, {"to": frozenset({"caw-1"})}):
        known = facts(grant("child", **elsewhere), actors=STAFF, child=MINOR)
        assert rule_for(known, TO_AN) == "T6"


def test_off_the_team_an_onward_request_is_answered_as_if_nothing_was_granted() -> None:
    others = (CareRelation(service="vaph-1", actors=frozenset({"bo"})),)
    known = facts(*granted_by_both(), actors=STAFF, relations=others)
    assert rule_for(known, TO_AN) == "K6"
    assert rule_for(known, ask(ToActor("an"), kind="onward")) == "T6"


def test_a_ground_nobody_knows_opens_no_file() -> None:
    for kind, rule in (("mystery", "T6"), ("necessity", "L8")):
        request = ask(ToPerson("child"), purpose="subject_access", ground=Ground(kind=kind))
        assert rule_for(facts(child=MINOR), request) == rule


def test_any_class_leaves_out_what_must_be_named() -> None:
    known = facts(
        grant("child", classes=None, to=frozenset({"health-1"})),
        services=SERVICES | {"health-1": Service(kind="health")},
        actors={"bo": Actor(service="health-1", role="medical")},
        relations=(CareRelation(service="health-1"),),
        record=a_record(a_segment("sexual_health", id="dx")),
        child=MINOR,
    )
    assert rule_for(known, ask(ToActor("bo"))) == "K3"


def test_who_granted_this_but_not_everybody_did_is_not_told_that_other_data_was_granted() -> None:
    context = a_record(a_segment("context", id="dx"))
    both = (grant("mother", "context"), grant("mother", "medical", id="other"))
    assert rule_for(facts(*both, record=context)) == "T6"
    assert rule_for(facts(both[1], record=context)) == "K3"
    assert rule_for(facts(both[1], record=context), ask(kind="onward")) == "T6"


def test_who_told_it_in_confidence_decides_too_and_who_told_other_data_does_not() -> None:
    people = PARENTS | {"aunt": Person(relation="kin")}
    told = a_record(a_segment("confidential", id="dx", given_by="aunt"))
    everybody = (*granted_by_both("confidential"), grant("aunt", "confidential"))
    part = the_segment(facts(*everybody, people=people, record=told))
    assert (part.rule, part.consents) == ("K1", ("grant-aunt", "grant-father", "grant-mother"))
    plain = a_record(a_segment("diagnosis", id="dx", given_by="aunt"))
    assert rule_for(facts(*granted_by_both(), people=people, record=plain)) == "K1"


def test_what_is_about_a_brother_alone_is_his_alone_to_shut_out() -> None:
    people = PARENTS | {"brother": Person(relation="sibling")}
    his = a_record(a_segment("context", id="dx", about=frozenset({"brother"})))
    yes = grant("brother", "context")
    for name, rule in (("mother", "K1"), ("brother", "R1")):
        no = refusal(name, effect="exclude")
        assert rule_for(facts(yes, no, people=people, record=his)) == rule


def test_a_file_opened_in_part_names_the_grant_for_that_part() -> None:
    opened = grant("child", "development", purpose="subject_access", to_person="mother")
    file = a_record(a_segment("development", id="dx"), a_segment("functional"))
    request = ask(ToPerson("mother"), purpose="subject_access")
    decision = decided(facts(opened, child=MINOR, record=file), request)
    assert decision.segments["dx"].consents == ("grant-child",)
    assert decision.segments["functional"].rule == "T6"


def test_what_is_about_two_rests_on_the_grants_for_both_and_on_the_text_both_agreed_to() -> None:
    people = PARENTS | {"brother": Person(relation="sibling")}
    shared = a_record(a_segment("diagnosis", id="dx", about=frozenset({"child", "brother"})))
    parents = granted_by_both()
    part = the_segment(facts(*parents, grant("brother"), people=people, record=shared))
    assert (part.rule, part.consents) == ("K1", ("grant-brother", "grant-father", "grant-mother"))
    changed = facts(*parents, grant("brother", text_changed=True), people=people, record=shared)
    assert the_segment(changed).rule == "K7"
    mother = grant("mother", text_changed=True)
    changed = facts(mother, grant("father"), grant("brother"), people=people, record=shared)
    assert the_segment(changed).rule == "K7"


def test_an_objection_of_the_other_parent_to_this_is_no_silence() -> None:
    people = PARENTS | {"aunt": Person(relation="kin")}
    for name, data_class, rule in (
        ("father", "diagnosis", "T6"),
        ("father", "medical", "K4"),
        ("aunt", "diagnosis", "K4"),
    ):
        objection = refusal(name, effect="object", classes=frozenset({data_class}))
        assert rule_for(facts(grant("mother"), objection, people=people)) == rule


def test_a_grant_for_a_source_that_merged_into_this_one_unchanged_still_counts() -> None:
    for kind, rule in (("clb", "K1"), ("caw", "T6")):
        old = Service(kind=kind, status="merged", merged_into="clb-1")
        grants = granted_by_both(from_services=frozenset({"old"}))
        assert rule_for(facts(*grants, services=SERVICES | {"old": old})) == rule
