"""What stands of a statement is the same in whatever order, and however often, it was told."""

import json
from dataclasses import dataclass
from functools import reduce
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Ending
from gateway.fhir.ended import DELETED, ENDING, ERROR, RANKS, SUPERSEDED, WITHDRAWN, ended_form
from gateway.fhir.standing import Amended, Base, Told, order_of, standing

CONDITION = {
    "resourceType": "Condition",
    "id": "c",
    "meta": {"profile": ["https://example.org/p"], "security": []},
    "clinicalStatus": {"coding": [{"code": "active"}]},
    "verificationStatus": {"coding": [{"code": "confirmed"}]},
}


@dataclass(frozen=True)
class Event:
    """One thing a source tells: what it says, an end, or a change of an element."""

    order: str
    kind: str
    value: str

    def on(self, told: Told) -> Told:
        if self.kind == "say":
            return told.with_base(Base(self.order, self.value.encode()))
        if self.kind == "end":
            return told.with_end(self.value, self.order)
        return told.with_amendment(self.kind, Amended(self.order, self.value.encode()))


orders = st.sampled_from(["1", "2", "3", "4"])
events = st.one_of(
    st.builds(Event, orders, st.just("say"), st.sampled_from("abc")),
    st.builds(Event, orders, st.just("end"), st.sampled_from(RANKS)),
    st.builds(Event, orders, st.sampled_from(["code", "onset"]), st.sampled_from("xyz")),
)


def fold(told: list[Event]) -> Told:
    return reduce(lambda known, one: one.on(known), told, Told())


@given(st.lists(events, max_size=12), st.data())
def test_any_order_and_any_repetition_ends_in_the_same(
    told: list[Event], data: st.DataObject
) -> None:
    repeated = told + data.draw(
        st.lists(st.sampled_from(told), max_size=4) if told else st.just([])
    )
    other = data.draw(st.permutations(repeated))
    assert fold(told) == fold(other)
    assert (fold(told).ending, fold(told).changes) == (fold(other).ending, fold(other).changes)


@given(st.lists(events, max_size=12))
def test_what_was_said_after_every_end_stands_and_what_was_not_does_not(told: list[Event]) -> None:
    found = fold(told)
    ends = [one.order for one in told if one.kind == "end"]
    said = [one.order for one in told if one.kind == "say"]
    if not said:
        assert found.base is None
    elif ends and max(ends) >= max(said):
        assert found.ending is not None
    else:
        assert found.ending is None


def test_an_older_word_does_not_undo_a_newer_change_and_a_newer_one_does() -> None:
    change = Event("2", "code", "x")
    for told in permutations([Event("1", "say", "a"), change]):
        assert [value.value for _, value in fold(list(told)).changes] == [b"x"]
    assert fold([change, Event("3", "say", "b")]).changes == ()


def test_an_error_is_not_masked_by_a_later_milder_end() -> None:
    told = [Event("1", "say", "a"), Event("2", "end", ERROR), Event("3", "end", SUPERSEDED)]
    assert fold(told).ending == ERROR


def test_a_change_after_the_end_is_no_part_of_what_ended() -> None:
    told = [Event("1", "say", "a"), Event("2", "end", WITHDRAWN), Event("3", "code", "x")]
    assert fold(told).changes == ()


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (("2024-10-27T02:30:00+02:00", "1"), ("2024-10-27T02:10:00+01:00", "1")),
        (("2024-11-29T17:03:11+01:00", "9"), ("2024-11-29T17:03:11+01:00", "10")),
        (("2024-11-29", ""), ("2024-11-29T00:00:01+01:00", "")),
        (("2024-11-29T23:59:00+01:00", ""), ("2024-11-30", "")),
        (("", ""), ("2017", "")),
        (("2016-05-01", ""), ("2017", "")),
    ],
)
def test_orders_follow_the_clock_and_then_the_version(
    earlier: tuple[str, str], later: tuple[str, str]
) -> None:
    assert order_of(*earlier) < order_of(*later)


def test_one_instant_in_two_zones_is_one_moment() -> None:
    assert order_of("2024-01-01T12:00:00+01:00", "1") == order_of("2024-01-01T11:00:00Z", "01")


def test_every_ending_is_a_code_of_our_code_system() -> None:
    published = json.loads(Path("schemas/fhir/CodeSystem-ending.json").read_bytes())
    assert published["url"] == ENDING
    assert {one["code"] for one in published["concept"]} == set(RANKS)
    assert {one.value for one in Ending} < set(RANKS)


def test_a_condition_entered_in_error_has_no_clinical_status_and_claims_no_profile() -> None:
    wrong = ended_form(CONDITION, ERROR)
    assert "clinicalStatus" not in wrong
    assert wrong["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
    assert "profile" not in wrong["meta"]


@pytest.mark.parametrize("ending", [SUPERSEDED, DELETED, WITHDRAWN])
def test_what_is_merely_over_was_no_error(ending: str) -> None:
    over = ended_form(CONDITION, ending)
    assert over["clinicalStatus"]["coding"][0]["code"] == "inactive"
    assert over["verificationStatus"] == CONDITION["verificationStatus"]
    assert over["meta"]["tag"][0]["code"] == ending


@pytest.mark.parametrize(
    ("kind", "element", "value"),
    [
        ("Observation", "status", "entered-in-error"),
        ("Coverage", "status", "entered-in-error"),
        ("Patient", "active", False),
        ("AllergyIntolerance", "clinicalStatus", None),
    ],
)
def test_each_type_says_an_error_in_its_own_element(kind: str, element: str, value: object) -> None:
    said = {"resourceType": kind, "id": "x", "clinicalStatus": {}, "status": "final"}
    assert ended_form(said, ERROR).get(element) == value


def test_a_change_to_nothing_takes_the_element_away() -> None:
    said = {"resourceType": "Observation", "id": "o", "note": []}
    assert "note" not in standing(said, [("note", None)], None).content


def test_a_path_changes_what_stands_there_and_nothing_beside_it() -> None:
    name = {"family": "Peters", "given": ["Noor"]}
    said = {"resourceType": "Patient", "id": "p", "name": [name]}
    changed = standing(said, [("name.0.family", "Peeters")], None).content
    assert changed["name"] == [{"family": "Peeters", "given": ["Noor"]}]
    assert name["family"] == "Peters"


@pytest.mark.parametrize(
    ("path", "value", "left"),
    [
        ("name.0.family", None, {"resourceType": "Patient"}),
        (
            "name.1.family",
            "X",
            {"resourceType": "Patient", "name": [{"family": "A"}, {"family": "X"}]},
        ),
        ("name.7.family", "X", {"resourceType": "Patient", "name": [{"family": "A"}]}),
        (
            "birthDate",
            "2019",
            {"resourceType": "Patient", "name": [{"family": "A"}], "birthDate": "2019"},
        ),
    ],
)
def test_a_path_makes_and_empties_elements_and_leaves_no_gap(
    path: str, value: object, left: dict[str, object]
) -> None:
    said = {"resourceType": "Patient", "name": [{"family": "A"}]}
    assert standing(said, [(path, value)], None).content == left


@given(st.recursive(st.none() | st.text(), st.lists), st.text(alphabet="ab.01", max_size=8))
def test_no_path_makes_an_exception(node: object, path: str) -> None:
    standing({"resourceType": "Patient", "a": node}, [(path, "x")], None)
