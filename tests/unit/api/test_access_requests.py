"""A question in the words of AuthZEN is read whole, or refused at the place that is wrong."""

from collections.abc import Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from consent.model import Segment
from consent.vocabulary import KNOWN_CLASSES
from gateway.api import access
from gateway.api.access_requests import (
    MOST_ABOUT,
    MOST_EVALUATIONS,
    UNKNOWN,
    Evaluation,
    Evaluations,
    ResourceSearch,
    SubjectSearch,
    alone,
    each_of,
    question_of,
    question_of_all,
    question_to_all,
)
from gateway.api.problems import MOST_PLACES
from gateway.errors import InvalidRequest
from gateway.exchange.legal_routes.answer_access import NOBODY, Question

PATIENT = "0123456789abcdef0123456789abcdef"
SUBJECT = {"type": "service", "id": "caw-voorbeeldregio"}
RESOURCE = {
    "type": "segment",
    "id": "dossier Noor 12",
    "properties": {"patient": PATIENT, "class": "diagnosis"},
}
WHOLE: dict[str, Any] = {
    "subject": SUBJECT,
    "action": {"name": "read"},
    "resource": RESOURCE,
    "context": {"purpose": "care"},
}


def with_properties(**more: Any) -> dict[str, Any]:
    return WHOLE | {"resource": RESOURCE | {"properties": RESOURCE["properties"] | more}}  # type: ignore[operator]  # a builder's freedom


def read(body: Mapping[str, Any]) -> Question:
    return question_of(Evaluation.model_validate(body))


def mistake(body: Mapping[str, Any]) -> str:
    """The place named when this stands alone in a body."""
    with pytest.raises(InvalidRequest) as refused:
        alone(Evaluations.model_validate(body))
    assert refused.value.where is not None
    return refused.value.where


def test_a_whole_question_is_read_and_the_callers_own_name_of_the_part_is_forgotten() -> None:
    question = read(WHOLE)
    assert question == Question(
        recipient="caw-voorbeeldregio",
        patient=PATIENT,
        purpose="care",
        kind="pull",
        segments=(Segment(id="diagnosis", data_class="diagnosis"),),
    )
    assert "Noor" not in repr(question)


@pytest.mark.parametrize(
    ("action", "kind"), [("read", "pull"), ("send", "routed"), ("delete", UNKNOWN)]
)
def test_the_action_says_how_the_part_would_go(action: str, kind: str) -> None:
    assert read(WHOLE | {"action": {"name": action}}).kind == kind


@pytest.mark.parametrize(
    "subject",
    [
        {"type": "person", "id": "caw-voorbeeldregio"},
        {"type": "service", "id": "Noor Peeters"},
        {"type": "service", "id": "caw\x00"},
    ],
)
def test_a_subject_that_no_service_can_be_is_nobody(subject: dict[str, str]) -> None:
    assert read(WHOLE | {"subject": subject}).recipient == NOBODY


def test_another_type_of_resource_asks_about_nothing() -> None:
    question = read(WHOLE | {"resource": {"type": "file", "id": "x", "properties": {"a": 1}}})
    assert (question.segments, question.patient) == ((), "")


def test_everything_that_the_rules_weigh_about_a_part_is_read() -> None:
    flags = {"reporter": True, "reveals_place": True, "compulsory": True, "given_by": "child"}
    (segment,) = read(with_properties(about=["child", "somebody"], **flags)).segments
    assert segment == Segment(
        id="diagnosis",
        data_class="diagnosis",
        about=frozenset({"child", "somebody"}),
        given_by="child",
        reporter=True,
        reveals_place=True,
        compulsory=True,
    )


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (with_properties(reveal_place=True), "body.resource.properties.(unknown)"),
        (with_properties(reporter="no"), "body.resource.properties.reporter"),
        (with_properties(reporter=None), "body.resource.properties.reporter"),
        (with_properties(patient=""), "body.resource.properties.patient"),
        (with_properties(about="child"), "body.resource.properties.about"),
        (with_properties(**{"class": "gossip"}), "body.resource.properties.class"),
        (WHOLE | {"context": {"purpose": "curiosity"}}, "body.context.purpose"),
        (WHOLE | {"context": {}}, "body.context.purpose"),
        (WHOLE | {"action": {}}, "body.action.name"),
        (WHOLE | {"subject": {"type": "service"}}, "body.subject.id"),
        ({}, "body.action, body.context, body.resource, body.subject"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(body: dict[str, Any], where: str) -> None:
    assert mistake(body) == where


def test_what_a_list_does_not_say_is_taken_from_beside_it_and_what_it_says_wins() -> None:
    send = {"action": {"name": "send"}}
    asked = Evaluations.model_validate(WHOLE | {"evaluations": [{}, send]})
    assert each_of(asked) == [read(WHOLE), read(WHOLE | send)]


def test_a_resource_in_a_list_replaces_the_one_beside_it_whole() -> None:
    bare = {"resource": {"type": "segment", "id": "x", "properties": {"class": "medical"}}}
    (found,) = each_of(Evaluations.model_validate(WHOLE | {"evaluations": [bare]}))
    assert isinstance(found, InvalidRequest)
    assert found.where == "evaluations.0.resource.properties.patient"


def test_one_mistake_in_a_list_leaves_the_others_readable() -> None:
    body = WHOLE | {"evaluations": [{}, {"context": {"purpose": "curiosity"}}]}
    good, bad = each_of(Evaluations.model_validate(body))
    assert good == read(WHOLE)
    assert isinstance(bad, InvalidRequest)
    assert bad.where == "evaluations.1.context.purpose"


def test_too_long_a_list_is_refused_with_the_bound() -> None:
    each_of(Evaluations.model_validate({"evaluations": [{}] * MOST_EVALUATIONS}))
    longer = Evaluations.model_validate({"evaluations": [{}] * (MOST_EVALUATIONS + 1)})
    with pytest.raises(InvalidRequest, match="at most 100") as refused:
        each_of(longer)
    assert refused.value.where == "body.evaluations"


@pytest.mark.parametrize(
    ("semantic", "until"),
    [("execute_all", None), ("deny_on_first_deny", False), ("permit_on_first_permit", True)],
)
def test_the_semantic_says_where_a_list_ends(semantic: str, until: bool | None) -> None:
    body = {"options": {"evaluations_semantic": semantic}}
    assert Evaluations.model_validate(body).options.until is until


def test_a_semantic_that_the_standard_does_not_know_is_refused() -> None:
    with pytest.raises(ValidationError):
        Evaluations.model_validate({"options": {"evaluations_semantic": "permit_all"}})


def test_a_search_for_services_needs_no_id_and_a_search_for_classes_asks_for_every_class() -> None:
    subjects = question_to_all(
        SubjectSearch.model_validate(WHOLE | {"subject": {"type": "service"}})
    )
    assert (subjects.recipient, len(subjects.segments)) == (NOBODY, 1)
    properties = {"type": "segment", "properties": {"patient": PATIENT}}
    classes = question_of_all(ResourceSearch.model_validate(WHOLE | {"resource": properties}))
    assert {one.data_class for one in classes.segments} == KNOWN_CLASSES
    assert {one.id for one in classes.segments} == KNOWN_CLASSES


def test_the_api_description_shows_every_endpoint_with_its_bodies() -> None:
    app = FastAPI()
    app.include_router(access.router)
    paths = app.openapi()["paths"]
    posts = {path for path in paths if "post" in paths[path]}
    assert posts == {
        "/access/v1/evaluation",
        "/access/v1/evaluations",
        "/access/v1/search/subject",
        "/access/v1/search/resource",
    }
    for path in posts:
        assert "$ref" in str(paths[path]["post"]["requestBody"])
    assert "get" in paths["/.well-known/authzen-configuration"]


def test_a_mistake_repeats_no_name_that_the_caller_made_up() -> None:
    words = {f"Noor {number}": 1 for number in range(50)}
    assert mistake(with_properties(**words)) == "body.resource.properties.(unknown)"


def test_a_mistake_names_the_first_places_only() -> None:
    about = with_properties(about=list(range(MOST_ABOUT)))
    assert mistake(about).count("about") == MOST_PLACES
