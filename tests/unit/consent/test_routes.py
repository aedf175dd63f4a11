"""Tier 2: what the law carries without consent, and where each route ends."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from consent.model import Actor, Facts, Ground, Person, Service, ToActor, ToPerson, ToService
from tests.support.situations import (
    AT,
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

EVERYWHERE = SERVICES | {
    "vk-1": Service(kind="vk"),
    "court": Service(kind="judiciary"),
    "school": Service(kind="school"),
    "hospital": Service(kind="health"),
}
STAFF = {
    "lee": Actor(service="clb-1", role="care"),
    "an": Actor(service="vaph-1", role="care"),
    "doctor": Actor(service="hospital", role="medical"),
    "nurse": Actor(service="hospital", role="care"),
}
SAYS_NO = (refusal("mother"), refusal("father"))
DANGER = Ground(kind="necessity", invoked_by="lee", record="complete")
CONCERN = Ground(kind="concern_report", invoked_by="lee", record="complete")
SILENCE = Ground(
    kind="unanswered",
    invoked_by="lee",
    record="complete",
    attempts=(date(2026, 2, 20),),
    answer="none",
)
EMERGENCY = Ground(kind="vital_emergency", record="complete")


OF_A_SEGMENT = {"about", "given_by", "reporter", "reveals_place"}


def known(*consents: Any, data_class: str = "functional", **more: Any) -> Facts:
    """One segment at the CLB, a family, and services and staff to tell; nobody cares yet."""
    about = {name: more.pop(name) for name in OF_A_SEGMENT & set(more)}
    usual: dict[str, Any] = {
        "services": EVERYWHERE,
        "actors": STAFF,
        "relations": (),
        "record": a_record(a_segment(data_class, id="dx", **about)),
    }
    return facts(*consents, **usual | more)


# L2


@pytest.mark.parametrize("kind", ["statutory", "court_order"])
def test_a_validated_duty_carries_the_classes_it_names_and_no_other(kind: str) -> None:
    duty = Ground(kind=kind, validated=True, classes=frozenset({"functional"}))
    part = the_segment(known(*SAYS_NO), ask(ground=duty))
    assert (part.rule, part.effect) == ("L2", "permit")
    assert part.obligations == {"minimum", "legal_validation"}
    assert rule_for(known(data_class="development"), ask(ground=duty)) == "G4"


def test_a_duty_that_nobody_validated_does_not_exist() -> None:
    duty = Ground(kind="statutory", validated=False, classes=frozenset({"functional"}))
    assert rule_for(known(), ask(ground=duty)) == "G4"


def test_a_duty_reaches_outside_the_need_profile_but_not_past_a_bar_or_a_protocol() -> None:
    duty = Ground(kind="statutory", validated=True, classes=frozenset({"medical", "placement"}))
    to_school = ask(ToService("school"), ground=duty)
    assert rule_for(known(data_class="medical"), to_school) == "L2"
    assert rule_for(known(data_class="placement"), ask(ground=duty)) == "G4"
    assert rule_for(known(data_class="medical", protocols=()), to_school) == "G2"


# L3


def test_the_holder_may_speak_to_avert_danger_over_every_refusal() -> None:
    part = the_segment(known(*SAYS_NO), ask(purpose="safety", ground=DANGER))
    assert (part.rule, part.effect) == ("L3", "permit")
    assert part.obligations == {"minimum", "break_glass", "review_72h", "notify_family"}


@pytest.mark.parametrize(
    "flaw",
    [{"record": "incomplete"}, {"record": ""}, {"invoked_by": "an"}, {"invoked_by": "nobody"}],
    ids=str,
)
def test_danger_with_an_incomplete_record_or_another_speaker_is_no_route(flaw: Any) -> None:
    broken = replace(DANGER, **flaw)
    assert rule_for(known(), ask(purpose="safety", ground=broken)) == "G4"
    assert rule_for(facts(*SAYS_NO, actors=STAFF), ask(purpose="safety", ground=broken)) == "R5"


def test_danger_passes_protocol_care_relation_and_need_profile() -> None:
    unneeded = known(data_class="therapy_notes", protocols=())
    assert rule_for(unneeded, ask(purpose="safety", ground=DANGER)) == "L3"


MINOR_ASKED: dict[str, Any] = {"child": a_child(born=FOURTEEN)}


@pytest.mark.parametrize(
    ("to", "barred", "segment"),
    [
        (ToService("vaph-1"), "H2", {"data_class": "judicial"}),
        (ToService("court"), "H3", {"data_class": "concern"}),
        (ToService("vaph-1"), "H4", {"data_class": "confidential", "given_by": "mother"}),
        (ToPerson("mother"), "H5", {"data_class": "parent_data", "about": frozenset({"father"})}),
        (ToPerson("mother"), "G5", {"data_class": "sexual_health", **MINOR_ASKED}),
    ],
    ids=["court piece", "to court", "confidence", "others", "intimate"],
)
def test_danger_lifts_the_bars_of_court_confidence_and_other_people(
    to: Any, barred: str, segment: dict[str, Any]
) -> None:
    there = known(refusal("child"), relations=facts().relations, **segment)
    assert rule_for(there, ask(to, purpose="safety")) == barred
    part = the_segment(there, ask(to, purpose="safety", ground=DANGER))
    assert (part.rule, part.effect) == ("L3", "permit")


@pytest.mark.parametrize("ground", [DANGER, EMERGENCY], ids=["necessity", "emergency"])
def test_danger_never_shows_a_secret_place_or_who_reported(ground: Ground) -> None:
    request = ask(ToActor("doctor"), kind="pull", ground=ground)
    hidden = a_child(flags=frozenset({"secret_address"}))
    cares = (*facts().relations, replace(facts().relations[0], service="hospital"))
    shows: dict[str, Any] = {"relations": cares, "data_class": "medical"}
    assert rule_for(known(**shows), request) in {"L3", "L7"}
    assert rule_for(known(**shows, reporter=True), request) == "H4"
    assert rule_for(known(**shows, reveals_place=True, child=hidden), request) == "H1"
    placed = known(data_class="placement", relations=cares)
    assert rule_for(placed, request) == "H1"


def test_danger_names_nobody_while_help_is_anonymous() -> None:
    anonymous = a_child(flags=frozenset({"anonymous_help"}))
    cares = facts().relations
    there = known(data_class="identity", child=anonymous, relations=cares)
    assert rule_for(there, ask(purpose="safety", ground=DANGER)) == "H6"


def test_under_danger_name_and_number_are_looked_at_before_the_bars_it_lifts() -> None:
    there = known(data_class="national_number")
    to_court = ask(ToService("court"), purpose="safety")
    assert rule_for(there, to_court) == "H3"
    assert rule_for(there, replace(to_court, ground=DANGER)) == "H6"


def test_a_gate_stands_aside_only_for_what_danger_really_carries() -> None:
    mixed = known(data_class="functional", reporter=True)
    assert rule_for(mixed, ask(purpose="safety", ground=DANGER)) == "G4"
    unlabelled = known(data_class="unlabelled")
    assert rule_for(unlabelled, ask(purpose="safety", ground=DANGER)) == "G4"
    weak = {"lee": STAFF["lee"], "an": replace(STAFF["an"], identity="weak")}
    there = known(actors=weak)
    assert rule_for(there, ask(ToActor("an"), purpose="safety", ground=DANGER)) == "G1"
    assert rule_for(known(), ask(purpose="justice", ground=DANGER)) == "G3"


def test_danger_carries_one_segment_and_leaves_the_rest_to_the_family() -> None:
    record = a_record(a_segment("functional"), a_segment("development", reporter=True))
    there = known(*SAYS_NO, record=record, relations=facts().relations)
    rules = {name: part.rule for name, part in decided(there, ask(ground=DANGER)).segments.items()}
    assert rules == {"functional": "L3", "development": "H4"}


def test_danger_gives_whole_what_the_need_profile_would_shorten() -> None:
    foster = PARENTS | {"foster": Person(relation="foster_parent")}
    there = known(data_class="medical", people=foster)
    part = the_segment(there, ask(ToPerson("foster"), purpose="safety", ground=DANGER))
    assert (part.rule, part.effect) == ("L3", "permit")


# L4


def test_concern_goes_to_a_mandated_service_in_spite_of_refusal() -> None:
    request = ask(ToService("vk-1"), purpose="safety", ground=CONCERN)
    part = the_segment(known(*SAYS_NO, data_class="concern"), request)
    assert (part.rule, part.effect) == ("L4", "permit")
    assert part.obligations == {"minimum", "notify_family"}


def test_concern_is_reported_by_a_youth_help_holder_to_vk_or_ocj_alone() -> None:
    to_vk = ask(ToService("vk-1"), purpose="safety", ground=CONCERN)
    other = EVERYWHERE | {"clb-1": Service(kind="clb", youth_help=False)}
    assert rule_for(known(services=other), to_vk) == "T6"
    elsewhere = facts(actors=STAFF)
    assert rule_for(elsewhere, ask(purpose="safety", ground=CONCERN)) == "T6"
    unfinished = replace(to_vk, ground=replace(CONCERN, record="incomplete"))
    assert rule_for(known(), unfinished) == "T6"
    assert rule_for(known(data_class="therapy_notes"), to_vk) == "G5"


# L5


def test_a_conference_shares_with_the_professionals_on_its_list() -> None:
    talk = Ground(kind="case_conference", valid=True, participants=frozenset({"an", "mother"}))
    part = the_segment(known(*SAYS_NO), ask(ToActor("an"), purpose="safety", ground=talk))
    assert (part.rule, part.effect) == ("L5", "permit")
    assert part.obligations == {"minimum", "session_only"}
    for to in (ToActor("nurse"), ToService("vaph-1")):
        assert rule_for(known(), ask(to, purpose="safety", ground=talk)) == "G4"
    at_home = ask(ToPerson("mother"), purpose="safety", ground=talk)
    assert rule_for(known(data_class="identity"), at_home) == "T6"
    invalid = ask(ToActor("an"), purpose="safety", ground=replace(talk, valid=False))
    assert rule_for(known(), invalid) == "G4"


def test_a_conference_keeps_to_the_need_profile() -> None:
    talk = Ground(kind="case_conference", valid=True, participants=frozenset({"an"}))
    request = ask(ToActor("an"), purpose="safety", ground=talk)
    cares = facts().relations
    assert rule_for(known(data_class="therapy_notes", relations=cares), request) == "G5"
    # Nothing goes, so that it must not show either whether the child is known.
    assert rule_for(known(data_class="therapy_notes"), request) == "G4"


# L6 and L6b


def test_silence_after_an_attempt_lets_youth_help_share() -> None:
    part = the_segment(known(), ask(ground=SILENCE))
    assert (part.rule, part.effect) == ("L6", "permit")
    assert part.obligations == {"minimum", "break_glass", "review_72h", "retry_consent"}


@pytest.mark.parametrize(
    "flaw",
    [
        {"attempts": ()},
        {"attempts": (date(2026, 3, 3),)},
        {"record": "incomplete"},
        {"invoked_by": "an"},
    ],
    ids=["no attempt", "attempt tomorrow", "incomplete", "spoken by the reader"],
)
def test_silence_without_attempt_or_record_is_no_route(flaw: dict[str, Any]) -> None:
    assert rule_for(known(), ask(ground=replace(SILENCE, **flaw))) == "G4"


def test_silence_carries_between_youth_help_actors_only() -> None:
    for name, kind in (("clb-1", "clb"), ("vaph-1", "vaph_facility")):
        services = EVERYWHERE | {name: Service(kind=kind, youth_help=False)}
        assert rule_for(known(services=services), ask(ground=SILENCE)) == "G4"
    assert rule_for(known(), ask(ToActor("doctor"), ground=SILENCE)) == "G4"


@pytest.mark.parametrize("answer", ["refused", "perhaps", ""])
def test_an_answer_that_is_not_silence_ends_shared_secrecy(answer: str) -> None:
    answered = replace(SILENCE, answer=answer)
    there = known(*granted_by_both("functional"))
    part = the_segment(there, ask(ground=answered))
    assert (part.rule, part.effect) == ("L6b", "withhold")
    unfinished = replace(answered, record="incomplete", attempts=())
    assert rule_for(there, ask(ground=unfinished)) == "L6b"


@pytest.mark.parametrize(
    "no",
    [
        refusal("mother"),
        refusal("mother", effect="exclude", to=frozenset({"vaph-1"})),
        grant("mother", "functional", withdrawn=AT),
    ],
    ids=["refused", "excluded", "withdrawn"],
)
def test_one_right_holder_who_said_no_defeats_silence(no: Any) -> None:
    assert rule_for(known(no), ask(ground=SILENCE)) == "L6b"


def test_a_no_of_somebody_without_a_right_does_not_defeat_silence() -> None:
    minor = a_child(born=FOURTEEN)
    assert rule_for(known(*SAYS_NO, child=minor), ask(ground=SILENCE)) == "L6"
    assert rule_for(known(refusal("child"), child=minor), ask(ground=SILENCE)) == "L6b"
    assert rule_for(known(refusal("child")), ask(ground=SILENCE)) == "L6"


def test_where_nobody_could_have_answered_silence_means_nothing() -> None:
    held = {"mother": Person(relation="parent", authority="held")}
    cares = facts().relations
    for people in ({}, held):
        assert rule_for(known(people=people, relations=cares), ask(ground=SILENCE)) == "T6"


def test_silence_is_no_route_through_a_quarrel() -> None:
    quarrel = PARENTS | {"father": Person(relation="parent", authority="exercised", disagrees=True)}
    cares = facts().relations
    assert rule_for(known(people=quarrel, relations=cares), ask(ground=SILENCE)) == "R5"
    minor = a_child(born=FOURTEEN)
    assert rule_for(known(people=quarrel, child=minor), ask(ground=SILENCE)) == "L6"


def test_of_a_family_that_is_not_known_nobody_can_be_said_to_keep_silent() -> None:
    odd = PARENTS | {"father": Person(relation="parent", authority="mystery")}
    cares = facts().relations
    assert rule_for(known(people=odd, relations=cares), ask(ground=SILENCE)) == "T6"
    unborn = a_child(born=None)
    assert rule_for(known(child=unborn, relations=cares), ask(ground=SILENCE)) == "T6"
    adult = a_child(born=date(2000, 1, 1))
    assert rule_for(known(people=odd, child=adult), ask(ground=SILENCE)) == "L6"


# L7


def test_a_doctor_fetches_what_saves_a_life_over_every_disagreement() -> None:
    request = ask(ToActor("doctor"), kind="pull", ground=EMERGENCY)
    part = the_segment(known(*SAYS_NO, data_class="medical", protocols=()), request)
    assert (part.rule, part.effect) == ("L7", "permit")
    assert part.obligations >= {"break_glass", "review_72h", "notify_family", "ttl_24h"}
    assert rule_for(known(data_class="diagnosis"), request) == "L7"
    assert rule_for(known(data_class="development"), request) == "G4"


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "routed"},
        {"kind": "replay"},
        {"to": ToActor("nurse")},
        {"to": ToService("hospital")},
        {"to": ToActor("an")},
        {"ground": replace(EMERGENCY, record="incomplete")},
    ],
    ids=lambda other: str(next(iter(other.values())))[:40],
)
def test_an_emergency_is_a_doctors_pull_with_a_complete_record(other: dict[str, Any]) -> None:
    request = ask(ToActor("doctor"), kind="pull", ground=EMERGENCY)
    assert rule_for(known(data_class="medical"), replace(request, **other)) == "G4"


# L9


def test_the_prosecutor_is_warned_in_person_and_the_hub_keeps_a_marker() -> None:
    warning = Ground(kind="article_458bis")
    part = the_segment(known(), ask(ToService("court"), purpose="safety", ground=warning))
    assert (part.rule, part.effect) == ("L9", "withhold")
    assert part.obligations == {"marker_only"}
    granted = facts(*granted_by_both(), services=EVERYWHERE)
    assert rule_for(granted, ask(ground=warning)) == "L9"


# Whatever the route


def test_a_route_carries_onward_what_consent_does_not() -> None:
    received = known(*granted_by_both("functional"), relations=facts().relations)
    assert rule_for(received, ask(kind="onward")) == "T6"
    assert rule_for(received, ask(kind="onward", purpose="safety", ground=DANGER)) == "L3"
    assert rule_for(received, ask(kind="sideways", purpose="safety", ground=DANGER)) == "T6"


def test_a_replay_is_decided_on_todays_record() -> None:
    request = ask(kind="replay", purpose="safety", ground=DANGER)
    assert rule_for(known(), request) == "L3"
    moved = {"lee": Actor(service="vaph-1", role="care")}
    assert rule_for(known(actors=moved), request, at=AT + timedelta(days=1)) == "G4"
