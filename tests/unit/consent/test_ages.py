"""Twelve and eighteen, counted from midnight in Brussels."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from consent.authority import capacity_of
from consent.model import Actor, Child, Consent, Person, SegmentDecision, ToActor
from tests.support.situations import (
    PARENTS,
    a_child,
    a_record,
    a_segment,
    ask,
    facts,
    grant,
    granted_by_both,
    refusal,
    the_segment,
)

TWELVE = date(2026, 3, 2)
MIDNIGHT = datetime.fromisoformat("2026-03-02T00:00:00+01:00")
CHILD = a_child(born=date(2014, 3, 2))
CARRIED = ("logistics", "functional", "development", "diagnosis", "context")
STOPPED = ("medical", "diagnostic_report", "concern")


def on_twelfth(
    data_class: str = "diagnosis",
    *,
    extra: tuple[Consent, ...] = (),
    at: datetime = MIDNIGHT,
    **known: Any,
) -> SegmentDecision:
    grants = granted_by_both(data_class)
    situation: dict[str, Any] = {"child": CHILD, "record": a_record(a_segment(data_class, id="dx"))}
    return the_segment(facts(*grants, *extra, **situation | known), at=at)


@pytest.mark.parametrize("data_class", CARRIED)
def test_everyday_grants_of_parents_carry_on_after_twelve_and_ask_to_reconfirm(
    data_class: str,
) -> None:
    part = on_twelfth(data_class)
    assert part.rule == "K1"
    assert "reconfirm" in part.obligations


@pytest.mark.parametrize("data_class", STOPPED)
def test_grants_about_health_and_concern_stop_on_the_twelfth_birthday(data_class: str) -> None:
    known = {"actors": {"bo": Actor(service="vaph-1", role="medical")}}
    record = a_record(a_segment(data_class, id="dx"), source="clb-1")
    situation = facts(*granted_by_both(data_class), child=CHILD, record=record, **known)
    part = the_segment(situation, ask(ToActor("bo")), MIDNIGHT)
    assert part.rule == ("G5" if data_class == "concern" else "T6")


def test_the_thirty_days_include_the_birthday() -> None:
    assert on_twelfth(at=MIDNIGHT - timedelta(seconds=1)).obligations == {"minimum", "no_onward"}
    last = datetime.fromisoformat("2026-03-31T23:59:59+02:00")
    assert on_twelfth(at=last).rule == "K1"
    assert on_twelfth(at=last + timedelta(seconds=1)).rule == "T6"


def test_a_child_that_said_anything_decides_from_then_on() -> None:
    for said in (
        grant("child", "logistics"),
        refusal("child", to=frozenset({"somebody-else"})),
        grant("child", withdrawn=MIDNIGHT - timedelta(days=3)),
    ):
        part = on_twelfth(extra=(said,))
        assert part.effect == "withhold"


def test_the_childs_own_grant_needs_no_reconfirmation() -> None:
    part = on_twelfth(extra=(grant("child"),))
    assert part.rule == "K1"
    assert part.consents == ("grant-child",)
    assert "reconfirm" not in part.obligations


def test_a_grant_given_on_the_birthday_itself_came_too_late() -> None:
    late = granted_by_both(since=TWELVE)
    assert the_segment(facts(*late, child=CHILD), at=MIDNIGHT).rule == "T6"
    in_time = granted_by_both(since=MIDNIGHT - timedelta(microseconds=1))
    assert the_segment(facts(*in_time, child=CHILD), at=MIDNIGHT).rule == "K1"


def test_what_the_parents_had_not_settled_is_not_carried_over_twelve() -> None:
    for extra in (
        refusal("father"),
        refusal("father", effect="exclude"),
        refusal("father", effect="object_gdpr"),
        grant("father", withdrawn=MIDNIGHT, since=date(2026, 1, 5)),
    ):
        assert on_twelfth(extra=(extra,)).rule == "T6"
    quarrel = PARENTS | {"father": Person(relation="parent", authority="exercised", disagrees=True)}
    assert on_twelfth(people=quarrel).rule == "T6"


def test_one_parents_grant_is_carried_over_twelve_as_one_parents_grant() -> None:
    part = the_segment(facts(grant("mother"), child=CHILD), at=MIDNIGHT)
    assert part.rule == "K4"
    assert part.obligations >= {"reconfirm", "tell_other_parent"}


def test_a_stand_in_is_not_carried_over_twelve() -> None:
    foster = PARENTS | {"foster": Person(relation="foster_parent", authority="delegated")}
    before = MIDNIGHT - timedelta(seconds=1)
    by_foster = facts(grant("foster"), people=foster, child=CHILD)
    assert the_segment(by_foster, at=before).rule == "K1"
    assert the_segment(by_foster, at=MIDNIGHT).rule == "T6"
    by_all = replace(by_foster, consents=(*granted_by_both(), grant("foster")))
    assert the_segment(by_all, at=MIDNIGHT).rule == "K1"


def test_a_child_assessed_incapable_at_twelve_stays_with_its_parents() -> None:
    part = on_twelfth(child=replace(CHILD, capacity="incapable"))
    assert part.rule == "K1"
    assert "reconfirm" not in part.obligations


def test_at_eighteen_every_parental_decision_ends_at_midnight() -> None:
    child = a_child(born=date(2008, 3, 2), capacity="incapable")
    known = facts(*granted_by_both(), child=child)
    assert the_segment(known, at=MIDNIGHT - timedelta(microseconds=1)).rule == "K1"
    assert the_segment(known, at=MIDNIGHT).rule == "T6"
    own = replace(known, consents=(refusal("mother"), grant("child")))
    assert the_segment(own, at=MIDNIGHT).rule == "K1"


@pytest.mark.parametrize(
    ("born", "today", "capable"),
    [
        (date(2014, 3, 3), date(2026, 3, 2), False),
        (date(2014, 3, 2), date(2026, 3, 2), True),
        (date(2012, 2, 29), date(2024, 2, 28), False),
        (date(2012, 2, 29), date(2024, 2, 29), True),
        (date(2026, 3, 2), date(2026, 3, 2), False),
        (date(2026, 3, 3), date(2026, 3, 2), None),
        (date(2030, 1, 1), date(2026, 3, 2), None),
        (None, date(2026, 3, 2), None),
    ],
)
def test_capacity_is_presumed_from_the_twelfth_birthday(
    born: date | None, today: date, capable: bool | None
) -> None:
    assert capacity_of(Child(born=born), today).capable is capable


def test_who_is_born_on_a_leap_day_comes_of_age_on_the_first_of_march() -> None:
    child = Child(born=date(2008, 2, 29))
    assert not capacity_of(child, date(2026, 2, 28)).adult
    assert capacity_of(child, date(2026, 3, 1)).adult


def test_who_is_born_on_a_leap_day_turns_twelve_on_the_first_of_march_of_a_year_without_one() -> (
    None
):
    grants = granted_by_both(since=date(2099, 6, 1), until=date(2100, 6, 1))
    known = facts(*grants, child=a_child(born=date(2088, 2, 29)))
    eve = datetime.fromisoformat("2100-02-28T23:59:59+01:00")
    assert "reconfirm" not in the_segment(known, at=eve).obligations
    on_the_day = the_segment(known, at=eve + timedelta(seconds=1))
    assert (on_the_day.rule, "reconfirm" in on_the_day.obligations) == ("K1", True)
    last = datetime.fromisoformat("2100-03-30T23:59:59+02:00")
    assert the_segment(known, at=last).rule == "K1"
    assert the_segment(known, at=last + timedelta(seconds=1)).rule == "T6"


def test_a_word_nobody_knows_leaves_capacity_unknown() -> None:
    assert capacity_of(a_child(capacity="ripe"), TWELVE).capable is None


def test_what_only_a_delegated_foster_parent_granted_does_not_outlive_twelve() -> None:
    people = {"fp": Person(relation="foster_parent", authority="delegated")}
    known = facts(
        grant("fp"), people=people, child=CHILD, record=a_record(a_segment("diagnosis", id="dx"))
    )
    assert the_segment(known, at=MIDNIGHT - timedelta(seconds=1)).rule == "K1"
    assert the_segment(known, at=MIDNIGHT).rule == "T6"


@pytest.mark.parametrize(
    "no",
    [
        refusal("father", since=date(2026, 2, 1), until=date(2026, 3, 1)),
        refusal("father", since=date(2026, 2, 1), withdrawn=MIDNIGHT),
        refusal("father", effect="object_gdpr", since=date(2026, 2, 1), until=date(2026, 3, 1)),
    ],
)
def test_what_a_no_stopped_on_the_eve_does_not_begin_to_flow_at_twelve(no: Consent) -> None:
    assert on_twelfth(at=MIDNIGHT).rule == "K1"
    assert on_twelfth(extra=(no,), at=MIDNIGHT).rule == "T6"
    assert on_twelfth(extra=(no,), at=MIDNIGHT + timedelta(days=5)).rule == "T6"


def test_beside_an_earlier_grant_one_of_the_birthday_itself_does_not_count() -> None:
    late = grant("father", since=TWELVE)
    part = the_segment(facts(grant("mother"), late, child=CHILD), at=MIDNIGHT)
    assert (part.rule, part.consents) == ("K4", ("grant-mother",))


def test_an_objection_of_the_birthday_ends_what_was_carried_over() -> None:
    objection = refusal("father", effect="object_gdpr", since=TWELVE)
    assert on_twelfth(extra=(objection,)).rule == "T6"


def test_what_the_child_said_that_has_expired_was_not_said() -> None:
    for until, rule in ((date(2026, 3, 1), "K1"), (date(2026, 3, 2), "K3")):
        said = grant("child", "logistics", until=until)
        assert on_twelfth(extra=(said,)).rule == rule
    assert on_twelfth(extra=(grant("child", "logistics", until=None),)).rule == "K3"


def test_a_child_assessed_capable_at_twelve_decides_at_once() -> None:
    assert on_twelfth().rule == "K1"
    assert on_twelfth(child=replace(CHILD, capacity="capable")).rule == "T6"


def test_an_assessment_that_does_not_count_leaves_the_presumption() -> None:
    for born, capacity, presumed in (
        (date(2011, 6, 1), "incapable", True),
        (date(2017, 2, 1), "capable", False),
    ):
        child = a_child(born=born, capacity=capacity)
        assert capacity_of(child, TWELVE).capable is not presumed
        doubts: list[dict[str, Any]] = [
            {"capacity_motivated": False},
            {"capacity_contested": True},
        ]
        for doubt in doubts:
            assert capacity_of(replace(child, **doubt), TWELVE).capable is presumed
