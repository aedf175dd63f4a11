"""Recipients tell what they did with their copy after a notice."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway import clock
from gateway.api.callers import HubOf, PartnerOf, require_scope
from gateway.errors import NotFound
from gateway.exchange.families.answer_notice import BASES, answer_notice

MOST_BYTES = 1_000

router = APIRouter(tags=["feed"], max_body_size=MOST_BYTES)


class NoticeAnswer(BaseModel):
    """What became of the copy."""

    model_config = ConfigDict(extra="forbid")

    done: Annotated[
        str, Field(max_length=32, description="`erased`, `kept-by-law` or `nothing-held`.")
    ]
    basis: Annotated[
        str | None,
        Field(max_length=32, description=f"With `kept-by-law`: one of {', '.join(BASES)}."),
    ] = None


@router.post(
    "/notices/{notice}/answer",
    status_code=204,
    summary="Tell what you did with your copy after a notice",
    responses={404: {"description": "No notice of yours has this id."}},
)
def answer(
    notice: Annotated[str, Path(max_length=64)],
    body: NoticeAnswer,
    hub: HubOf,
    caller: PartnerOf,
) -> Response:
    """Keep and log it; family and auditor see it. A later answer replaces an earlier one."""
    require_scope(caller, "*", "r")
    at = clock.now()
    if not answer_notice(hub, caller, notice, done=body.done, basis=body.basis, at=at):
        raise NotFound
    return Response(status_code=204)
