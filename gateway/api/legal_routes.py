"""A holder speaks without consent: a push on a legal route, with a record that says why.

The exceptions of the law belong to the holder who speaks, so nobody can pull with them; a service
that wants to know asks with `/relay-requests`.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import orjson
from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from consent.vocabulary import PURPOSES
from gateway import clock
from gateway.api.callers import HubOf, PartnerOf, require_scope
from gateway.errors import InvalidRequest, NotFound, RefusedContent
from gateway.exchange.grounds.route_record import (
    CONCERN,
    NECESSITY,
    TRANSFER,
    UNANSWERED,
    Missing,
    RouteRecord,
    read_record,
)
from gateway.exchange.hub import Hub
from gateway.exchange.legal_routes.invoke_route import (
    Invocation,
    Invoked,
    KeyReused,
    UnknownRecipient,
    invoke_route,
    refuse_incomplete,
)
from gateway.exchange.legal_routes.own_statements import own_statements
from gateway.exchange.records.receive_record import BAD_KEY, MAX_KEY_CHARACTERS
from gateway.identity.callers import PartnerCaller

MOST_RESOURCES: Final = 200
MOST_BYTES: Final = 256_000
GROUNDS: Final = (NECESSITY, CONCERN, UNANSWERED, TRANSFER)
_NOT_HERE: Final = {
    "statutory": "a legal duty needs a second person who validates it; the hub cannot record that "
    "yet, so send it outside the hub",
    "court_order": "an order needs a second person who validates it; the hub cannot record that "
    "yet, so send it outside the hub",
    "case_conference": "what is said in a case conference is said there; nothing goes by the hub",
    "article_458bis": "a warning to the prosecutor is given in person, outside the hub; write no "
    "content here",
    "vital_emergency": "a doctor pulls what is needed with POST /emergency-access",
}
NOBODY_STOPS_YOU: Final = (
    " The hub does not stop anybody from speaking or calling in person: is a child in danger, "
    "then do that now, and complete the record afterwards."
)

router = APIRouter(prefix="/legal-routes", tags=["legal routes"], max_body_size=MOST_BYTES)

Word = Annotated[str, Field(min_length=1, max_length=256)]


class Speak(BaseModel):
    """What the holder says, to whom, and why it may; `docs/legal-routes.md` lists the record."""

    model_config = ConfigDict(extra="forbid")

    ground: Word
    to: Annotated[Word, Field(description="Id of the service that gets it.")]
    patient: Annotated[Word, Field(description="Your own pseudonym of the child.")]
    resources: Annotated[
        list[Word],
        Field(
            min_length=1,
            max_length=MOST_RESOURCES,
            description="Your own statements, by the ids of `GET /legal-routes/resources`; "
            "nothing else goes.",
        ),
    ]
    purpose: Annotated[
        Word | None, Field(description="`safety`, or `transfer` for a transfer, if left out.")
    ] = None
    record: Annotated[
        dict[str, JsonValue], Field(description="Every part that this ground asks for.")
    ]
    language: Annotated[
        Literal["nl", "fr", "en"], Field(description="Of the reasons in the answer.")
    ] = "nl"
    answers: Annotated[
        Word | None, Field(description="A relayed request that this answers and so closes.")
    ] = None


class SpokenOut(BaseModel):
    """What becomes of one resource."""

    id: str
    state: Annotated[str, Field(description="goes, waits (for the days to object) or stays.")]
    extract: bool
    rule: str
    why: str
    waits_for: str
    obligations: list[str]


class RouteOut(BaseModel):
    """What goes; without a `route` nothing does, and no record was kept."""

    route: str | None
    repeated: bool
    resources: list[SpokenOut]
    ends_at: datetime | None
    review_due_at: datetime | None
    family_told_from: datetime | None


class StatementOut(BaseModel):
    """One of your own statements."""

    id: str
    type: str
    data_class: str
    version: int


class StatementsOut(BaseModel):
    """Your own statements about one child; an unknown child has none."""

    resources: list[StatementOut]


Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=MAX_KEY_CHARACTERS,
        description="A repeat with the same key gets the same answer; other content, 409.",
    ),
]


@router.post(
    "",
    status_code=201,
    summary="Speak without consent, on a legal route",
    responses={
        200: {"description": "A repeat, or nothing goes.", "model": RouteOut},
        404: {"description": "Unknown child, or not your own statements."},
        409: {"description": "This key belongs to other content."},
        422: {"description": "The record misses parts; `where` names every one."},
    },
)
def speak(
    body: Speak, hub: HubOf, caller: PartnerOf, response: Response, idempotency_key: Key = None
) -> RouteOut:
    """Record why, decide for each resource, log, queue what goes, and tell the family in time."""
    require_scope(caller, "*", "c")
    at = clock.now()
    response.headers["Cache-Control"] = "no-store"
    asked = _invocation(hub, caller, body, idempotency_key, at=at)
    answer = invoke_route(hub, caller, asked, at=at)
    if not isinstance(answer, Invoked):
        raise _refusal(answer)
    if answer.repeated or answer.route is None:
        response.status_code = 200
    return RouteOut.model_validate(asdict(answer))


@router.get("/resources", summary="Your own statements about a child")
def own(
    hub: HubOf,
    caller: PartnerOf,
    response: Response,
    patient: Annotated[str, Query(description="Your own pseudonym of the child", max_length=256)],
) -> StatementsOut:
    """Return ids and classes of what you told the hub, to name exactly what you speak of."""
    require_scope(caller, "*", "c")
    response.headers["Cache-Control"] = "no-store"
    found = own_statements(hub, caller, patient, at=clock.now())
    return StatementsOut(resources=[StatementOut.model_validate(asdict(one)) for one in found])


def _invocation(
    hub: Hub, caller: PartnerCaller, body: Speak, key: str | None, *, at: datetime
) -> Invocation:
    purpose = body.purpose or ("transfer" if body.ground == TRANSFER else "safety")
    if purpose not in PURPOSES:
        raise InvalidRequest(f"use one of: {', '.join(sorted(PURPOSES))}", where="body.purpose")
    return Invocation(
        to=body.to,
        patient=body.patient,
        resources=tuple(dict.fromkeys(body.resources)),
        purpose=purpose,
        record=_complete(hub, caller, body, purpose, at=at),
        language=body.language,
        idempotency_key=key,
        said=_canonical(body),
        answers=body.answers,
    )


def _complete(
    hub: Hub, caller: PartnerCaller, body: Speak, purpose: str, *, at: datetime
) -> RouteRecord:
    if body.ground not in GROUNDS:
        known = f"use one of: {', '.join(GROUNDS)}"
        raise InvalidRequest(_NOT_HERE.get(body.ground, known), where="body.ground")
    record = read_record(body.ground, body.record, at=at)
    if isinstance(record, Missing):
        refuse_incomplete(hub, caller, purpose, at=at)
        raise incomplete(record, ground=body.ground)
    return record


def incomplete(record: Missing, *, ground: str) -> RefusedContent:
    """Return the refusal that names every missing part and what to do; never what was written."""
    text = "fill in these parts of the record and send it again; docs/legal-routes.md explains each"
    return RefusedContent(
        text + (f".{NOBODY_STOPS_YOU}" if ground == NECESSITY else ""),
        status=422,
        code="record_incomplete",
        where=", ".join(f"record.{part}" for part in record.parts),
        receipt=None,
    )


def _refusal(answer: object) -> Exception:
    if isinstance(answer, UnknownRecipient):
        return InvalidRequest("name another service that is registered here", where="body.to")
    if isinstance(answer, KeyReused):
        return RefusedContent(
            "this key belongs to something else that you said; use a new key",
            status=409,
            code=BAD_KEY,
            where="Idempotency-Key",
            receipt=None,
        )
    return NotFound()


def _canonical(body: Speak) -> str:
    # The language of the answer is no part of what was said.
    said: dict[str, Any] = body.model_dump(exclude={"language"})
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()
