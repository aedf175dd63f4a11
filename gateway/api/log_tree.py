"""The access log's checkpoints and proofs, for partners and auditors; no answer names anybody."""

from base64 import b64encode
from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from gateway import clock
from gateway.api.callers import HubOf, partner_of
from gateway.errors import InvalidRequest, NotAllowed, NotAuthenticated, NotFound
from gateway.exchange.audit.cosign_log import NotTaken, Refused, take_cosignature
from gateway.exchange.audit.prove_log import checkpoint, prove_consistency, prove_inclusion
from gateway.exchange.hub import Hub
from gateway.identity.session import current_auditor, current_person, form_is_ours

# PostgreSQL's bigint ends at 19 digits.
Number: TypeAlias = Annotated[int, Query(ge=0, lt=10**18)]
NOTE: Final = "text/plain; charset=utf-8"
SIZE: Final = "text/x.tlog.size"
MOST_BYTES: Final = 64_000
# C2SP tlog-witness; what is not named there is 403.
STATUS: Final = {
    NotTaken.UNKNOWN_ORIGIN: 404,
    NotTaken.NOT_SIGNED: 403,
    NotTaken.NO_SUCH_SIZE: 409,
    NotTaken.ANOTHER_ROOT: 422,
}
RANGE: Final = "give numbers within the tree of the newest checkpoint"

router = APIRouter(prefix="/log", tags=["log"])


class InclusionOut(BaseModel):
    """An inclusion proof of RFC 9162 section 2.1.3; hashes in base64, the lowest first."""

    leaf_index: int
    tree_size: int
    leaf_hash: str
    inclusion_path: list[str]


class ConsistencyOut(BaseModel):
    """A consistency proof of RFC 9162 section 2.1.4; hashes in base64."""

    first: int
    second: int
    consistency_path: list[str]


@router.get("/checkpoint", summary="The newest checkpoint, with its cosignatures")
def newest(request: Request, hub: HubOf, size: Number | None = None) -> Response:
    """Return a signed note (C2SP tlog-checkpoint): the newest, or the one of a size."""
    _reader(request)
    found = checkpoint(hub, size)
    if found is None:
        raise NotFound
    return Response(found, media_type=NOTE, headers={"Cache-Control": "no-store"})


@router.get("/proof/inclusion", summary="That a leaf is in the tree")
def inclusion(request: Request, hub: HubOf, leaf_index: Number, tree_size: Number) -> InclusionOut:
    """Prove that a leaf is at an index of the tree of a size."""
    _reader(request)
    found = prove_inclusion(hub, leaf_index, tree_size)
    if found is None:
        raise InvalidRequest(RANGE, where="leaf_index")
    return InclusionOut(
        leaf_index=leaf_index,
        tree_size=tree_size,
        leaf_hash=_text(found.leaf_hash),
        inclusion_path=[_text(one) for one in found.path],
    )


@router.get("/proof/consistency", summary="That a tree is the beginning of a later one")
def consistency(request: Request, hub: HubOf, first: Number, second: Number) -> ConsistencyOut:
    """Prove that nothing before the first size was changed until the second."""
    _reader(request)
    found = prove_consistency(hub, first, second)
    if found is None:
        raise InvalidRequest(RANGE, where="first")
    return ConsistencyOut(
        first=first, second=second, consistency_path=[_text(one) for one in found]
    )


@router.post("/cosignatures", summary="Cosign a checkpoint")
async def cosign(
    request: Request, hub: HubOf, x_csrf_token: Annotated[str, Header(alias="X-CSRF-Token")] = ""
) -> Response:
    """Take a checkpoint with the cosignature of a registered witness (C2SP tlog-cosignature).

    404: another log; 403: no good cosignature of a witness of yours; 409: no checkpoint of this
    size, the body is the size of the newest; 422: the hub has another checkpoint of this size.
    """
    partner = _reader(request)
    if partner is None and not form_is_ours(request, x_csrf_token, issuer=hub.settings.issuer):
        raise NotAllowed("send the X-CSRF-Token of this session")
    return await run_in_threadpool(_cosign, hub, partner, await _body(request))


def _cosign(hub: Hub, partner: str | None, written: str) -> Response:
    taken = take_cosignature(hub, written, partner=partner, at=clock.now())
    if isinstance(taken, str):
        return Response(taken, media_type=NOTE)
    if taken.why is NotTaken.NO_SUCH_SIZE:
        return Response(f"{taken.size}\n", STATUS[taken.why], media_type=SIZE)
    raise _problem(taken)


def _problem(refused: Refused) -> InvalidRequest:
    messages = {
        NotTaken.UNKNOWN_ORIGIN: "this is a checkpoint of another log",
        NotTaken.NOT_SIGNED: "it bears no good cosignature of a witness registered for you",
        NotTaken.ANOTHER_ROOT: "the hub signed another checkpoint of this size: keep this one",
    }
    problem = InvalidRequest(messages[refused.why], code=refused.why.value)
    problem.status = STATUS[refused.why]
    return problem


def _reader(request: Request) -> str | None:
    """Return the partner that asks, None for an auditor; 401 or 403 for anybody else."""
    if "authorization" in request.headers:
        return partner_of(request).partner
    if current_auditor(request) is None:
        if current_person(request):
            raise NotAllowed("the log is open to auditors and partners only")
        raise NotAuthenticated
    return None


async def _body(request: Request) -> str:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise InvalidRequest("a checkpoint is shorter than this", where="body")
        parts.append(part)
    try:
        return b"".join(parts).decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest("a checkpoint is UTF-8", where="body") from error


def _text(value: bytes) -> str:
    return b64encode(value).decode()
