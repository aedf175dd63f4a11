"""A partner asks several questions at once, or who and what it may share."""

from typing import Any

import httpx
import pytest

from tests.integration.api.asking import ABSENT, MANY, Case, case, looks, part, question, service
from tests.support.running_hub import CLB

__all__ = ["case"]


def test_a_list_takes_what_stands_beside_it_and_answers_in_order(case: Case) -> None:
    case.both_give(CLB, ["diagnosis"])
    body = question(case.patient) | {
        "evaluations": [
            {},
            {"resource": part(case.patient, "medical")},
            {"context": {"purpose": "curiosity"}},
            {"action": {"name": "send"}},
        ]
    }
    first, second, third, fourth = case.asks(body, path=MANY).json()["evaluations"]
    assert [one["decision"] for one in (first, second, third, fourth)] == [True, False, False, True]
    assert second == {"decision": False}
    error = third["context"]["error"]
    assert error["status"] == httpx.codes.BAD_REQUEST
    assert "evaluations.2.context.purpose" in error["message"]
    assert [line.outcome for line in case.lines()] == ["permit", "deny", "permit"]


@pytest.mark.parametrize(
    ("semantic", "order", "answered"),
    [
        ("execute_all", "pdp", [True, False, True]),
        ("deny_on_first_deny", "pdp", [True, False]),
        ("deny_on_first_deny", "pep", [True, False]),
        ("permit_on_first_permit", "dpd", [False, True]),
        ("permit_on_first_permit", "epep", [False, True]),
    ],
)
def test_a_list_ends_where_its_semantic_says(
    case: Case, semantic: str, order: str, answered: list[bool]
) -> None:
    case.both_give(CLB, ["diagnosis"])
    each: dict[str, dict[str, Any]] = {
        "p": {},
        "d": {"resource": part(case.patient, "medical")},
        "e": {"action": {}},
    }
    body = question(case.patient) | {
        "evaluations": [each[one] for one in order],
        "options": {"evaluations_semantic": semantic},
    }
    found = case.asks(body, path=MANY).json()["evaluations"]
    assert [one["decision"] for one in found] == answered
    # What was not reached was not decided, and does not stand in the log.
    reached = order[: len(answered)].replace("e", "")
    assert [line.outcome[0] for line in case.lines()] == list(reached)


def test_without_a_list_the_answer_is_that_to_one_question(case: Case) -> None:
    case.both_give(CLB, ["diagnosis"])
    one = case.asks(question(case.patient))
    for body in (question(case.patient), question(case.patient) | {"evaluations": []}):
        assert case.asks(body, path=MANY).content == one.content


def test_a_search_finds_the_services_around_the_child_that_may_get_it(case: Case) -> None:
    body = question(case.patient) | {"subject": {"type": "service"}}
    empty = case.asks(body, path="/access/v1/search/subject")
    absent = case.asks(
        question(ABSENT) | {"subject": {"type": "service"}}, path="/access/v1/search/subject"
    )
    assert looks(empty) == looks(absent)
    assert empty.json() == {"results": []}
    case.both_give(CLB, ["diagnosis"])
    found = case.asks(body, path="/access/v1/search/subject").json()
    assert found == {"results": [service(CLB)]}
    assert [(line.outcome, line.resources) for line in case.lines()] == [
        ("deny", [f"to/{CLB}"]),
        ("permit", [f"to/{CLB}"]),
    ]
    persons = case.asks(body | {"subject": {"type": "person"}}, path="/access/v1/search/subject")
    assert persons.json() == {"results": []}


def test_a_search_finds_the_classes_that_a_service_may_get_and_they_ask_again_as_they_are(
    case: Case,
) -> None:
    search = "/access/v1/search/resource"
    body = question(case.patient) | {
        "resource": {"type": "segment", "properties": {"patient": case.patient}}
    }
    assert case.asks(body, path=search).json() == {"results": []}
    case.both_give(CLB, ["diagnosis", "functional"])
    found = case.asks(body, path=search).json()["results"]
    assert {one["properties"]["class"] for one in found} == {"diagnosis", "functional"}
    assert case.lines()[-1].classes == ["diagnosis", "functional"]
    for one in found:
        assert case.may(resource=one)["decision"] is True
