"""The one state of a decision: what ended it, who gave it, and the birthdays of the child."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from consent.lifecycle import (
    LONGEST,
    LONGEST_SENSITIVE,
    REMINDER,
    Recorded,
    State,
    last_day,
    longest_for,
    state_of,
)
from consent.model import Child
from consent.moments import BRUSSELS

BORN = date(2014, 3, 2)
CHILD = Child(born=BORN)
TEN = datetime(2024, 6, 1, 9, tzinfo=UTC)
TWELVE = datetime(2026, 3, 2, tzinfo=BRUSSELS)
EIGHTEEN = datetime(2032, 3, 2, tzinfo=BRUSSELS)
DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)
GIVEN = Recorded(since=TEN, until=date(2040, 1, 1))


def state(at: datetime = TEN, child: Child = CHILD, **changes: Any) -> State:
    return state_of(replace(GIVEN, **changes), child, at=at)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "active"),
        ({"given": False}, "proposed"),
        ({"given": False, "until": TEN.date() - DAY}, "expired"),
        ({"since": TEN + DAY}, "not_yet"),
        ({"since": TEN.replace(tzinfo=None)}, "not_yet"),
        ({"since": None, "until": None}, "active"),
        ({"until": TEN.date()}, "active"),
        ({"until": TEN.date() - DAY}, "expired"),
        ({"until": TEN.replace(tzinfo=None)}, "expired"),
        ({"withdrawn_at": TEN}, "withdrawn"),
        ({"withdrawn_at": TEN + DAY}, "active"),
        ({"withdrawn_at": TEN.replace(tzinfo=None)}, "withdrawn"),
        ({"superseded_at": TEN}, "superseded"),
        ({"contested_at": TEN}, "contested"),
        ({"contested_at": TEN + DAY}, "active"),
        ({"text_changed": True}, "reconfirm_due"),
        ({"effect": "refuse", "text_changed": True}, "active"),
        ({"effect": "refuse", "contested_at": TEN}, "active"),
    ],
)
def test_a_decision_is_in_one_state(changes: dict[str, Any], expected: str) -> None:
    assert state(**changes) == expected


def test_where_several_states_fit_the_first_of_the_order_counts() -> None:
    everything: dict[str, Any] = {
        "superseded_at": TEN,
        "withdrawn_at": TEN,
        "until": TEN.date() - DAY,
        "given": False,
        "since": TEN + DAY,
        "contested_at": TEN,
        "text_changed": True,
    }
    order = []
    for name in list(everything):
        order.append(state(**everything))
        del everything[name]
    assert [*order, state(**everything)] == [
        "superseded", "withdrawn", "expired", "proposed", "not_yet", "contested", "reconfirm_due",
        "active",
    ]  # fmt: skip


def test_without_a_time_zone_nothing_counts() -> None:
    assert state(at=TEN.replace(tzinfo=None)) == "expired"


@pytest.mark.parametrize("giver", ["parent", "guardian", "foster_parent"])
def test_what_was_given_for_a_child_asks_to_be_confirmed_at_twelve_and_ends_after_thirty_days(
    giver: str,
) -> None:
    assert state(TWELVE - MOMENT, giver=giver) == "active"
    assert state(TWELVE, giver=giver) == "reconfirm_due"
    assert state(TWELVE + 30 * DAY - MOMENT, giver=giver) == "reconfirm_due"
    # In that time summer time begins: thirty days by the calendar, not by the hour.
    assert state(datetime(2026, 4, 1, tzinfo=BRUSSELS), giver=giver) == "expired"


def test_a_childs_own_decision_goes_on_through_its_birthdays() -> None:
    for at in (TWELVE, TWELVE + 60 * DAY, EIGHTEEN, EIGHTEEN + 400 * DAY):
        assert state(at, giver="self") == "active"


@pytest.mark.parametrize("effect", ["grant", "refuse", "exclude", "object", "object_gdpr"])
def test_at_eighteen_everything_parents_decided_has_ended(effect: str) -> None:
    child = replace(CHILD, capacity="incapable")
    assert state(EIGHTEEN - MOMENT, child, effect=effect) == "active"
    assert state(EIGHTEEN, child, effect=effect) == "expired"


def test_an_objection_of_parents_to_a_transfer_stands_beside_a_capable_pupil() -> None:
    assert state(TWELVE + 90 * DAY, effect="object") == "active"
    assert state(TWELVE + 90 * DAY, effect="refuse") == "expired"
    assert state(EIGHTEEN, effect="object") == "expired"


@pytest.mark.parametrize(
    ("at", "capacity", "parents", "own"),
    [
        (TEN, "capable", "expired", "active"),
        (TEN, "presumed", "active", "expired"),
        (TWELVE + DAY, "incapable", "active", "expired"),
        (TWELVE + DAY, "capable", "expired", "active"),
    ],
)
def test_who_does_not_decide_now_has_no_decision_that_counts(
    at: datetime, capacity: str, parents: str, own: str
) -> None:
    child = replace(CHILD, capacity=capacity)
    assert (state(at, child), state(at, child, giver="self")) == (parents, own)


def test_an_assessment_without_reasons_or_contested_leaves_who_decides_as_it_was() -> None:
    for doubt in ({"capacity_motivated": False}, {"capacity_contested": True}):
        child = replace(CHILD, capacity="capable", **doubt)  # type: ignore[arg-type]  # a builder's freedom
        assert state(TEN, child) == "active"


def test_with_an_unknown_birth_date_age_ends_nothing() -> None:
    nobody = Child(born=None)
    assert {state(EIGHTEEN, nobody), state(EIGHTEEN, nobody, giver="self")} == {State.ACTIVE}


def test_the_most_sensitive_classes_run_half_as_long() -> None:
    assert longest_for({"diagnosis", "functional"}) == LONGEST
    for name in ("medical", "diagnostic_report", "concern"):
        assert longest_for({"functional", name}) == LONGEST_SENSITIVE


@pytest.mark.parametrize(
    ("changes", "child", "expected"),
    [
        ({"until": date(2025, 1, 1)}, CHILD, date(2025, 1, 1)),
        ({}, CHILD, date(2026, 3, 31)),
        ({}, replace(CHILD, capacity="incapable"), date(2032, 3, 1)),
        ({"effect": "object", "until": None}, CHILD, date(2032, 3, 1)),
        ({"giver": "self"}, CHILD, date(2040, 1, 1)),
        ({"giver": "self", "until": None}, CHILD, None),
        ({"until": datetime(2025, 1, 1, 23, 30, tzinfo=UTC)}, CHILD, date(2025, 1, 2)),
        ({"until": TEN.replace(tzinfo=None)}, CHILD, date.min),
        ({}, Child(born=None), date(2040, 1, 1)),
    ],
)
def test_the_last_day_is_the_first_of_its_own_and_the_birthdays(
    changes: dict[str, Any], child: Child, expected: date | None
) -> None:
    assert last_day(replace(GIVEN, **changes), child) == expected


def test_the_day_after_the_last_day_it_has_expired() -> None:
    for child in (CHILD, replace(CHILD, capacity="incapable")):
        last = last_day(GIVEN, child)
        assert last is not None
        evening = datetime(last.year, last.month, last.day, 23, 59, tzinfo=BRUSSELS)
        assert state(evening, child) != "expired"
        assert state(evening + timedelta(minutes=1), child) == "expired"


@pytest.mark.parametrize(
    ("data_class", "days"),
    [("diagnosis", 365), ("medical", 183), ("diagnostic_report", 183), ("concern", 183)],
)
def test_a_grant_runs_a_year_and_half_a_year_for_the_most_sensitive(
    data_class: str, days: int
) -> None:
    assert longest_for(["logistics", data_class]) == timedelta(days=days)
    assert longest_for(["logistics"]) == timedelta(days=365)


def test_who_may_end_a_decision_is_told_thirty_days_before() -> None:
    assert timedelta(days=30) == REMINDER


def test_parents_grants_end_thirty_days_from_the_twelfth_birthday() -> None:
    mother = Recorded(giver="mother", until=date(2040, 1, 1))
    assert last_day(mother, CHILD) == date(2026, 3, 31)
    assert last_day(replace(mother, effect="object"), CHILD) == date(2032, 3, 1)
    assert last_day(replace(mother, giver="self"), CHILD) == date(2040, 1, 1)


def test_every_state_has_its_word() -> None:
    assert [one.value for one in State] == [
        "proposed", "active", "withdrawn", "expired", "superseded", "reconfirm_due", "contested",
        "not_yet",
    ]  # fmt: skip


def test_what_nobody_recorded_is_a_grant_of_a_parent_that_runs() -> None:
    assert Recorded() == Recorded(
        effect="grant",
        giver="parent",
        given=True,
        since=None,
        until=None,
        withdrawn_at=None,
        superseded_at=None,
        contested_at=None,
        ended_at=None,
        text_changed=False,
    )
