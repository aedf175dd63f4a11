"""A decision point after OpenID AuthZEN, for partners that keep their own records.

The caller is the source; the answer is yes only for a part that may go as it is. Unknown child,
unknown recipient, denied and held are the same answer.
"""

from collections.abc import Mapping
from itertools import takewhile
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from gateway import clock
from gateway.api.access_requests import (
    MOST_BYTES,
    SEGMENT,
    SERVICE,
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
from gateway.api.callers import HubOf, PartnerOf, require_scope
from gateway.api.problems import request_id
from gateway.errors import InvalidRequest
from gateway.exchange.hub import Hub
from gateway.exchange.legal_routes.answer_access import (
    CORE_ONLY,
    Answer,
    Question,
    evaluate,
    search_recipients,
)
from gateway.identity.callers import PartnerCaller

EVALUATION = "/access/v1/evaluation"
EVALUATIONS = "/access/v1/evaluations"
SEARCH_SUBJECT = "/access/v1/search/subject"
SEARCH_RESOURCE = "/access/v1/search/resource"

router = APIRouter(tags=["access"], max_body_size=MOST_BYTES)


class Mistake(BaseModel):
    """What is wrong with one question of a list."""

    status: int
    message: str


class DecisionContext(BaseModel):
    """What a yes obliges to; or, with a no, that less than the whole may go."""

    may_go: str | None = None
    obligations: list[str] | None = None
    error: Mistake | None = None


class Decision(BaseModel):
    """Yes only when the part may go as it is; a bare no has no reason, whatever the cause."""

    decision: bool
    context: DecisionContext | None = None


class Decisions(BaseModel):
    """One decision for each question that was answered, in the same order."""

    evaluations: list[Decision]


class Entity(BaseModel):
    """A service or a part that a search found."""

    type: str
    id: str
    properties: dict[str, Any] | None = None


class Results(BaseModel):
    """What may get or be got; there is no total, and nothing tells of what was left out."""

    results: list[Entity]


async def _caller(request: Request, response: Response, caller: PartnerOf) -> PartnerCaller:
    response.headers.update({"Cache-Control": "no-store", **request_id(request)})
    require_scope(caller, "*", "r")
    return caller


CallerOf = Annotated[PartnerCaller, Depends(_caller)]


@router.post(EVALUATION, summary="May this go?", response_model_exclude_none=True)
def evaluate_one(body: Evaluation, hub: HubOf, caller: CallerOf) -> Decision:
    """Decide on current facts and log; the caller is the source (AuthZEN 1.0, section 6)."""
    return _decision(evaluate(hub, caller, [question_of(body)], at=clock.now())[0])


@router.post(EVALUATIONS, summary="May these go?", response_model_exclude_none=True)
def evaluate_several(body: Evaluations, hub: HubOf, caller: CallerOf) -> Decision | Decisions:
    """Answer several questions; without a list the body is one question (section 7)."""
    if not body.evaluations:
        return _decision(evaluate(hub, caller, [alone(body)], at=clock.now())[0])
    return Decisions(evaluations=_several(hub, caller, body))


@router.post(SEARCH_SUBJECT, summary="Who may get this?", response_model_exclude_none=True)
def search_subject(body: SubjectSearch, hub: HubOf, caller: CallerOf) -> Results:
    """Return the services around the child that may get it as it is (section 8.4)."""
    question, at = question_to_all(body), clock.now()
    if body.subject.type != SERVICE:
        evaluate(hub, caller, [question], at=at)
        return Results(results=[])
    found = search_recipients(hub, caller, question, at=at)
    return Results(results=[Entity(type=SERVICE, id=one) for one in found])


@router.post(SEARCH_RESOURCE, summary="What may it get?", response_model_exclude_none=True)
def search_resource(body: ResourceSearch, hub: HubOf, caller: CallerOf) -> Results:
    """Return the classes that this service may get about this child as they are (section 8.5)."""
    answer = evaluate(hub, caller, [question_of_all(body)], at=clock.now())[0]
    given: Mapping[str, Any] = body.resource.properties
    found = [Entity(type=SEGMENT, id=one, properties={**given, "class": one})
             for one in sorted(answer.whole)]  # fmt: skip
    return Results(results=found)


@router.get("/.well-known/authzen-configuration", summary="AuthZEN metadata")
def configuration(hub: HubOf) -> dict[str, str]:
    """Return where the decision point answers (AuthZEN 1.0, section 9)."""
    issuer = hub.settings.issuer
    return {
        "policy_decision_point": issuer,
        "access_evaluation_endpoint": issuer + EVALUATION,
        "access_evaluations_endpoint": issuer + EVALUATIONS,
        "search_subject_endpoint": issuer + SEARCH_SUBJECT,
        "search_resource_endpoint": issuer + SEARCH_RESOURCE,
    }


def _several(hub: Hub, caller: PartnerCaller, body: Evaluations) -> list[Decision]:
    asked, until = each_of(body), body.options.until
    # A question that cannot be understood is a no: it ends a list that ends at the first no.
    reached = asked if until is not False else [*takewhile(_understood, asked)]
    questions = [one for one in reached if isinstance(one, Question)]
    answers = iter(evaluate(hub, caller, questions, until=until, at=clock.now()))
    given: list[Decision] = []
    for one in asked:
        given.append(_decision(next(answers)) if isinstance(one, Question) else _mistaken(one))
        if given[-1].decision is until:
            break
    return given


def _understood(asked: Question | InvalidRequest) -> bool:
    return isinstance(asked, Question)


def _decision(answer: Answer) -> Decision:
    if not answer.going:
        return Decision(decision=False)
    (one,) = answer.going.values()
    obliged = DecisionContext(obligations=sorted(one.obligations))
    if answer.permitted:
        return Decision(decision=True, context=obliged)
    # Who reads the decision alone must not send more than may go.
    obliged.may_go = "core" if CORE_ONLY in one.obligations else "extract"
    return Decision(decision=False, context=obliged)


def _mistaken(error: InvalidRequest) -> Decision:
    found = Mistake(status=error.status, message=f"{error}: {error.where}")
    return Decision(decision=False, context=DecisionContext(error=found))
